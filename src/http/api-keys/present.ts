import type { z } from "zod";
import type { NewOwnKey } from "../../access/api-keys";
import type { ApiKey } from "../../ledger/core/account/api-keys";
import { isoTime, isoTimeOrNull } from "../../units/duration";
import type { AppContext } from "../context";
import { idPlace, pageOf, readCursor } from "../cursor";
import type { apiKeySchema, keyPageSchema } from "./schema";

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
    secret_version: key.secret_version ?? null,
  };
}

/** The page that is asked for, of all keys of an organization in the order of their ids, which is that of their making. */
export async function keyPageBody(
  c: AppContext,
  keys: readonly ApiKey[],
  limit: number,
): Promise<z.input<typeof keyPageSchema>> {
  const after = (await readCursor(c, idPlace)) ?? "";
  const rest = keys.filter(({ key_id }) => key_id > after);
  const { page, next_cursor } = await pageOf(c, rest, limit, ({ key_id }) => key_id);
  return { api_keys: page.map(apiKeyBody), next_cursor };
}
