import type { AuditRelay } from "../../runtime/audit-outbox";
import type { EventRelay } from "./event-relay";
import type { LedgerMemory } from "./memory";
import type { ProjectionKeeper } from "./projection/keeper";
import type { Projector } from "./projector";
import type { Archiver } from "./retention";
import type { TopUpTrigger } from "./top-up-trigger";

/** What the object works with once it was created. */
export interface Components {
  state: LedgerMemory;
  projector: Projector;
  projection_keeper: ProjectionKeeper;
  event_relay: EventRelay;
  audit_relay: AuditRelay;
  archiver: Archiver;
  top_up_trigger: TopUpTrigger;
}
