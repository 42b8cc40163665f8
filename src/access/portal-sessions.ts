import { type Bindings, readSettings } from "../env";
import type { Actor } from "../organizations/actor";
import { recordAudit } from "../organizations/audit-log";
import { cannotShow, claimObject, type RequestConflict } from "../organizations/repeated-requests";
import {
  deletePortalSessionsBefore,
  findPortalLink,
  findPortalSession,
  insertPortalSession,
  type NewPortalSession,
  type PortalSessionRow,
  usePortalLink,
} from "../storage/accounts/portal-sessions";
import { openDatabase } from "../storage/database";
import { derivedBytes, type Seed, secretOf } from "../units/derived-secret";
import { sha256Hex, toHex } from "../units/digest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../units/duration";
import { isRefused, type Refusal, refuse } from "../units/refusal";
import type { Repeatable } from "../units/repeatable";
import { isSealed, sealOf } from "../units/seal";

/** What a person may do at the dashboard: `viewer` reads, `billing` also buys and sets, `owner` also holds the keys. */
export const ROLES = ["owner", "billing", "viewer"] as const;
export type Role = (typeof ROLES)[number];

export const LANGUAGES = ["en", "nl", "de"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Pages that a link can lead to, under `/billing`. */
export const PORTAL_PAGES = [
  "overview",
  "credits",
  "usage",
  "ledger",
  "invoices",
  "information",
  "auto-top-up",
  "alerts",
  "webhooks",
  "keys",
  "audit",
] as const;
export type PortalPage = (typeof PORTAL_PAGES)[number];

/** The name of the secret in a link's query string. Logs leave query strings out; paths stand in them. */
export const LINK_PARAMETER = "link";

const LINK_FOR_MS = 5 * MINUTE_MS;
const SESSION_FOR_MS = 8 * HOUR_MS;
const RETAIN_MS = 30 * DAY_MS;
const FORGET_AT_ONCE = 500;
const SECRET_BYTES = 32;
const RANDOM_CHARACTERS = 2 * SECRET_BYTES;

/** Who is to be let in, as the platform says. */
export interface Visitor {
  user_id: string;
  user_name: string;
  role: Role;
  /** Null: as the browser prefers. */
  language: Language | null;
  /** Where "back" leads, and where the person goes when the session has ended. */
  return_url: string | null;
  page: PortalPage;
}

/** A person at the dashboard. */
export type PortalSession = Pick<
  PortalSessionRow,
  "id" | "organization_id" | "key_id" | "user_id" | "user_name" | "role" | "language" | "return_url"
>;

/** Why a link lets nobody in. `return_url` is where to get a new one, when that is known. */
export type LinkRefusal = Refusal<
  "link_unknown" | "link_used" | "link_expired",
  { return_url: string | null }
>;

/**
 * A link that signs one person in, once, within five minutes, and its audit. `secret` is for its address and told only here, and
 * to a repeat of `request` within a day, which makes no other; what is stored is its hash.
 */
export async function createPortalSession(
  env: Bindings,
  actor: Actor,
  organization_id: string,
  { request, ...visitor }: Visitor & { request: Repeatable | null },
): Promise<{ outcome: "made"; id: string; secret: string; expires_at_ms: number } | RequestConflict> {
  const claimed = await claimObject(env, "pse", request);
  if (isRefused(claimed)) return claimed;
  const { object_id: id, at_ms, ...seed } = claimed.record;
  const secret = await linkSecret(env, id, seed);
  if (secret === null) return cannotShow(id, "secret_retired");
  const user = { id: visitor.user_id, name: visitor.user_name };
  const detail = { user, role: visitor.role };
  await recordAudit(env, actor, { action: "portal_session.create", organization_id, detail });
  const row: NewPortalSession = {
    ...visitor,
    id,
    organization_id,
    key_id: actor.id,
    link_hash: await sha256Hex(secret),
    link_expires_at_ms: at_ms + LINK_FOR_MS,
    created_at_ms: at_ms,
  };
  await insertPortalSession(openDatabase(env), row);
  return { outcome: "made", id, secret, expires_at_ms: row.link_expires_at_ms };
}

/** Whether the secret of a link or of a session is one of ours, in force or not. Asks nobody else. */
export function isOurSecret(env: Bindings, of: "link" | "session", secret: string): Promise<boolean> {
  const [random, seal] = [secret.slice(0, RANDOM_CHARACTERS), secret.slice(RANDOM_CHARACTERS)];
  return isSealed(of, random, seal, readSettings(env).key_secrets);
}

/** Uses a link. Answers the secret of the session, which goes into a cookie and nowhere else, and when it ends. */
export async function enterPortal(
  env: Bindings,
  link_secret: string,
): Promise<
  { outcome: "entered"; secret: string; expires_at_ms: number; page: string; id: string } | LinkRefusal
> {
  const db = openDatabase(env);
  const link_hash = await sha256Hex(link_secret);
  const secret = await newSessionSecret(env);
  const now_ms = Date.now();
  const expires_at_ms = now_ms + SESSION_FOR_MS;
  const session = { session_hash: await sha256Hex(secret), session_expires_at_ms: expires_at_ms };
  const used = await usePortalLink(db, link_hash, now_ms, session);
  if (used) return { outcome: "entered", secret, expires_at_ms, page: used.page, id: used.id };
  const known = await findPortalLink(db, link_hash);
  if (!known) return refuse("link_unknown", { return_url: null });
  const code = known.used_at_ms === null ? "link_expired" : "link_used";
  return refuse(code, { return_url: known.return_url });
}

/** Whose session a cookie is; `ended` when it has run out, null when there is none. */
export async function portalSession(
  env: Bindings,
  secret: string,
): Promise<PortalSession | { ended: true; return_url: string | null } | null> {
  const row = await findPortalSession(openDatabase(env), await sha256Hex(secret));
  if (!row) return null;
  if ((row.session_expires_at_ms ?? 0) <= Date.now()) return { ended: true, return_url: row.return_url };
  const { id, organization_id, key_id, user_id, user_name, role, language, return_url } = row;
  return { id, organization_id, key_id, user_id, user_name, role, language, return_url };
}

/** Forgets links and sessions that nobody can use any more. */
export async function forgetOldPortalSessions(env: Bindings): Promise<number> {
  return deletePortalSessionsBefore(openDatabase(env), Date.now() - RETAIN_MS, FORGET_AT_ONCE);
}

async function newSessionSecret(env: Bindings): Promise<string> {
  const random = toHex(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).buffer);
  return random + (await sealOf("session", random, readSettings(env).key_secrets));
}

/** The secret of one link, each time the same; null when what it was made under is no longer in use. */
async function linkSecret(env: Bindings, id: string, seed: Seed): Promise<string | null> {
  const { key_secrets } = readSettings(env);
  const secret = secretOf(seed, key_secrets);
  if (!secret) return null;
  const derived = toHex((await derivedBytes("portal_link", id, seed, secret)).buffer);
  return derived + (await sealOf("link", derived, key_secrets, secret));
}
