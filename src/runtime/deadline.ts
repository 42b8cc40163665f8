import { SECOND_MS } from "../units/duration";

/**
 * The result of `work` when it is there in time, else a rejection with `whenLate`. The work itself goes on: `isLate` says
 * that its result is not awaited any more.
 */
export async function within<Result>(
  deadline_ms: number,
  work: (isLate: () => boolean) => Promise<Result>,
  whenLate: () => Error,
): Promise<Result> {
  let late = false;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const deadline = new Promise<never>((_, reject) => {
    const refuse = () => {
      late = true;
      reject(whenLate());
    };
    timer = setTimeout(refuse, deadline_ms);
  });
  try {
    return await Promise.race([work(() => late), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** How long a reading request waits for another system; then it is answered from what is stored. */
export const READ_PATIENCE_MS = 3 * SECOND_MS;

/** The result of `work` when it is there in time, else `otherwise`. The work itself goes on. */
export async function soonOr<Result>(
  deadline_ms: number,
  work: () => Promise<Result>,
  otherwise: Result,
): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<Result>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), deadline_ms);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits so many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
