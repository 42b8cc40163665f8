import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS, SECOND_MS } from "../../../units/duration";
import { type Refusal, refuse } from "../../../units/refusal";
import type { RequestRecord } from "../../../units/repeatable";
import type { LedgerSettings } from "../settings";

/** What an organization's own key may be used for. */
export type Scope = "read" | "calls" | "keys" | "billing";
/** All scopes, in the order in which they are shown. */
export const SCOPES = ["read", "calls", "keys", "billing"] as const satisfies readonly Scope[];

/** Who asks, as far as the Worker could tell without storage: the object checks the rest in the same hop. */
export interface Caller {
  key_id: string;
  hash: string;
  scope: Scope;
  /** Of the secret in KEY_SECRETS that the key was made under. A Worker of the version before does not say it. */
  secret_version?: string;
}

/** One of the organization's own keys. The secret is never stored: `hash` is its digest. */
export interface ApiKey {
  key_id: string;
  hash: string;
  label: string;
  scopes: Scope[];
  created_at_ms: number;
  expires_at_ms: number | null;
  revoked_at_ms: number | null;
  /** When it was last let in, to the hour; null when it never was. */
  last_used_at_ms: number | null;
  /** The organization's own key that it was made with, also in a session; null of an operator's, and of those from before. */
  made_by: string | null;
  /** Of the secret in KEY_SECRETS that it was made under; null of those from before this was kept, until they are used. */
  secret_version: string | null;
}

/** How many keys were made under one secret; null: that is not known of them. */
export interface KeysOfSecret {
  secret_version: string | null;
  keys: number;
}

/** Since when a key does not open any more, or from when on. */
export type KeyLife = Pick<ApiKey, "revoked_at_ms" | "expires_at_ms">;

/** How many requests the key has left in this minute, for the headers of every answer. */
export interface RateLimit {
  limit: number;
  remaining: number;
  reset_at_ms: number;
}

/** Why the ledger does not let a key in. `rate_limit` comes with those that are counted. */
export type KeyRefusal = Refusal<
  "unauthorized" | "api_key_revoked" | "api_key_expired" | "forbidden" | "rate_limit_exceeded",
  { rate_limit?: RateLimit }
>;

/** The organization never had the key that the request names. */
export type NoSuchKey = Refusal<"no_such_key">;

/** A key of that id is there, and is not this one. */
export type KeyExists = Refusal<"exists">;

/** What a request that is repeated has made. The key is null when it was revoked so long before others that it is forgotten. */
export interface KeyMadeBefore {
  request: RequestRecord;
  key: ApiKey | null;
}

/** The key may make this request, or why not. */
export type Authentication = { outcome: "admitted"; rate_limit: RateLimit; scopes: Scope[] } | KeyRefusal;

/** A key would work longer than the one that it is made with. */
export type OutlivesMaker = Refusal<"outlives_maker">;

/** A key would do more than the one that it is made with. */
export type ExceedsMaker = Refusal<"exceeds_maker">;

/** Keys that an organization has at one time, those included that have expired: no script fills its memory with them. */
export const MAX_KEYS = 100;

/** Keys that were revoked and are still known here: the newest, for a month. Afterwards they are unknown, which opens nothing either. */
export const REVOKED_KNOWN = 100;
export const REVOKED_KNOWN_FOR_MS = 30 * DAY_MS;

/** Rows of revoked keys that stay; who revoked which key stands in the audit for good. */
export const REVOKED_ROWS = 1_000;

/** Requests of all keys of an organization together, as a multiple of one key's. */
const ORGANIZATION_LIMIT_FACTOR = 10;

/** What the requests of all keys together are counted under. */
const ALL_KEYS = "";

/** Uses within it are not written down: a row for each request would cost more than it tells. */
const LAST_USED_RESOLUTION_MS = HOUR_MS;

/**
 * Checks an organization's own keys and counts their requests by the minute. The counts live in memory only: a
 * restart forgives the requests of one minute, which is cheaper than a row written for each request.
 */
export class KeyRing {
  private readonly keys = new Map<string, ApiKey>();
  private readonly counts = new Map<string, { minute: number; requests: number }>();

  /** Takes a key, and lets go of those that were revoked long ago or before many others. */
  put(key: ApiKey, now_ms: number): void {
    this.keys.set(key.key_id, key);
    const revoked = [...this.keys.values()]
      .filter(({ revoked_at_ms }) => revoked_at_ms !== null)
      .sort((a, b) => (b.revoked_at_ms ?? 0) - (a.revoked_at_ms ?? 0));
    for (const [place, { key_id, revoked_at_ms }] of revoked.entries()) {
      if (place < REVOKED_KNOWN && (revoked_at_ms ?? 0) > now_ms - REVOKED_KNOWN_FOR_MS) continue;
      this.keys.delete(key_id);
      this.counts.delete(key_id);
    }
  }

  /** Whether another key may be made. */
  get hasRoom(): boolean {
    const kept = [...this.keys.values()].filter(({ revoked_at_ms }) => revoked_at_ms === null);
    return kept.length < MAX_KEYS;
  }

  list(): ApiKey[] {
    return [...this.keys.values()].sort((a, b) => (a.key_id < b.key_id ? -1 : 1));
  }

  get(key_id: string): ApiKey | undefined {
    return this.keys.get(key_id);
  }

  authenticate(caller: Caller, now_ms: number, settings: LedgerSettings): Authentication {
    const key = this.keys.get(caller.key_id);
    if (!key || key.hash !== caller.hash) return refused("unauthorized", "This API key is not known.");
    const is_void = whyVoid(key, now_ms);
    if (is_void) return is_void;
    const rate_limit = this.countBoth(caller.key_id, now_ms, settings.customer_requests_per_minute);
    if (rate_limit.remaining < 0) {
      const seconds = Math.max(1, Math.ceil((rate_limit.reset_at_ms - now_ms) / SECOND_MS));
      return {
        ...refused("rate_limit_exceeded", `Too many requests. Please retry after ${seconds} seconds.`),
        rate_limit: { ...rate_limit, remaining: 0 },
      };
    }
    if (!key.scopes.includes(caller.scope))
      return { ...refused("forbidden", `This API key lacks the scope ${caller.scope}.`), rate_limit };
    return { outcome: "admitted", rate_limit, scopes: key.scopes };
  }

  /** The key with its use noted, when that is due to be written down, or says what was not known of it. */
  withLastUse({ key_id, secret_version: told }: Caller, now_ms: number): ApiKey | undefined {
    const key = this.keys.get(key_id);
    if (!key) return undefined;
    const is_due = (key.last_used_at_ms ?? Number.NEGATIVE_INFINITY) <= now_ms - LAST_USED_RESOLUTION_MS;
    const secret_version = key.secret_version ?? told ?? null;
    return is_due || secret_version !== key.secret_version
      ? { ...key, last_used_at_ms: now_ms, secret_version }
      : undefined;
  }

  /** How many keys open something, by the secret of KEY_SECRETS that they were made under. */
  countBySecret(now_ms: number): KeysOfSecret[] {
    const in_force = [...this.keys.values()].filter((key) => !whyVoid(key, now_ms));
    const by_secret = Map.groupBy(in_force, ({ secret_version }) => secret_version ?? null);
    return [...by_secret].map(([secret_version, { length: keys }]) => ({ secret_version, keys }));
  }

  /**
   * Counts a request of a key and, unless that key has asked too often by itself, of its organization. Answers the tighter
   * limit: what one key is refused for never uses up what others may ask.
   */
  private countBoth(key_id: string, now_ms: number, limit: number): RateLimit {
    const own = this.count(key_id, now_ms, limit);
    if (own.remaining < 0) return own;
    const all = this.count(ALL_KEYS, now_ms, limit * ORGANIZATION_LIMIT_FACTOR);
    return all.remaining < own.remaining ? all : own;
  }

  private count(key_id: string, now_ms: number, limit: number): RateLimit {
    const minute = Math.floor(now_ms / MINUTE_MS);
    const before = this.counts.get(key_id);
    const requests = before?.minute === minute ? before.requests + 1 : 1;
    this.counts.set(key_id, { minute, requests });
    return { limit, remaining: limit - requests, reset_at_ms: (minute + 1) * MINUTE_MS };
  }
}

/** Why a key opens nothing any more; undefined while it does. */
export function whyVoid({ revoked_at_ms, expires_at_ms }: KeyLife, now_ms: number): KeyRefusal | undefined {
  if (revoked_at_ms !== null) return refused("api_key_revoked", "This API key has been revoked.");
  if (expires_at_ms !== null && expires_at_ms <= now_ms)
    return refused("api_key_expired", "This API key has expired.");
  return undefined;
}

/**
 * When a key ends that is made with another: no later than that one, so that nobody stays longer than they were let in for.
 * Without a maker of the organization's own, or one without an end, as was asked.
 */
export function endOfMade(
  maker: KeyLife | undefined,
  asked_ms: number | null,
): { outcome: "end"; expires_at_ms: number | null } | OutlivesMaker {
  const latest_ms = maker?.expires_at_ms ?? null;
  if (latest_ms === null) return { outcome: "end", expires_at_ms: asked_ms };
  if (asked_ms === null || asked_ms <= latest_ms)
    return { outcome: "end", expires_at_ms: asked_ms ?? latest_ms };
  const message = `expires_at is later than ${isoTime(latest_ms)}, when the key ends that makes this one.`;
  return refuse("outlives_maker", { message, param: "expires_at" });
}

/**
 * What a key may not be given because the key that it is made with may not do it: nobody gives more than they have. Without a
 * maker of the organization's own there is no such bound.
 */
export function excessOfMade(
  maker: Pick<ApiKey, "scopes"> | undefined,
  asked: readonly Scope[],
): ExceedsMaker | undefined {
  const beyond = maker ? asked.filter((scope) => !maker.scopes.includes(scope)) : [];
  if (beyond.length === 0) return undefined;
  const message = `The key that makes this one lacks ${beyond.join(", ")} itself.`;
  return refuse("exceeds_maker", { message, param: "scopes" });
}

/** See `NoSuchKey`. */
export function noSuchKey(): NoSuchKey {
  return refuse("no_such_key", { message: "There is no such API key." });
}

/** See `KeyExists`. */
export function keyExists(): KeyExists {
  return refuse("exists", { message: "A key of this id was made before." });
}

function refused(code: KeyRefusal["code"], message: string): KeyRefusal {
  return refuse(code, { message });
}
