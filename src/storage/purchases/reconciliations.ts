import { and, desc, eq, gte, inArray, lt } from "drizzle-orm";
import type { Database } from "../database";
import { ledger_entries } from "../schema";
import { purchases, reconciliations, reversals } from "./purchase-schema";
import type { PurchaseRow } from "./purchases";
import type { ReversalRow } from "./reversals";

/** What one comparison with Stripe and the ledgers has found. */
export type ReconciliationRow = typeof reconciliations.$inferSelect;

/** Writes a finished report down, unless there is one of its id. */
export async function insertReconciliation(db: Database, row: ReconciliationRow): Promise<void> {
  await db.insert(reconciliations).values(row).onConflictDoNothing();
}

/** A report by its id; undefined: there is none. */
export async function findReconciliation(db: Database, id: string): Promise<ReconciliationRow | undefined> {
  return db.select().from(reconciliations).where(eq(reconciliations.id, id)).get();
}

/** The last report, undefined before the first. */
export async function lastReconciliation(db: Database): Promise<ReconciliationRow | undefined> {
  return db.select().from(reconciliations).orderBy(desc(reconciliations.id)).limit(1).get();
}

/** Purchases that were begun in a span of time, `until_ms` not included. */
export async function purchasesCreatedIn(
  db: Database,
  { from_ms, until_ms }: { from_ms: number; until_ms: number },
): Promise<PurchaseRow[]> {
  return db
    .select()
    .from(purchases)
    .where(and(gte(purchases.created_at_ms, from_ms), lt(purchases.created_at_ms, until_ms)));
}

/** Refunds and disputes that were begun in a span of time, `until_ms` not included. */
export async function reversalsCreatedIn(
  db: Database,
  { from_ms, until_ms }: { from_ms: number; until_ms: number },
): Promise<ReversalRow[]> {
  return db
    .select()
    .from(reversals)
    .where(and(gte(reversals.created_at_ms, from_ms), lt(reversals.created_at_ms, until_ms)));
}

/** Entries of money that came or went back, as the ledgers have projected them. */
export async function moneyEntriesIn(
  db: Database,
  { from_ms, until_ms }: { from_ms: number; until_ms: number },
): Promise<{ organization_id: string; key: string | null; amount_micros: number }[]> {
  return db
    .select({
      organization_id: ledger_entries.organization_id,
      key: ledger_entries.key,
      amount_micros: ledger_entries.amount_micros,
    })
    .from(ledger_entries)
    .where(
      and(
        inArray(ledger_entries.kind, ["purchase", "refund", "dispute"]),
        gte(ledger_entries.posted_at_ms, from_ms),
        lt(ledger_entries.posted_at_ms, until_ms),
      ),
    );
}
