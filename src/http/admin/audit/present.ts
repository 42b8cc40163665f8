import type { z } from "zod";
import type { AuditFinding } from "../../../admin/verify-audit";
import { detailOf } from "../../../organizations/audit-detail";
import type { AuditRow } from "../../../storage/accounts/audit";
import { isoTime } from "../../../units/duration";
import type { auditRowSchema, auditVerificationSchema } from "./schema";

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

/** What a check of a part of the audit has found, as the API shows it. */
export function auditFindingBody(
  finding: AuditFinding,
): Omit<z.input<typeof auditVerificationSchema>, "next_cursor"> {
  const {
    first_difference,
    seals,
    rows,
    from_ms,
    until_ms,
    late_ids: late_rows,
    signed: signed_seal,
  } = finding;
  return {
    ok: first_difference === null,
    ...(first_difference !== null && { first_difference }),
    ...{ seals, rows, late_rows, signed_seal },
    sealed_from: from_ms === null ? null : isoTime(from_ms),
    sealed_until: until_ms === null ? null : isoTime(until_ms),
  };
}
