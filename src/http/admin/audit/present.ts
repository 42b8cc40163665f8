import type { AuditRow } from "../../../storage/audit";
import { isoTime } from "../../../units/duration";

export function auditBody({ at_ms, organization_id: _, ...row }: AuditRow) {
  return { ...row, created_at: isoTime(at_ms) };
}
