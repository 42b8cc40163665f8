import type { AuditRow } from "../../../storage/accounts/audit";
import { isoTime } from "../../../units/duration";

/** A row of the audit as the API shows it; the organization is in the path. */
export function auditBody({ id, key_id, actor_name, action, detail, at_ms }: AuditRow) {
  return { id, key_id, actor_name, action, detail, created_at: isoTime(at_ms) };
}
