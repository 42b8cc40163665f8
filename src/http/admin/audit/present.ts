import type { z } from "zod";
import type { AuditRow } from "../../../storage/accounts/audit";
import { isoTime } from "../../../units/duration";
import type { auditRowSchema } from "./schema";

/** A row of the audit as the API shows it. */
export function auditBody(row: AuditRow): z.input<typeof auditRowSchema> {
  const { id, key_id, actor_name, actor_kind, session_id, action, organization_id, detail } = row;
  const { address, country, user_agent, request_id, outcome, code } = row;
  return {
    ...{ id, key_id, actor_name, actor_kind, session_id, action, organization_id, detail },
    ...{ address, country, user_agent, request_id, outcome, code },
    created_at: isoTime(row.at_ms),
  };
}
