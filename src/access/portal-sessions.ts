import { type Bindings, readSettings } from "../env";
import type { Actor } from "../organizations/actor";
import { recordAudit } from "../organizations/audit-log";
import type { OrganizationHandle } from "../organizations/open-organization";
import {
  deletePortalSessionsBefore,
  findPortalLink,
  findPortalSession,
  insertPortalSession,
  type NewPortalSession,
  type PortalSessionRow,
  touchPortalSession,
  usePortalLink,
} from "../storage/accounts/portal-sessions";
import { openDatabase } from "../storage/database";
import { sha256Hex, toHex } from "../units/digest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../units/duration";
import { newId } from "../units/id";
import type { Refusal } from "../units/refusal";
import { refuse } from "../units/refusal";
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
 * A link that signs one person in, once, within five minutes, and its audit. `secret` is for its address and told only here;
 * what is stored is its hash.
 */
export async function createPortalSession(
  env: Bindings,
  actor: Actor,
  organization: Pick<OrganizationHandle, "organization_id" | "ledger">,
  visitor: Visitor,
): Promise<{ id: string; secret: string; expires_at_ms: number }> {
  const { organization_id } = organization;
  const user = { id: visitor.user_id, name: visitor.user_name };
  const detail = { user, role: visitor.role };
  await recordAudit(env, actor, { action: "portal_session.create", organization_id, detail });
  const secret = await newSecret(env, "link");
  const now_ms = Date.now();
  const key_expires_at_ms = (await lifeOfKey(env, organization, actor.id))?.expires_at_ms ?? null;
  const row: NewPortalSession = {
    ...visitor,
    id: newId("pse"),
    organization_id,
    key_id: actor.id,
    key_kind: actor.kind === "organization_key" ? "organization_key" : "admin_key",
    key_expires_at_ms,
    link_hash: await sha256Hex(secret),
    link_expires_at_ms: Math.min(now_ms + LINK_FOR_MS, key_expires_at_ms ?? Number.POSITIVE_INFINITY),
    created_at_ms: now_ms,
  };
  await insertPortalSession(openDatabase(env), row);
  return { id: row.id, secret, expires_at_ms: row.link_expires_at_ms };
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
  const secret = await newSecret(env, "session");
  const now_ms = Date.now();
  const latest_ms = now_ms + SESSION_FOR_MS;
  const session = { session_hash: await sha256Hex(secret), session_expires_at_ms: latest_ms };
  const used = await usePortalLink(db, link_hash, now_ms, session);
  if (used) {
    const { id, page, session_expires_at_ms } = used;
    return { outcome: "entered", secret, expires_at_ms: session_expires_at_ms ?? latest_ms, page, id };
  }
  const known = await findPortalLink(db, link_hash);
  if (!known) return refuse("link_unknown", { return_url: null });
  const code = known.used_at_ms === null ? "link_expired" : "link_used";
  return refuse(code, { return_url: known.return_url });
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

async function newSecret(env: Bindings, of: "link" | "session"): Promise<string> {
  const random = toHex(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).buffer);
  return random + (await sealOf(of, random, readSettings(env).key_secrets));
}
