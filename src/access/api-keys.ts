import { type Bindings, readSettings } from "../env";
import {
  type ApiKey,
  type ExceedsMaker,
  endOfMade,
  excessOfMade,
  type KeyLife,
  type KeyMadeBefore,
  type KeyRefusal,
  MAX_KEYS,
  type OutlivesMaker,
} from "../ledger/core/account/api-keys";
import { type NoSuchOrganization, type TooMany, tooMany } from "../ledger/core/refusals";
import type { Actor } from "../organizations/actor";
import { audited, auditFact } from "../organizations/audit-log";
import { Directory, platformKey } from "../organizations/directory";
import type { OrganizationHandle } from "../organizations/open-organization";
import {
  cannotShow,
  claimObject,
  newRequestRecord,
  type RequestConflict,
} from "../organizations/repeated-requests";
import { insertPlatformKey, type PlatformKeyRow, revokePlatformKey } from "../storage/accounts/platform-keys";
import { openDatabase } from "../storage/database";
import { ADMIN_KEY_DAYS, mintApiKeyAgain } from "../units/api-key-format";
import type { AuditFact } from "../units/audit-fact";
import type { Seed } from "../units/derived-secret";
import { DAY_MS } from "../units/duration";
import { isRefused, type Refusal, refuse } from "../units/refusal";
import type { Repeatable } from "../units/repeatable";

/** Why no key is made. */
export type OwnKeyRefusal =
  | Refusal<"expires_in_the_past">
  | OutlivesMaker
  | ExceedsMaker
  | TooMany
  | NoSuchOrganization
  | KeyRefusal
  | RequestConflict;

type LedgerHandle = Pick<OrganizationHandle, "organization_id" | "ledger">;

interface StatedKey extends Pick<ApiKey, "label" | "scopes" | "expires_at_ms"> {
  /** The key that makes it, or that opened the session in which it is made: the organization's or an operator's. */
  maker_id: string;
}

/** A key that was just made; `key` itself is told only to whoever asked for it. */
export interface NewOwnKey {
  outcome: "made";
  key: string;
  api_key: ApiKey;
}

/**
 * Makes a key of an organization, and audits it. The key itself is in this answer only, and in that of a repeat of `request`
 * within a day, which makes no other.
 */
export async function createOwnKey(
  env: Bindings,
  actor: Actor,
  { organization_id, ledger }: LedgerHandle,
  { request, maker_id, ...asked }: StatedKey & { request: Repeatable | null },
): Promise<NewOwnKey | OwnKeyRefusal> {
  const known = await ledger.ask(async (object) => object.keys(null, request?.request_key));
  if (isRefused(known)) return known;
  if (known.made_before) return keyAgain(env, organization_id, request, known.made_before);
  const record = newRequestRecord(env, "key", request);
  if (asked.expires_at_ms !== null && asked.expires_at_ms <= record.at_ms)
    return refuse("expires_in_the_past", { message: "expires_at lies in the past.", param: "expires_at" });
  // An operator's is not among them: it puts neither an end nor a bound on what it makes.
  const maker = known.keys.find((key) => key.key_id === maker_id);
  const excess = excessOfMade(maker, asked.scopes);
  if (excess) return excess;
  const end = endOfMade(maker, asked.expires_at_ms);
  if (isRefused(end)) return end;
  const stated = { ...asked, expires_at_ms: end.expires_at_ms, made_by: maker?.key_id ?? null };
  // So that nothing is noted in vain. The ledger decides when it comes to it: others may be making keys at the same time.
  if (!known.has_room) return tooMany("keys", MAX_KEYS, " Revoke one first.");
  const minted = await mintOwnKey(env, organization_id, stated, { ...record, key_id: record.object_id });
  if (!minted) throw new Error("A new key could not be derived.");
  const detail = { key_id: record.object_id, ...stated };
  const fact = auditFact(actor, { action: "api_key.create", organization_id, detail });
  const put = await ledger.ask(async (object) => object.addKey(minted.api_key, request && record, fact));
  if (put.outcome === "repeated") return keyAgain(env, organization_id, request, put);
  if (!isRefused(put)) return { outcome: "made", ...minted };
  if (put.code === "exists") throw new Error("Two keys were made under one id.");
  return put;
}

/** The key that a request has made before, as it was shown and as it stands now. */
async function keyAgain(
  env: Bindings,
  organization_id: string,
  asked: Repeatable | null,
  { request, key: api_key }: KeyMadeBefore,
): Promise<NewOwnKey | RequestConflict> {
  if (request.fingerprint !== asked?.fingerprint) return refuse("idempotency_conflict");
  if (!api_key) return cannotShow(request.object_id, "gone");
  const minted = await mintOwnKey(env, organization_id, api_key, { ...request, key_id: api_key.key_id });
  if (!minted) return cannotShow(api_key.key_id, "secret_retired");
  return { outcome: "made", key: minted.key, api_key };
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
  const asked = { action: "api_key.revoke", organization_id, detail: { key_id } } as const;
  return audited(env, actor, asked, (fact) => ledger.ask(async (object) => object.revokeKey(key_id, fact)));
}

/**
 * A key of an organization: `key` is for its people, `api_key` for its ledger. The same seed and id make the same one; null
 * when the secret that it was made under is no longer in use.
 */
export async function mintOwnKey(
  env: Bindings,
  organization_id: string,
  { label, scopes, expires_at_ms, made_by }: Pick<ApiKey, "label" | "scopes" | "expires_at_ms" | "made_by">,
  { key_id, at_ms, ...seed }: Seed & { key_id: string; at_ms: number },
): Promise<{ key: string; api_key: ApiKey } | null> {
  const { key_secrets } = readSettings(env);
  const minted = await mintApiKeyAgain("live", { key_id, organization_id }, key_secrets, seed);
  if (!minted) return null;
  const stated = { label, scopes, expires_at_ms, made_by, secret_version: seed.secret_version };
  const unused = { revoked_at_ms: null, last_used_at_ms: null };
  return {
    key: minted.key,
    api_key: { ...stated, ...unused, key_id, hash: minted.hash, created_at_ms: at_ms },
  };
}

type StatedPlatformKey = Pick<
  PlatformKeyRow,
  "kind" | "label" | "organization_ids" | "scopes" | "rights" | "expires_at_ms"
>;

/** A key of a node or an operator that was just made; `key` itself is told only to whoever asked for it. */
export interface NewPlatformKey {
  outcome: "made";
  key: string;
  row: PlatformKeyRow;
}

/**
 * Makes a key for a telephony node or an operator, and audits it. The key itself is in this answer only, and in that of a
 * repeat of `request` within a day, which makes no other. An operator's key always has an end.
 */
export async function createPlatformKey(
  env: Bindings,
  actor: Actor,
  { request, ...asked }: StatedPlatformKey & { request: Repeatable | null },
): Promise<NewPlatformKey | Refusal<"expires_in_the_past"> | RequestConflict> {
  const claimed = await claimObject(env, "key", request);
  if (isRefused(claimed)) return claimed;
  const { record } = claimed;
  const default_end_ms = asked.kind === "admin" ? record.at_ms + ADMIN_KEY_DAYS * DAY_MS : null;
  const stated = { ...asked, expires_at_ms: asked.expires_at_ms ?? default_end_ms };
  if (stated.expires_at_ms !== null && stated.expires_at_ms <= record.at_ms)
    return refuse("expires_in_the_past", { message: "expires_at lies in the past.", param: "expires_at" });
  const detail = { key_id: record.object_id, ...stated };
  const fact = auditFact(actor, { action: "key.create", organization_id: null, detail });
  return mintPlatformKey(env, stated, record, fact);
}

/**
 * The same for nobody: an installation's first key.
 *
 * @internal exported for tests
 */
export async function mintPlatformKey(
  env: Bindings,
  stated: StatedPlatformKey,
  { object_id: key_id, at_ms, ...seed } = newRequestRecord(env, "key", null),
  fact: AuditFact | null = null,
): Promise<NewPlatformKey | RequestConflict> {
  const ids = { key_id, organization_id: null };
  const minted = await mintApiKeyAgain(stated.kind, ids, readSettings(env).key_secrets, seed);
  if (!minted) return cannotShow(key_id, "secret_retired");
  const { key, hash } = minted;
  const { secret_version } = seed;
  const made = { ...stated, key_id, hash, secret_version, created_at_ms: at_ms };
  const { row, is_new } = await insertPlatformKey(openDatabase(env), made, fact);
  if (row.hash !== hash) throw new Error("Two keys were made under one id.");
  // What is read from D1 may be older than what a revocation has just written to KV.
  if (is_new) await new Directory(env).putPlatformKey(row);
  return { outcome: "made", key, row };
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
