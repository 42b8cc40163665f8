import { vi } from "vitest";
import { Witness } from "./lockstep";
import { type Step, Walk } from "./steps";

/** Every run begins here: in the future, so that the platform's own clock never rings an alarm of the test. */
const START_MS = Date.UTC(2031, 0, 31, 20);

/** A check of everything happens at least this often. */
const VERIFY_EVERY = 200;

/** How many steps may be played again to shorten the trace of a failing run. */
const SHRINK_STEPS = 10_000;

export interface Difference {
  step: number;
  difference: string;
}

export interface Failure extends Difference {
  seed: number;
  trace: Step[];
}

export interface RunOptions {
  /** Whether to look for a shorter trace that fails. */
  shrink?: boolean;
  /** Takes down every kind of answer that was met, as `renew: stale_request`. */
  heard?: Set<string>;
}

/** Plays `steps` random steps of one seed on a new ledger. Answers null when everything was as the model says. */
export async function runProperty(
  seed: number,
  steps: number,
  options: RunOptions = {},
): Promise<Failure | null> {
  vi.setSystemTime(START_MS);
  const witness = await Witness.open(options.heard);
  const walk = new Walk(seed, witness.model);
  const trace = walk.opening();
  const stepAt = (at: number): Step | undefined => {
    if (at >= steps) return at === steps ? { do: "verify" } : undefined;
    if (at >= trace.length) trace.push(at % VERIFY_EVERY === 0 ? { do: "verify" } : walk.next(Date.now()));
    return trace[at];
  };
  const failed = await play(witness, stepAt);
  if (!failed) return null;
  const failure = { seed, ...failed, trace: trace.slice(0, failed.step + 1) };
  return options.shrink === false ? failure : shrunk(failure);
}

/** Plays a trace again on a new ledger; the way to look at a failure that a run has printed. */
export async function replay(trace: readonly Step[]): Promise<Difference | null> {
  vi.setSystemTime(START_MS);
  return play(await Witness.open(), (at) => (at === trace.length ? { do: "verify" } : trace[at]));
}

/** Takes steps until one of them shows a difference or there are none left. */
async function play(witness: Witness, stepAt: (at: number) => Step | undefined): Promise<Difference | null> {
  let at = 0;
  const takeWhile = async (wanted: (step: Step) => boolean): Promise<string | null> => {
    for (let step = stepAt(at); step && wanted(step); step = stepAt(at)) {
      const difference = await witness.take(step);
      if (difference) return difference;
      at += 1;
    }
    return null;
  };
  try {
    while (stepAt(at)) {
      const difference =
        (await witness.subject.visit(() => takeWhile(isInside))) ??
        (await takeWhile((step) => !isInside(step)));
      if (difference) return { step: at, difference };
    }
    return null;
  } catch (error) {
    return { step: at, difference: `thrown: ${error instanceof Error ? error.stack : String(error)}` };
  }
}

/** Whether a step can be taken without leaving the object. */
function isInside(step: Step): boolean {
  if (step.do === "operate" || step.do === "post") return step.delivery === "inside";
  return step.do === "pass" || step.do === "alarm";
}

/** Leaves out steps and commands, in ever smaller portions, as long as what remains still fails. */
async function shrunk(failure: Failure): Promise<Failure> {
  let best = failure;
  let played = 0;
  const attemptWithout = async (shorter: Step[]) => {
    const again = await replay(shorter);
    played += again?.step ?? shorter.length;
    if (again) best = { ...failure, ...again, trace: shorter.slice(0, again.step + 1) };
  };
  for (let portion = Math.ceil(best.trace.length / 2); portion >= 1; portion = Math.floor(portion / 2)) {
    for (let from = best.trace.length - 1; from > -portion && played < SHRINK_STEPS; from -= portion)
      await attemptWithout(best.trace.filter((_, at) => at < from || at >= from + portion));
  }
  for (let at = best.trace.length - 1; at >= 0; at--) {
    for (let command = commandsOf(best.trace[at]) - 1; command >= 0 && played < SHRINK_STEPS; command--)
      await attemptWithout(best.trace.map((step, place) => (place === at ? without(step, command) : step)));
  }
  return best;
}

function commandsOf(step: Step | undefined): number {
  return step?.do === "operate" && step.commands.length > 1 ? step.commands.length : 0;
}

function without(step: Step, command: number): Step {
  if (step.do !== "operate") return step;
  return { ...step, commands: step.commands.filter((_, at) => at !== command) };
}

/** What a failing test prints: enough to play it again. */
export function report(failure: Failure): string {
  return [
    `seed ${failure.seed}, step ${failure.step}: ${failure.difference}`,
    "To play it again put this into REPLAY of test/ledger/property/property.test.ts:",
    JSON.stringify(failure.trace),
  ].join("\n");
}
