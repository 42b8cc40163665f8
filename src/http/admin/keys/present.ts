import type { z } from "zod";
import type { keySecrets } from "../../../admin/key-secrets";
import type { PlatformKeyRow } from "../../../storage/accounts/platform-keys";
import { isoTime, isoTimeOrNull } from "../../../units/duration";
import type { keySecretsSchema, platformKeySchema } from "./schema";

/** What the secrets of KEY_SECRETS are still needed for. */
export function keySecretsBody({
  secrets,
  count,
}: Awaited<ReturnType<typeof keySecrets>>): z.input<typeof keySecretsSchema> {
  return {
    secrets: secrets.map(({ replaced_at_ms, uses, ...secret }) => ({
      ...secret,
      replaced_at: isoTimeOrNull(replaced_at_ms),
      uses: uses.map((use) => ({
        kind: use.kind,
        count: use.uses,
        has_more: use.uses !== null && use.has_more,
        organization_ids: use.uses === null ? [] : use.organization_ids,
        until: isoTimeOrNull(use.until_ms),
      })),
    })),
    counted_at: isoTimeOrNull(count?.began_at_ms ?? null),
    ledgers_not_counted: count?.not_counted ?? null,
  };
}

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
    secret_version: row.secret_version,
  };
}
