import { type Bindings, readSettings } from "../env";
import type { ApiKey } from "../ledger/keys";
import { openDatabase } from "../storage/database";
import { Directory } from "../storage/directory";
import { insertPlatformKey, type PlatformKeyRow, revokePlatformKey } from "../storage/platform-keys";
import { mintApiKey } from "../units/api-key";
import { newId } from "../units/id";

/** A new key of an organization: `key` is for its people and shown once, `api_key` for its ledger. */
export async function mintOwnKey(
  env: Bindings,
  organization_id: string,
  stated: Pick<ApiKey, "label" | "scopes" | "expires_at_ms">,
): Promise<{ key: string; api_key: ApiKey }> {
  const key_id = newId("key");
  const { key, hash } = await mintApiKey("live", { key_id, organization_id }, readSettings(env).key_secrets);
  return { key, api_key: { ...stated, key_id, hash, created_at_ms: Date.now(), revoked_at_ms: null } };
}

/** Makes a key for a telephony node or an operator. The key itself is in this answer only. */
export async function createPlatformKey(
  env: Bindings,
  stated: Pick<PlatformKeyRow, "kind" | "label" | "organization_ids" | "scopes" | "expires_at_ms">,
): Promise<{ key: string; row: PlatformKeyRow }> {
  const key_id = newId("key");
  const ids = { key_id, organization_id: null };
  const { key, hash } = await mintApiKey(stated.kind, ids, readSettings(env).key_secrets);
  const row = { ...stated, key_id, hash, created_at_ms: Date.now(), revoked_at_ms: null };
  await insertPlatformKey(openDatabase(env), row);
  await new Directory(env).putPlatformKey(row);
  return { key, row };
}

/** Revokes an edge or admin key everywhere within a minute plus KV's own delay. Undefined when there is none. */
export async function revokePlatformKeyEverywhere(
  env: Bindings,
  key_id: string,
): Promise<PlatformKeyRow | undefined> {
  const row = await revokePlatformKey(openDatabase(env), key_id, Date.now());
  if (row) await new Directory(env).putPlatformKey(row);
  return row;
}
