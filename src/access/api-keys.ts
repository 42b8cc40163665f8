import { type Bindings, readSettings } from "../env";
import {
  type ApiKey,
  endOfMade,
  type KeyExists,
  type KeyLife,
  type KeyRefusal,
  MAX_KEYS,
  type OutlivesMaker,
} from "../ledger/core/account/api-keys";
import { type NoSuchOrganization, type TooMany, tooMany } from "../ledger/core/refusals";
import type { Actor } from "../organizations/actor";
import { auditFact, recordAudit } from "../organizations/audit-log";
import { Directory, platformKey } from "../organizations/directory";
import type { OrganizationHandle } from "../organizations/open-organization";
import { insertPlatformKey, type PlatformKeyRow, revokePlatformKey } from "../storage/accounts/platform-keys";
import { openDatabase } from "../storage/database";
import { mintApiKey } from "../units/api-key-format";
import { newId } from "../units/id";
import { isRefused, type Refusal, refuse } from "../units/refusal";

/** Why no key is made. */
export type OwnKeyRefusal =
  | Refusal<"expires_in_the_past">
  | OutlivesMaker
  | TooMany
  | NoSuchOrganization
  | KeyRefusal;

type LedgerHandle = Pick<OrganizationHandle, "organization_id" | "ledger">;

interface StatedKey extends Pick<ApiKey, "label" | "scopes" | "expires_at_ms"> {
  /** The key that makes it, or that opened the session in which it is made: the organization's or an operator's. */
  maker_id: string;
}

/** A key that was just made; `key` itself is told only now. */
export interface NewOwnKey {
  outcome: "made";
  key: string;
  api_key: ApiKey;
}

/** Makes a key of an organization, and audits it. The key itself is in this answer only. */
export async function createOwnKey(
  env: Bindings,
  actor: Actor,
  organization: LedgerHandle,
  stated: StatedKey,
): Promise<NewOwnKey | OwnKeyRefusal> {
  const made = await createOwnKeyOnce(env, actor, organization, { ...stated, key_id: newId("key") });
  // The id was chosen here, so that what has it is another key: this one gets the next id.
  if (isRefused(made) && made.code === "exists") return createOwnKey(env, actor, organization, stated);
  return made;
}

/** As `createOwnKey`, under an id of the caller's, by which a repeat makes no other: `exists` when that was made before. */
export async function createOwnKeyOnce(
  env: Bindings,
  actor: Actor,
  { organization_id, ledger }: LedgerHandle,
  { key_id, maker_id, ...asked }: StatedKey & { key_id: string },
): Promise<NewOwnKey | OwnKeyRefusal | KeyExists> {
  const known = await ledger.ask(async (object) => object.keys(null));
  if (isRefused(known)) return known;
  if (known.keys.some((key) => key.key_id === key_id))
    return refuse("exists", { message: "This key was made before." });
  if (asked.expires_at_ms !== null && asked.expires_at_ms <= Date.now())
    return refuse("expires_in_the_past", { message: "expires_at lies in the past.", param: "expires_at" });
  // An operator's is not among them: it puts no end on what it makes.
  const maker = known.keys.find((key) => key.key_id === maker_id);
  const end = endOfMade(maker, asked.expires_at_ms);
  if (isRefused(end)) return end;
  const stated = { ...asked, expires_at_ms: end.expires_at_ms };
  const ids = { key_id, made_by: maker?.key_id ?? null };
  const { key, api_key } = await mintOwnKey(env, organization_id, stated, ids);
  // So that nothing is noted in vain. The ledger decides when it comes to it: others may be making keys at the same time.
  if (!known.has_room) return tooMany("keys", MAX_KEYS, " Revoke one first.");
  const detail = { key_id, ...stated };
  await recordAudit(env, actor, { action: "api_key.create", organization_id, detail });
  const put = await ledger.ask(async (object) => object.addKey(api_key));
  return isRefused(put) ? put : { outcome: "made", key, api_key };
}

/** Revokes a key of an organization at once and for good, and audits it. Refused when the organization has none of that id. */
export async function revokeOwnKey(
  env: Bindings,
  actor: Actor,
  { organization_id, ledger }: LedgerHandle,
  key_id: string,
) {
  const known = await ledger.ask(async (object) => object.key(key_id));
  if (isRefused(known)) return known;
  await recordAudit(env, actor, { action: "api_key.revoke", organization_id, detail: { key_id } });
  return ledger.ask(async (object) => object.revokeKey(key_id));
}

/** A new key of an organization: `key` is for its people and shown once, `api_key` for its ledger. */
export async function mintOwnKey(
  env: Bindings,
  organization_id: string,
  stated: Pick<ApiKey, "label" | "scopes" | "expires_at_ms">,
  { key_id, made_by }: Pick<ApiKey, "key_id" | "made_by"> = { key_id: newId("key"), made_by: null },
): Promise<{ key: string; api_key: ApiKey }> {
  const { key, hash } = await mintApiKey("live", { key_id, organization_id }, readSettings(env).key_secrets);
  const unused = { revoked_at_ms: null, last_used_at_ms: null };
  return { key, api_key: { ...stated, ...unused, key_id, made_by, hash, created_at_ms: Date.now() } };
}

type StatedPlatformKey = Pick<
  PlatformKeyRow,
  "kind" | "label" | "organization_ids" | "scopes" | "expires_at_ms"
>;

/** Makes a key for a telephony node or an operator, and audits it. The key itself is in this answer only. */
export async function createPlatformKey(
  env: Bindings,
  actor: Actor,
  stated: StatedPlatformKey,
): Promise<{ key: string; row: PlatformKeyRow }> {
  await recordAudit(env, actor, { action: "key.create", organization_id: null, detail: stated });
  return mintPlatformKey(env, stated);
}

/**
 * The same for nobody: an installation's first key.
 *
 * @internal exported for tests
 */
export async function mintPlatformKey(
  env: Bindings,
  stated: StatedPlatformKey,
): Promise<{ key: string; row: PlatformKeyRow }> {
  const key_id = newId("key");
  const ids = { key_id, organization_id: null };
  const { key, hash } = await mintApiKey(stated.kind, ids, readSettings(env).key_secrets);
  const row = { ...stated, key_id, hash, created_at_ms: Date.now(), revoked_at_ms: null };
  await insertPlatformKey(openDatabase(env), row);
  await new Directory(env).putPlatformKey(row);
  return { key, row };
}

/**
 * Revokes an edge or admin key everywhere within a minute plus KV's own delay, and audits it. Undefined when there is
 * none: then there is nothing to audit.
 */
export async function revokePlatformKeyEverywhere(
  env: Bindings,
  actor: Actor,
  key_id: string,
): Promise<PlatformKeyRow | undefined> {
  const fact = auditFact(actor, { action: "key.revoke", organization_id: null, detail: { key_id } });
  const row = await revokePlatformKey(openDatabase(env), key_id, fact);
  if (row) await new Directory(env).putPlatformKey(row);
  return row;
}

/**
 * Until when a key opens anything: one of the organization's own, or of the platform when the organization has none of that id.
 * Null when there is none, or it was revoked long ago.
 */
export async function lifeOfKey(
  env: Bindings,
  { ledger }: Pick<OrganizationHandle, "ledger">,
  key_id: string,
): Promise<KeyLife | null> {
  const own = await ledger.ask(async (object) => object.key(key_id));
  return own.outcome === "key" ? own.key : platformKey(env, key_id);
}
