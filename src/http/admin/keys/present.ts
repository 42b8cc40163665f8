import type { z } from "zod";
import type { PlatformKeyRow } from "../../../storage/accounts/platform-keys";
import { isoTime, isoTimeOrNull } from "../../../units/duration";
import type { platformKeySchema } from "./schema";

/** A key of a node or an operator as the API shows it, without its secret. */
export function platformKeyBody(row: PlatformKeyRow): z.input<typeof platformKeySchema> {
  return {
    id: row.key_id,
    kind: row.kind,
    label: row.label,
    organization_ids: row.organization_ids,
    scopes: row.scopes,
    // Those from before there were rights may do all.
    rights: row.kind === "admin" ? (row.rights ?? "all") : null,
    created_at: isoTime(row.created_at_ms),
    expires_at: isoTimeOrNull(row.expires_at_ms),
    revoked_at: isoTimeOrNull(row.revoked_at_ms),
  };
}
