import { SECOND_MS } from "../units/duration";

/** What a relay needs of the platform; tests pass their own. */
interface RelayConditions {
  nowMs(): number;
  wait(ms: number): Promise<unknown>;
  /** From 0 to 1. */
  random(): number;
}

export interface RelayOptions {
  /** Passes on all there is. Answers whether it caught up; false or an error: it must be run again. */
  run(): Promise<boolean>;
  /** Logs an error of `run`. */
  logFailure(error: unknown): void;
  /** Sees to it that the object runs the relay again at about this time, in ms since 1970: by its alarm. */
  retryBy(at_ms: number): void;
  /** How long after a first failure that is; doubled with each further one in a row, up to `max_retry_ms`. */
  first_retry_ms: number;
  max_retry_ms: number;
  /** The least time between two runs. After failures it is at least half a second, and doubled with each, up to 5 s. */
  cooldown_ms?: number;
  conditions?: RelayConditions;
}

const FAILURE_COOLDOWN_MS = SECOND_MS / 4;
const MAX_COOLDOWN_MS = 5 * SECOND_MS;

/** After so many failures no delay grows any more; it bounds the power of two. */
const MAX_DOUBLINGS = 10;

const PLATFORM: RelayConditions = {
  nowMs: () => Date.now(),
  wait: (ms) => scheduler.wait(ms),
  random: () => Math.random(),
};

/**
 * Passes on what a Durable Object has written to something outside of it, and tries until it has succeeded. At most one run is
 * under way, the first at once; all who ask during it get the answer of one more, which sees all that was written before it
 * begins. What fails is run again with exponential back-off, at times that differ between objects.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #conditions: RelayConditions;
  /** The run that has not begun: what is written until then will be in it. */
  #next: Promise<boolean> | undefined;
  #last: Promise<boolean> | undefined;
  #is_running = false;
  #failures = 0;
  #rested_at_ms = 0;
  #retry_at_ms = 0;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#conditions = options.conditions ?? PLATFORM;
  }

  /** Runs as soon as the run that is under way, and the cool-down after it, allow. Answers whether it caught up; never throws. */
  run(): Promise<boolean> {
    this.#next ??= this.#runAfter(this.#last);
    this.#last = this.#next;
    return this.#next;
  }

  /** Runs unless a run is under way or the time to try again has not come. Answers as that run does, false without one. */
  async runWhenDue(): Promise<boolean> {
    if (this.#last && (this.#next || this.#is_running)) return this.#last;
    if (this.#conditions.nowMs() >= this.#retry_at_ms) return this.run();
    this.#options.retryBy(this.#retry_at_ms);
    return false;
  }

  /** Forgets earlier failures: what there is to pass on now is something else. */
  reset(): void {
    this.#failures = 0;
    this.#rested_at_ms = 0;
    this.#retry_at_ms = 0;
  }

  async #runAfter(last: Promise<boolean> | undefined): Promise<boolean> {
    await last;
    const { nowMs, wait } = this.#conditions;
    // A clock that is set back must not make the cool-down long.
    const cooldown_ms = Math.min(MAX_COOLDOWN_MS, this.#rested_at_ms - nowMs());
    if (cooldown_ms > 0) await wait(cooldown_ms);
    this.#next = undefined;
    this.#is_running = true;
    const has_caught_up = await this.#attempt();
    this.#is_running = false;
    this.#failures = has_caught_up ? 0 : this.#failures + 1;
    this.#rested_at_ms = nowMs() + this.#cooldownMs();
    this.#retry_at_ms = has_caught_up ? 0 : nowMs() + this.#retryDelayMs();
    if (!has_caught_up) this.#options.retryBy(this.#retry_at_ms);
    return has_caught_up;
  }

  async #attempt(): Promise<boolean> {
    try {
      return await this.#options.run();
    } catch (error) {
      this.#options.logFailure(error);
      return false;
    }
  }

  #cooldownMs(): number {
    const { cooldown_ms = 0 } = this.#options;
    if (this.#failures === 0) return cooldown_ms;
    return Math.min(MAX_COOLDOWN_MS, doubled(Math.max(cooldown_ms, FAILURE_COOLDOWN_MS), this.#failures));
  }

  /** From three quarters to five quarters of the doubled delay. */
  #retryDelayMs(): number {
    const { first_retry_ms, max_retry_ms } = this.#options;
    const delay_ms = Math.min(max_retry_ms, doubled(first_retry_ms, this.#failures - 1));
    return Math.round(delay_ms * (0.75 + this.#conditions.random() / 2));
  }
}

function doubled(ms: number, times: number): number {
  return ms * 2 ** Math.min(times, MAX_DOUBLINGS);
}
