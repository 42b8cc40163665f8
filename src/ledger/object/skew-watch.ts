import { HOUR_MS } from "../../units/duration";
import type { ClockSkew } from "../core/book";

/** A wrong clock shows in every call of its node, so each ledger reports a node once an hour. Kept in memory. */
export class SkewWatch {
  private readonly reported_at_ms = new Map<string | null, number>();

  isUnreported({ edge_key_id }: ClockSkew, now_ms: number): boolean {
    const last_ms = this.reported_at_ms.get(edge_key_id);
    return last_ms === undefined || now_ms - last_ms >= HOUR_MS;
  }

  /** Starts the hour only for a skew that was reported: otherwise a node that is wrong in every call would be reported once, ever. */
  markReported(skew: ClockSkew, now_ms: number): void {
    if (this.isUnreported(skew, now_ms)) this.reported_at_ms.set(skew.edge_key_id, now_ms);
  }
}
