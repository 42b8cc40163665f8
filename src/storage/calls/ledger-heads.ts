import { and, desc, eq, isNull, ne, sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Database } from "../database";

const ledger_heads = sqliteTable(
  "ledger_heads",
  {
    organization_id: text().notNull(),
    epoch: integer().notNull(),
    seq: integer().notNull(),
    digest: text(),
    balance_after_micros: integer().notNull(),
    day: text().notNull(),
    at_ms: integer().notNull(),
    key_version: text().notNull(),
    signature: text().notNull(),
    told_at_ms: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.organization_id, table.epoch, table.seq] }),
    index("ledger_heads_to_tell").on(table.at_ms).where(isNull(table.told_at_ms)),
  ],
);

/** The last entry of a ledger as it was when it left, signed. */
export type LedgerHeadRow = typeof ledger_heads.$inferSelect;

/** The last head that has left a ledger. */
export async function latestHead(db: Database, organization_id: string): Promise<LedgerHeadRow | undefined> {
  return db
    .select()
    .from(ledger_heads)
    .where(eq(ledger_heads.organization_id, organization_id))
    .orderBy(desc(ledger_heads.epoch), desc(ledger_heads.seq))
    .limit(1)
    .get();
}

/** Keeps a head. The same entry again changes nothing, unless it is signed anew under another secret. */
export async function putHead(db: Database, row: LedgerHeadRow): Promise<void> {
  const { key_version, signature, day, at_ms } = row;
  await db
    .insert(ledger_heads)
    .values(row)
    .onConflictDoUpdate({
      target: [ledger_heads.organization_id, ledger_heads.epoch, ledger_heads.seq],
      set: { key_version, signature, day, at_ms, told_at_ms: null },
      setWhere: and(
        eq(ledger_heads.balance_after_micros, row.balance_after_micros),
        ne(ledger_heads.key_version, key_version),
      ),
    });
}

/** The oldest heads that operators have not been told of. */
export async function headsToTell(db: Database, limit: number): Promise<LedgerHeadRow[]> {
  return db
    .select()
    .from(ledger_heads)
    .where(isNull(ledger_heads.told_at_ms))
    .orderBy(ledger_heads.at_ms)
    .limit(limit);
}

/** Notes that operators were told of these heads. */
export async function markTold(
  db: Database,
  heads: readonly LedgerHeadRow[],
  told_at_ms: number,
): Promise<void> {
  const keys = JSON.stringify(heads);
  await db
    .update(ledger_heads)
    .set({ told_at_ms })
    .where(
      sql`(organization_id, epoch, seq, signature) IN (SELECT value ->> '$.organization_id', value ->> '$.epoch',
        value ->> '$.seq', value ->> '$.signature' FROM json_each(${keys}))`,
    );
}
