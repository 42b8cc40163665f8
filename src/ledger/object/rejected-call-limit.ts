import { SECOND_MS } from "../../units/duration";

/** Refused requests for a call that are recorded at once, and how long it takes until one more is. */
const BURST = 100;
const REFILL_INTERVAL_MS = 6 * SECOND_MS;

/**
 * Whether another refused request for a call of the organization's own becomes a row. Each is refused alike, but whoever has
 * no credit and asks on must not fill the ledger and the records. Counted in memory: a restart forgives what came before.
 */
export class RejectedCallLimit {
  private tokens = BURST;
  private filled_at_ms = 0;

  hasRoom(now_ms: number): boolean {
    const won = Math.max(0, now_ms - this.filled_at_ms) / REFILL_INTERVAL_MS;
    this.tokens = Math.min(BURST, this.tokens + won);
    this.filled_at_ms = now_ms;
    return this.tokens >= 1;
  }

  count(): void {
    this.tokens -= 1;
  }
}
