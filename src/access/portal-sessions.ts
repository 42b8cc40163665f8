import { type Bindings, readSettings } from "../env";
import { type Actor, type Origin, personIn } from "../organizations/actor";
import { audited, auditFact } from "../organizations/audit-log";
import type { OrganizationHandle } from "../organizations/open-organization";
import { cannotShow, claimObject, type RequestConflict } from "../organizations/repeated-requests";
import {
  deletePortalSessionsBefore,
  findPortalLink,
  findPortalSession,
  insertPortalSession,
  type NewPortalSession,
  type PortalSessionRow,
  setPortalLanguage,
  signOutOfPortal,
  touchPortalSession,
  usePortalLink,
} from "../storage/accounts/portal-sessions";
import { openDatabase } from "../storage/database";
import type { AuditFact } from "../units/audit-fact";
import { derivedBytes, type Seed, secretOf } from "../units/derived-secret";
import { sha256Hex, toHex } from "../units/digest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../units/duration";
import { isRefused, type Refusal, refuse } from "../units/refusal";
import type { Repeatable } from "../units/repeatable";
import { isSealed, sealOf } from "../units/seal";
import { lifeOfKey } from "./api-keys";

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
  "sessions",
  "audit",
] as const;
export type PortalPage = (typeof PORTAL_PAGES)[number];

/** The name of the secret in a link's query string. Logs leave query strings out; paths stand in them. */
export const LINK_PARAMETER = "link";

/** How long a link lets somebody in. */
export const LINK_FOR_MS = 5 * MINUTE_MS;
/** How long a session lasts at most. */
export const SESSION_FOR_MS = 8 * HOUR_MS;
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

interface EnteredPortal {
  outcome: "entered";
  secret: string;
  expires_at_ms: number;
  page: string;
  id: string;
}

/**
 * A link that signs one person in, once, within five minutes, and its audit. `secret` is for its address and told only here, and
 * to a repeat of `request` within a day, which makes no other; what is stored is its hash.
 */
export async function createPortalSession(
  env: Bindings,
  actor: Actor,
  organization: Pick<OrganizationHandle, "organization_id" | "ledger">,
  { request, ...visitor }: Visitor & { request: Repeatable | null },
): Promise<{ outcome: "made"; id: string; secret: string; expires_at_ms: number } | RequestConflict> {
  const { organization_id } = organization;
  const claimed = await claimObject(env, "pse", request);
  if (isRefused(claimed)) return claimed;
  const { object_id: id, at_ms, ...seed } = claimed.record;
  const secret = await linkSecret(env, id, seed);
  if (secret === null) return cannotShow(id, "secret_retired");
  const user = { id: visitor.user_id, name: visitor.user_name };
  const detail = { user, role: visitor.role };
  const fact = auditFact(actor, { action: "portal_session.create", organization_id, detail });
  const key_expires_at_ms = (await lifeOfKey(env, organization, actor.id))?.expires_at_ms ?? null;
  const row: NewPortalSession = {
    ...visitor,
    id,
    organization_id,
    key_id: actor.id,
    key_kind: actor.kind === "organization_key" ? "organization_key" : "admin_key",
    key_expires_at_ms,
    link_hash: await sha256Hex(secret),
    link_expires_at_ms: Math.min(at_ms + LINK_FOR_MS, key_expires_at_ms ?? Number.POSITIVE_INFINITY),
    created_at_ms: at_ms,
  };
  await insertPortalSession(openDatabase(env), row, fact);
  return { outcome: "made", id, secret, expires_at_ms: row.link_expires_at_ms };
}

/** Whether the secret of a link or of a session is one of ours, in force or not. Asks nobody else. */
export function isOurSecret(env: Bindings, of: "link" | "session", secret: string): Promise<boolean> {
  const [random, seal] = [secret.slice(0, RANDOM_CHARACTERS), secret.slice(RANDOM_CHARACTERS)];
  return isSealed(of, random, seal, readSettings(env).key_secrets);
}

/** Uses a link, and audits it. Answers the secret of the session, which goes into a cookie and nowhere else, and when it ends. */
export async function enterPortal(
  env: Bindings,
  origin: Origin,
  link_secret: string,
): Promise<EnteredPortal | LinkRefusal> {
  const link_hash = await sha256Hex(link_secret);
  const link = await findPortalLink(openDatabase(env), link_hash);
  if (!link) return refuse("link_unknown", { return_url: null });
  const { organization_id } = link;
  const asked = { action: "portal_session.sign_in", organization_id, detail: {} } as const;
  return audited(env, personIn(link, origin), asked, (fact) => useLink(env, link_hash, fact));
}

async function useLink(
  env: Bindings,
  link_hash: string,
  fact: AuditFact,
): Promise<EnteredPortal | LinkRefusal> {
  const db = openDatabase(env);
  const secret = await newSessionSecret(env);
  const latest_ms = fact.at_ms + SESSION_FOR_MS;
  const session = { session_hash: await sha256Hex(secret), session_expires_at_ms: latest_ms };
  const used = await usePortalLink(db, link_hash, session, fact);
  if (used) {
    const { id, page, session_expires_at_ms } = used;
    return { outcome: "entered", secret, expires_at_ms: session_expires_at_ms ?? latest_ms, page, id };
  }
  const known = await findPortalLink(db, link_hash);
  if (!known) return refuse("link_unknown", { return_url: null });
  const code = known.used_at_ms === null ? "link_expired" : "link_used";
  return refuse(code, { return_url: known.return_url });
}

/** Signs a person out here and now, whoever else has the cookie, and audits it. */
export async function signOut(env: Bindings, actor: Actor, session: PortalSession): Promise<void> {
  const { id, organization_id } = session;
  const fact = auditFact(actor, { action: "portal_session.sign_out", organization_id, detail: {} });
  await signOutOfPortal(openDatabase(env), id, fact);
}

/** Sets the language of the rest of a session, and audits it. */
export async function chooseLanguage(
  env: Bindings,
  actor: Actor,
  { id, organization_id }: PortalSession,
  language: Language,
): Promise<void> {
  const fact = auditFact(actor, { action: "portal_session.language", organization_id, detail: { language } });
  await setPortalLanguage(openDatabase(env), id, language, fact);
}

/** Whose session a cookie is, also when it has ended by itself; undefined when there is none, or somebody has ended it. */
export async function portalSession(env: Bindings, secret: string): Promise<PortalSessionRow | undefined> {
  return findPortalSession(openDatabase(env), await sha256Hex(secret));
}

/** Notes that a session is in use, once a minute: it ends when that has not happened for a while. */
export async function noteUse(
  env: Bindings,
  { id, last_seen_at_ms }: Pick<PortalSessionRow, "id" | "last_seen_at_ms">,
): Promise<void> {
  const now_ms = Date.now();
  if (last_seen_at_ms === null || last_seen_at_ms <= now_ms - MINUTE_MS)
    await touchPortalSession(openDatabase(env), id, now_ms);
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
