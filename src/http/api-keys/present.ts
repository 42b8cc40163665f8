import type { z } from "zod";
import type { NewOwnKey } from "../../access/api-keys";
import type { ApiKey } from "../../ledger/core/account/api-keys";
import { isoTime, isoTimeOrNull } from "../../units/duration";
import type { apiKeySchema, keyPageQuery, keyPageSchema } from "./schema";

/** A key that was just made, with the key itself. */
export function newKeyBody({ api_key, key }: NewOwnKey) {
  return { ...apiKeyBody(api_key), key };
}

/** A key of an organization as the API shows it, without its secret. */
function apiKeyBody(key: ApiKey): z.input<typeof apiKeySchema> {
  return {
    id: key.key_id,
    label: key.label,
    scopes: key.scopes,
    created_at: isoTime(key.created_at_ms),
    expires_at: isoTimeOrNull(key.expires_at_ms),
    revoked_at: isoTimeOrNull(key.revoked_at_ms),
    last_used_at: isoTimeOrNull(key.last_used_at_ms),
    made_by: key.made_by ?? null,
  };
}

/** The keys that follow `cursor`, of all of an organization in the order of their ids, which is that of their making. */
export function keyPageBody(
  keys: readonly ApiKey[],
  { limit, cursor = "" }: z.output<typeof keyPageQuery>,
): z.input<typeof keyPageSchema> {
  const rest = keys.filter(({ key_id }) => key_id > cursor);
  const api_keys = rest.slice(0, limit).map(apiKeyBody);
  return { api_keys, next_cursor: rest.length > limit ? (api_keys.at(-1)?.id ?? null) : null };
}
