import { and, asc, desc, eq, gt, gte, isNotNull, isNull, lt, lte, type SQL, sql } from "drizzle-orm";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Database } from "../database";
import { audit } from "../schema";
import type { AuditRow } from "./audit";

const audit_seals = sqliteTable("audit_seals", {
  seq: integer().primaryKey(),
  previous: text(),
  at_ms: integer().notNull(),
  leaves: text({ mode: "json" }).$type<AuditLeaf[]>().notNull(),
  digest: text().notNull(),
  key_version: text(),
  signed_at_ms: integer(),
  signature: text(),
  told_at_ms: integer(),
});

/** The id of a row and its digest. */
export type AuditLeaf = [id: string, digest: string];

/** What rows of the audit had come to, over the seal before. */
export type AuditSealRow = typeof audit_seals.$inferSelect;

/** A seal that has left, signed. */
export type SignedSealRow = AuditSealRow & { key_version: string; signature: string };

/** Rows that no seal has, in the order of their ids. */
export async function unsealedRows(db: Database, limit: number): Promise<AuditRow[]> {
  return db.select().from(audit).where(isNull(audit.seal)).orderBy(asc(audit.id)).limit(limit);
}

/** The newest seal; undefined: there is none yet. */
export async function lastSeal(db: Database): Promise<AuditSealRow | undefined> {
  return db.select().from(audit_seals).orderBy(desc(audit_seals.seq)).limit(1).get();
}

/** Writes a seal, and in its rows that they have it. Of two that are made at the same time one is written. */
export async function putSeal(
  db: Database,
  seal: Pick<AuditSealRow, "seq" | "previous" | "at_ms" | "leaves" | "digest">,
): Promise<void> {
  const { seq, digest, leaves } = seal;
  const ids = sql`(SELECT value ->> 0 FROM json_each(${JSON.stringify(leaves)}))`;
  const is_written = sql`EXISTS (SELECT 1 FROM ${audit_seals} WHERE seq = ${seq} AND digest = ${digest})`;
  await db.batch([
    db.insert(audit_seals).values(seal).onConflictDoNothing(),
    db
      .update(audit)
      .set({ seal: seq })
      .where(and(sql`${audit.id} IN ${ids}`, isNull(audit.seal), is_written)),
  ]);
}

/** Seals after one of them, in their order. */
export async function sealsAfter(db: Database, seq: number, limit: number): Promise<AuditSealRow[]> {
  return db
    .select()
    .from(audit_seals)
    .where(gt(audit_seals.seq, seq))
    .orderBy(asc(audit_seals.seq))
    .limit(limit);
}

/** The rows that say that they have one of these seals, from the first to the last of them. */
export async function rowsOfSeals(
  db: Database,
  { first_seq, last_seq, limit }: { first_seq: number; last_seq: number; limit: number },
): Promise<AuditRow[]> {
  return db
    .select()
    .from(audit)
    .where(and(gte(audit.seal, first_seq), lte(audit.seal, last_seq)))
    .orderBy(asc(audit.seal), asc(audit.id))
    .limit(limit);
}

/** A row that names a seal that there is not; undefined as a rule. Each side by the index: with OR all rows would be read. */
export async function strayRow(db: Database, last_seq: number): Promise<AuditRow | undefined> {
  const first = (is_stray: SQL) =>
    db.select().from(audit).where(is_stray).orderBy(asc(audit.seal)).limit(1).get();
  return (await first(lt(audit.seal, 1))) ?? (await first(gt(audit.seal, last_seq)));
}

/** The newest seal that has left; undefined: none has. */
export async function lastSignedSeal(db: Database): Promise<SignedSealRow | undefined> {
  const row = await db
    .select()
    .from(audit_seals)
    .where(isNotNull(audit_seals.signature))
    .orderBy(desc(audit_seals.seq))
    .limit(1)
    .get();
  return row as SignedSealRow | undefined;
}

/** Keeps the signature of a seal that leaves. */
export async function signSeal(
  db: Database,
  seq: number,
  signed: { key_version: string; signature: string; signed_at_ms: number },
): Promise<void> {
  await db
    .update(audit_seals)
    .set({ ...signed, told_at_ms: null })
    .where(eq(audit_seals.seq, seq));
}

/** Notes that operators were told of a seal. */
export async function markSealTold(db: Database, seq: number, told_at_ms: number): Promise<void> {
  await db.update(audit_seals).set({ told_at_ms }).where(eq(audit_seals.seq, seq));
}
