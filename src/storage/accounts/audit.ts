import { and, desc, eq, getTableColumns, lt, type SQL, sql } from "drizzle-orm";
import type { AuditFact } from "../../units/audit-fact";
import type { Database } from "../database";
import { audit } from "../schema";

/** One action of a person or a key, as it stands in `audit`. Never changed, never deleted. */
export type AuditRow = typeof audit.$inferSelect;

/** Which rows of the audit are asked for, the newest first; `of` null: all of them. */
export interface AuditPage {
  of: { organization_id: string } | { actor_id: string } | null;
  before_id: string | null;
  limit: number;
}

/**
 * The statement that writes a row, for the batch that makes the change which the row is about: both are written, or neither.
 * `condition` says, by what the batch has written so far, that there was a change. The same row again changes nothing, and null writes none.
 */
export function auditStatement(db: Database, fact: AuditFact | null, condition: SQL = sql`true`) {
  const columns = Object.keys(getTableColumns(audit)).map((name) => sql.raw(`fact.value ->> '$.${name}'`));
  const facts = sql`json_each(${JSON.stringify(fact ? [fact] : [])}) AS fact`;
  return db
    .insert(audit)
    .select(sql`SELECT ${sql.join(columns, sql`, `)} FROM ${facts} WHERE ${condition}`)
    .onConflictDoNothing();
}

/** Appends a row of something that has no transaction of its own here. */
export async function insertAudit(db: Database, fact: AuditFact): Promise<void> {
  await auditStatement(db, fact);
}

/** Appends a row unless its bucket has `most` of them already; answers whether it has written it. */
export async function insertBoundedAudit(
  db: Database,
  fact: AuditFact & { bucket: string },
  most: number,
): Promise<boolean> {
  const has_room = sql`(SELECT count(*) FROM (SELECT 1 FROM ${audit} WHERE ${audit.bucket} = ${fact.bucket} LIMIT ${most})) < ${most}`;
  const written = await auditStatement(db, fact, has_room).returning({ id: audit.id });
  return written.length > 0;
}

/** What was asked for, the newest first (ids sort by time). */
export async function listAudit(db: Database, { of, before_id, limit }: AuditPage): Promise<AuditRow[]> {
  const is_asked_for =
    of &&
    ("organization_id" in of ? eq(audit.organization_id, of.organization_id) : eq(audit.key_id, of.actor_id));
  return db
    .select()
    .from(audit)
    .where(and(is_asked_for ?? undefined, before_id === null ? undefined : lt(audit.id, before_id)))
    .orderBy(desc(audit.id))
    .limit(limit);
}
