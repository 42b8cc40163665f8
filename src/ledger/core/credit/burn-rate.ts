import { MINUTE_MS } from "../../../units/duration";

/** What was spent longer ago than this says nothing about how fast credit goes now. */
const WINDOW_MINUTES = 5;

/** How much was spent in the last minutes: charges, and what live calls have used. Kept in memory. */
export class BurnRate {
  private readonly spent_micros = new Map<number, number>();

  /** `at_ms` is when it was spent: what is reported long after says nothing about now. */
  record(micros: number, at_ms: number, now_ms: number): void {
    if (micros === 0 || !this.isRecent(at_ms, now_ms)) return;
    const minute = Math.floor(at_ms / MINUTE_MS);
    this.spent_micros.set(minute, (this.spent_micros.get(minute) ?? 0) + micros);
    for (const each of this.spent_micros.keys())
      if (!this.isRecent(each * MINUTE_MS, now_ms)) this.spent_micros.delete(each);
  }

  /** Spends evenly over a time, of which only the last minutes can count. */
  recordSpan(micros: number, from_ms: number, until_ms: number, now_ms: number): void {
    if (until_ms <= from_ms) {
      this.record(micros, until_ms, now_ms);
      return;
    }
    const last_minute = Math.floor(until_ms / MINUTE_MS);
    for (let minute = last_minute - WINDOW_MINUTES + 1; minute <= last_minute; minute++) {
      const part_ms = Math.min(until_ms, (minute + 1) * MINUTE_MS) - Math.max(from_ms, minute * MINUTE_MS);
      if (part_ms > 0)
        this.record(Math.round((micros * part_ms) / (until_ms - from_ms)), minute * MINUTE_MS, now_ms);
    }
  }

  isRecent(at_ms: number, now_ms: number): boolean {
    return Math.floor(at_ms / MINUTE_MS) > Math.floor(now_ms / MINUTE_MS) - WINDOW_MINUTES;
  }

  /** The average of the last minutes, never below 0. */
  microsPerMinute(now_ms: number): number {
    if (this.spent_micros.size === 0) return 0;
    const first = Math.floor(now_ms / MINUTE_MS) - WINDOW_MINUTES;
    let sum = 0;
    for (const [minute, micros] of this.spent_micros) if (minute > first) sum += micros;
    return Math.max(0, Math.round(sum / WINDOW_MINUTES));
  }
}
