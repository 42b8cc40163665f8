import type { z } from "zod";
import { detailOf } from "../../../organizations/audit-detail";
import type { AuditRow } from "../../../storage/accounts/audit";
import { isoTime } from "../../../units/duration";
import type { auditRowSchema } from "./schema";

/** A row of the audit as the API shows it. */
export function auditBody(row: AuditRow): z.input<typeof auditRowSchema> {
  const { id, key_id, actor_name, actor_kind, session_id, action, organization_id } = row;
  const { address, country, user_agent, request_id, outcome, code } = row;
  return {
    ...{ id, key_id, actor_name, actor_kind, session_id, action, organization_id, detail: detailOf(row) },
    ...{ address, country, user_agent, request_id, outcome, code },
    created_at: isoTime(row.at_ms),
  };
}
