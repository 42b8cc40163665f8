import { HOUR_MS } from "../units/duration";
import type { ClockSkew } from "./decision";

/** A wrong clock shows in every call of its node: operators hear of it once an hour from each ledger. Kept in memory. */
export class SkewWatch {
  private readonly told_ms = new Map<string | null, number>();

  isNews({ edge_key_id }: ClockSkew, now_ms: number): boolean {
    const told_ms = this.told_ms.get(edge_key_id);
    return told_ms === undefined || now_ms - told_ms >= HOUR_MS;
  }

  told({ edge_key_id }: ClockSkew, now_ms: number): void {
    this.told_ms.set(edge_key_id, now_ms);
  }
}
