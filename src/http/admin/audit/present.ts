import type { AuditRow } from "../../../storage/accounts/audit";
import { isoTime } from "../../../units/duration";

/** A row of the audit as the API shows it; the organization is in the path. */
export function auditBody({ at_ms, organization_id: _, ...row }: AuditRow) {
  return { ...row, created_at: isoTime(at_ms) };
}
