import { and, eq, gt, inArray, isNull, lt } from "drizzle-orm";
import type { Database } from "../database";
import { portal_sessions } from "../schema";

/** A link to the dashboard and the session that it became: hashes, never the secrets themselves. */
export type PortalSessionRow = typeof portal_sessions.$inferSelect;

/** A link before its first use. */
export type NewPortalSession = Omit<
  PortalSessionRow,
  "used_at_ms" | "session_hash" | "session_expires_at_ms"
>;

/** Writes a new link down, unless it was before. */
export async function insertPortalSession(db: Database, row: NewPortalSession): Promise<void> {
  await db.insert(portal_sessions).values(row).onConflictDoNothing({ target: portal_sessions.id });
}

/** Uses a link, once: of any number of uses at the same time one gets the row, the others undefined. */
export async function usePortalLink(
  db: Database,
  link_hash: string,
  now_ms: number,
  session: { session_hash: string; session_expires_at_ms: number },
): Promise<PortalSessionRow | undefined> {
  const [row] = await db
    .update(portal_sessions)
    .set({ used_at_ms: now_ms, ...session })
    .where(
      and(
        eq(portal_sessions.link_hash, link_hash),
        isNull(portal_sessions.used_at_ms),
        gt(portal_sessions.link_expires_at_ms, now_ms),
      ),
    )
    .returning();
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

/** Signs a person out: the cookie finds no session any more. */
export async function endPortalSession(db: Database, id: string): Promise<void> {
  await db.update(portal_sessions).set({ session_hash: null }).where(eq(portal_sessions.id, id));
}

/** Writes down the language that a person has chosen for their session. */
export async function setPortalLanguage(
  db: Database,
  id: string,
  language: PortalSessionRow["language"],
): Promise<void> {
  await db.update(portal_sessions).set({ language }).where(eq(portal_sessions.id, id));
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
