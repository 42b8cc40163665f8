import type { AuditChanges } from "../../runtime/audit-outbox";
import type { Decision } from "../core/book";
import type { EventChanges } from "./event-outbox";
import type { CallChanges, Numbered } from "./ledger-store";
import type { OrganizationChanges } from "./organization-store";

/**
 * Everything that one commit may change. Each field is written by `ObjectStore.apply` and then followed by
 * `LedgerMemory.apply`; nothing else writes.
 */
export interface LedgerChanges extends CallChanges, OrganizationChanges, EventChanges, AuditChanges {}

/** As they are written and followed. */
export type NumberedChanges = Numbered<LedgerChanges>;

/** A decision with what the object adds to its changes. */
export interface LedgerDecision<Answer> extends Decision<Answer> {
  changes?: LedgerChanges;
  more?: LedgerChanges[];
}
