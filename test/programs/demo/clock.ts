/** What happens within this much simulated time is played at once, as it would be on many nodes. */
const SIMULTANEOUS_MS = 2_000;

interface Sleeper {
  at_ms: number;
  wake: () => void;
}

/** Simulated time: it stands still while anything is being done, and jumps to what comes next when all is done. */
export class SimulatedClock {
  private sleepers: Sleeper[] = [];
  private busy = 0;
  private now_ms = 0;
  private readonly end = Promise.withResolvers<void>();

  /** Plays all that is started, and what that starts, to its end. Throws what the first failure threw. */
  async play(first: () => Promise<void>): Promise<void> {
    this.start(first);
    await this.end.promise;
  }

  /** Begins something that runs beside everything else. */
  start(task: () => Promise<void>): void {
    this.busy += 1;
    task().then(() => this.rest(), this.end.reject);
  }

  /** Returns when the clock has come to (about) this instant. */
  async until(at_ms: number): Promise<void> {
    if (at_ms < this.now_ms + SIMULTANEOUS_MS) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.sleepers.push({ at_ms, wake: resolve });
    this.rest();
    await promise;
  }

  private rest(): void {
    this.busy -= 1;
    if (this.busy > 0) return;
    if (this.sleepers.length === 0) {
      this.end.resolve();
      return;
    }
    this.now_ms = Math.max(this.now_ms, Math.min(...this.sleepers.map(({ at_ms }) => at_ms)));
    const due = this.sleepers.filter(({ at_ms }) => at_ms < this.now_ms + SIMULTANEOUS_MS);
    this.sleepers = this.sleepers.filter((sleeper) => !due.includes(sleeper));
    this.busy = due.length;
    for (const { wake } of due) wake();
  }
}
