import { api } from "./api";
import { auditCopied } from "./audit-copied";
import { adminKey } from "./organizations";

/** A row of the audit as the API shows it. */
export interface AuditedRow {
  id: string;
  action: string;
  key_id: string;
  actor_kind: string | null;
  actor_name: string | null;
  session_id: string | null;
  organization_id: string | null;
  outcome: string | null;
  code: string | null;
  detail: Record<string, unknown>;
  address: string | null;
  request_id: string | null;
}

/** The newest rows of the audit, of one organization or actor or of all. */
export async function auditBy(query: Record<string, string>): Promise<AuditedRow[]> {
  await auditCopied();
  const asked = new URLSearchParams({ limit: "500", ...query });
  const answer = await api("GET", `/api/v1/admin/audit?${asked}`, { key: await adminKey() });
  if (answer.status !== 200) throw new Error(`The audit answered ${answer.status}.`);
  return answer.body.changes;
}
