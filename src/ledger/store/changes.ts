import type { Decision } from "../core/book";
import type { EventChanges } from "./event-outbox";
import type { CallChanges, Placed } from "./ledger-store";
import type { OrganizationChanges } from "./organization-store";

/**
 * Everything that one commit may change. Each field is written by `ObjectStore.apply` and then followed by
 * `LedgerMemory.apply`; nothing else writes.
 */
export interface LedgerChanges extends CallChanges, OrganizationChanges, EventChanges {}

/** As they are written and followed. */
export type PlacedChanges = Placed<LedgerChanges>;

/** A decision with what the object adds to its changes. */
export interface LedgerDecision<Answer> extends Decision<Answer> {
  changes?: LedgerChanges;
  more?: LedgerChanges[];
}
