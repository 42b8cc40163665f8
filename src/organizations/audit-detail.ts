import type { AuditRow } from "../storage/accounts/audit";
import { hostOnly } from "../units/public-url";

/**
 * What a row says of what was asked for. Of an endpoint's address the host alone: rows from before that was so have all of it,
 * and what follows the host may be a secret.
 */
export function detailOf({ action, detail }: Pick<AuditRow, "action" | "detail">): AuditRow["detail"] {
  const { url } = detail;
  const has_address = action.startsWith("webhook_endpoint.") && typeof url === "string" && URL.canParse(url);
  return has_address ? { ...detail, url: hostOnly(url) } : detail;
}
