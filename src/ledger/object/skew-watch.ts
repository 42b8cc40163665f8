import { HOUR_MS } from "../../units/duration";
import type { ClockSkew } from "../core/book";

/** A wrong clock shows in every call of its node: operators hear of it once an hour from each ledger. Kept in memory. */
export class SkewWatch {
  private readonly told_ms = new Map<string | null, number>();

  isNews({ edge_key_id }: ClockSkew, now_ms: number): boolean {
    const told_ms = this.told_ms.get(edge_key_id);
    return told_ms === undefined || now_ms - told_ms >= HOUR_MS;
  }

  /** One that is no news was not told: else whoever is wrong in every call would be told of once and never again. */
  told(skew: ClockSkew, now_ms: number): void {
    if (this.isNews(skew, now_ms)) this.told_ms.set(skew.edge_key_id, now_ms);
  }
}
