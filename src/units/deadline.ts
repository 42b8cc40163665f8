/**
 * What `work` comes to when that is there in time, else a rejection with `whenLate`. The work itself goes on: `isLate` tells
 * it that nobody waits any more.
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
