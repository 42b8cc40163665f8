import { and, between, desc, eq, exists, gt, gte, inArray, isNull, lt, ne, sql } from "drizzle-orm";
import type { AuditFact } from "../../units/audit-fact";
import type { Database } from "../database";
import { platform_keys, portal_sessions } from "../schema";
import { auditStatement } from "./audit";
import type { PlatformKeyRow } from "./platform-keys";

type KeyEnd = Pick<PlatformKeyRow, "revoked_at_ms" | "expires_at_ms">;

/** A link to the dashboard and the session that it became: hashes, never the secrets themselves. */
export type PortalSessionRow = typeof portal_sessions.$inferSelect;

/** A link before its first use. */
export type NewPortalSession = Omit<
  PortalSessionRow,
  "used_at_ms" | "session_hash" | "session_expires_at_ms" | "last_seen_at_ms" | "ended_at_ms" | "end_reason"
>;

/** Some of an organization's links and sessions: of one person, between two ids. */
interface SessionsOf {
  organization_id: string;
  user_id: string | null;
  before_id: string | null;
  after_id: string | null;
}

/** Writes a new link down, unless it was before. */
export async function insertPortalSession(
  db: Database,
  row: NewPortalSession,
  fact: AuditFact,
): Promise<void> {
  const is_known = sql`EXISTS (SELECT 1 FROM ${portal_sessions} WHERE id = ${row.id})`;
  await db.batch([
    auditStatement(db, fact, sql`NOT ${is_known}`),
    db.insert(portal_sessions).values(row).onConflictDoNothing({ target: portal_sessions.id }),
  ]);
}

/** Uses a link, once, and writes down who has come in: of any number of uses at the same time one gets the row, the others undefined. */
export async function usePortalLink(
  db: Database,
  link_hash: string,
  session: { session_hash: string; session_expires_at_ms: number },
  fact: AuditFact,
): Promise<PortalSessionRow | undefined> {
  const { session_hash, session_expires_at_ms: end_ms } = session;
  const now_ms = fact.at_ms;
  const used = db
    .select({ id: portal_sessions.id })
    .from(portal_sessions)
    .where(eq(portal_sessions.session_hash, session_hash));
  const update = db
    .update(portal_sessions)
    .set({
      used_at_ms: now_ms,
      last_seen_at_ms: now_ms,
      session_hash,
      // No later than the key that let them in.
      session_expires_at_ms: sql`min(${end_ms}, coalesce(${portal_sessions.key_expires_at_ms}, ${end_ms}))`,
    })
    .where(
      and(
        eq(portal_sessions.link_hash, link_hash),
        isNull(portal_sessions.used_at_ms),
        isNull(portal_sessions.ended_at_ms),
        gt(portal_sessions.link_expires_at_ms, now_ms),
      ),
    )
    .returning();
  const [[row]] = await db.batch([update, auditStatement(db, fact, exists(used))]);
  return row;
}

/** A link by its hash, used and expired or not; undefined: there is none. */
export async function findPortalLink(db: Database, link_hash: string): Promise<PortalSessionRow | undefined> {
  const [row] = await db.select().from(portal_sessions).where(eq(portal_sessions.link_hash, link_hash));
  return row;
}

/** The session of a cookie, ended or not; undefined when there is none or its person has signed out. */
export async function findPortalSession(
  db: Database,
  session_hash: string,
): Promise<PortalSessionRow | undefined> {
  const [row] = await db.select().from(portal_sessions).where(eq(portal_sessions.session_hash, session_hash));
  return row;
}

/** A link or a session of an organization by its id; undefined: it has none of that id. */
export async function findPortalSessionById(
  db: Database,
  organization_id: string,
  id: string,
): Promise<PortalSessionRow | undefined> {
  const is_its = and(eq(portal_sessions.id, id), eq(portal_sessions.organization_id, organization_id));
  const [row] = await db.select().from(portal_sessions).where(is_its);
  return row;
}

/** An organization's links and sessions, the newest first, each with the operator's key that opened it, if that was one. */
export async function listPortalSessions(
  db: Database,
  { organization_id, user_id, before_id, after_id }: SessionsOf,
  limit: number,
): Promise<{ session: PortalSessionRow; operators_key: KeyEnd | null }[]> {
  const { revoked_at_ms, expires_at_ms } = platform_keys;
  return db
    .select({
      session: portal_sessions,
      // The id first: the library takes a row whose first column is null for one that is not there.
      operators_key: { id: platform_keys.key_id, revoked_at_ms, expires_at_ms },
    })
    .from(portal_sessions)
    .leftJoin(platform_keys, eq(platform_keys.key_id, portal_sessions.key_id))
    .where(
      and(
        eq(portal_sessions.organization_id, organization_id),
        user_id === null ? undefined : eq(portal_sessions.user_id, user_id),
        before_id === null ? undefined : lt(portal_sessions.id, before_id),
        after_id === null ? undefined : gte(portal_sessions.id, after_id),
      ),
    )
    .orderBy(desc(portal_sessions.id))
    .limit(limit);
}

/** Notes that a session is in use. */
export async function touchPortalSession(db: Database, id: string, now_ms: number): Promise<void> {
  await db.update(portal_sessions).set({ last_seen_at_ms: now_ms }).where(eq(portal_sessions.id, id));
}

/** Signs a person out, and writes it down: the cookie finds no session any more. */
export async function signOutOfPortal(db: Database, id: string, fact: AuditFact): Promise<void> {
  const goes_on = and(eq(portal_sessions.id, id), isNull(portal_sessions.ended_at_ms));
  const ends_now = db.select({ id: portal_sessions.id }).from(portal_sessions).where(goes_on);
  await db.batch([
    auditStatement(db, fact, exists(ends_now)),
    db.update(portal_sessions).set(endedAt(fact.at_ms, "signed_out")).where(goes_on),
  ]);
}

/**
 * Ends those of one person between two ids, but one if that is said, that have not been ended yet, and writes down who did, if there were any. Answers
 * the ids of those that it has ended.
 */
export async function endPortalSessions(
  db: Database,
  of: { organization_id: string; user_id: string; from_id: string; to_id: string; except_id?: string },
  fact: AuditFact,
): Promise<Set<string>> {
  const go_on = and(
    eq(portal_sessions.organization_id, of.organization_id),
    eq(portal_sessions.user_id, of.user_id),
    between(portal_sessions.id, of.from_id, of.to_id),
    of.except_id === undefined ? undefined : ne(portal_sessions.id, of.except_id),
    isNull(portal_sessions.ended_at_ms),
  );
  const end_now = db.select({ id: portal_sessions.id }).from(portal_sessions).where(go_on);
  const [, ended] = await db.batch([
    auditStatement(db, fact, exists(end_now)),
    db
      .update(portal_sessions)
      .set(endedAt(fact.at_ms, "ended"))
      .where(go_on)
      .returning({ id: portal_sessions.id }),
  ]);
  return new Set(ended.map(({ id }) => id));
}

/** Neither this version nor the one before lets anybody in by it. */
function endedAt(now_ms: number, end_reason: PortalSessionRow["end_reason"]) {
  return {
    ended_at_ms: now_ms,
    end_reason,
    session_hash: null,
    link_expires_at_ms: sql`min(${portal_sessions.link_expires_at_ms}, ${now_ms})`,
  };
}

/** Keeps the language that a person has chosen for their session, and writes it down if it is another one. */
export async function setPortalLanguage(
  db: Database,
  id: string,
  language: PortalSessionRow["language"],
  fact: AuditFact,
): Promise<void> {
  const is_another = and(eq(portal_sessions.id, id), sql`${portal_sessions.language} IS NOT ${language}`);
  const changes = db.select({ id: portal_sessions.id }).from(portal_sessions).where(is_another);
  await db.batch([
    auditStatement(db, fact, exists(changes)),
    db.update(portal_sessions).set({ language }).where(is_another),
  ]);
}

/** Forgets the links and sessions that were made before an instant, at most `limit`; answers how many. */
export async function deletePortalSessionsBefore(
  db: Database,
  before_ms: number,
  limit: number,
): Promise<number> {
  const old = db
    .select({ id: portal_sessions.id })
    .from(portal_sessions)
    .where(lt(portal_sessions.created_at_ms, before_ms))
    .limit(limit);
  const gone = await db
    .delete(portal_sessions)
    .where(inArray(portal_sessions.id, old))
    .returning({ id: portal_sessions.id });
  return gone.length;
}
