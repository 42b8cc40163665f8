import { AuditOutbox } from "../../runtime/audit-outbox";
import type { NumberedChanges } from "./changes";
import { EventOutbox } from "./event-outbox";
import { LedgerStore } from "./ledger-store";
import { OrganizationStore } from "./organization-store";

/** All rows of the object. `apply` is the only way to write one, and only the object's commit calls it. */
export class ObjectStore {
  readonly ledger: LedgerStore;
  readonly organization: OrganizationStore;
  readonly outbox: EventOutbox;
  readonly audit: AuditOutbox;

  constructor(sql: SqlStorage) {
    this.ledger = new LedgerStore(sql);
    this.organization = new OrganizationStore(sql);
    this.outbox = new EventOutbox(sql);
    this.audit = new AuditOutbox(sql);
  }

  /** Writes the rows of one decision. Call it inside a transaction: what it throws must undo all of it. */
  apply(changes: NumberedChanges): void {
    this.ledger.apply(changes);
    this.organization.apply(changes);
    this.outbox.apply(changes);
    this.audit.apply(changes);
  }
}
