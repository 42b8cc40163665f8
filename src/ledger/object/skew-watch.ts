import { HOUR_MS } from "../../units/duration";
import type { ClockSkew } from "../core/book";

/** A wrong clock shows in every call of its node: operators hear of it once an hour from each ledger. Kept in memory. */
export class SkewWatch {
  private readonly reported_at_ms = new Map<string | null, number>();

  isUnreported({ edge_key_id }: ClockSkew, now_ms: number): boolean {
    const told_ms = this.reported_at_ms.get(edge_key_id);
    return told_ms === undefined || now_ms - told_ms >= HOUR_MS;
  }

  /** One that is no news was not told: else whoever is wrong in every call would be told of once and never again. */
  markReported(skew: ClockSkew, now_ms: number): void {
    if (this.isUnreported(skew, now_ms)) this.reported_at_ms.set(skew.edge_key_id, now_ms);
  }
}
