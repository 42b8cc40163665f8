import { HOUR_MS } from "../../../units/duration";
import type { LedgerMemory } from "../memory";
import type { Projector } from "../projector";

/** What the projection is compared with and made anew from, and where it stands. */
export interface ProjectionContext {
  state: LedgerMemory;
  projector: Projector;
  d1: D1Database;
}

/** From when on the ledger has every call: one that has left it began before. */
export function keptFromMs({ archived_until_ms }: Pick<LedgerMemory, "archived_until_ms">): number {
  return archived_until_ms === null ? 0 : archived_until_ms + 1;
}

/** The first hour of which the ledger has every call. */
export function keptFromHourMs(state: Pick<LedgerMemory, "archived_until_ms">): number {
  return Math.ceil(keptFromMs(state) / HOUR_MS) * HOUR_MS;
}
