import { and, desc, eq, gte, inArray, isNull, lt } from "drizzle-orm";
import type { Database } from "../database";
import { type LedgerFinding, ledger_checks, proven_ledgers } from "../schema";

/** A proof of one ledger, under way or finished, with what it has found. */
export type LedgerCheckRow = typeof ledger_checks.$inferSelect;

/** Up to which entry a ledger was proven last. */
export type ProvenLedgerRow = typeof proven_ledgers.$inferSelect;

/** Writes a check down; when one of that ledger is under way, answers that one instead. */
export async function insertCheck(db: Database, row: LedgerCheckRow): Promise<LedgerCheckRow> {
  await db.insert(ledger_checks).values(row).onConflictDoNothing();
  const known = await checkUnderWay(db, row.organization_id);
  return known ?? row;
}

/** Writes a finished check down, or what it has found by now. */
export async function saveFinding(db: Database, row: LedgerCheckRow): Promise<void> {
  const { found } = row;
  await db.insert(ledger_checks).values(row).onConflictDoUpdate({ target: ledger_checks.id, set: { found } });
}

/** The unfinished check of an organization's ledger; there is at most one. */
export async function checkUnderWay(
  db: Database,
  organization_id: string,
): Promise<LedgerCheckRow | undefined> {
  return db
    .select()
    .from(ledger_checks)
    .where(and(eq(ledger_checks.organization_id, organization_id), isNull(ledger_checks.finished_at_ms)))
    .get();
}

/** Differences of a ledger that reports have named since `since_ms`, the newest first. */
export async function reportedDifferences(
  db: Database,
  organization_id: string,
  { since_ms, limit }: { since_ms: number; limit: number },
): Promise<(string | null)[]> {
  const rows = await db
    .select({ found: ledger_checks.found })
    .from(ledger_checks)
    .where(
      and(eq(ledger_checks.organization_id, organization_id), gte(ledger_checks.finished_at_ms, since_ms)),
    )
    .orderBy(desc(ledger_checks.finished_at_ms))
    .limit(limit);
  return rows.map(({ found }) => found?.first_difference ?? null);
}

/** A check by its id; undefined: there is none. */
export async function findCheck(db: Database, id: string): Promise<LedgerCheckRow | undefined> {
  return db.select().from(ledger_checks).where(eq(ledger_checks.id, id)).get();
}

/**
 * Leases checks that are free, the oldest first, those that failed when they were last taken after all others: each
 * is the caller's alone until `until_ms`.
 */
export async function leaseChecks(
  db: Database,
  { now_ms, until_ms, limit }: { now_ms: number; until_ms: number; limit: number },
): Promise<LedgerCheckRow[]> {
  const free = and(isNull(ledger_checks.finished_at_ms), lt(ledger_checks.taken_until_ms, now_ms));
  const oldest = db
    .select({ id: ledger_checks.id })
    .from(ledger_checks)
    .where(free)
    .orderBy(ledger_checks.taken_until_ms, ledger_checks.id)
    .limit(limit);
  return db
    .update(ledger_checks)
    .set({ taken_until_ms: until_ms })
    .where(and(free, inArray(ledger_checks.id, oldest)))
    .returning();
}

/** Stores how far a check has come and ends its lease, unless another run has leased it since. */
export async function releaseCheck(
  db: Database,
  { id, taken_until_ms }: LedgerCheckRow,
  position: Record<string, unknown> | null,
): Promise<void> {
  await db
    .update(ledger_checks)
    .set({ position, taken_until_ms: 0 })
    .where(and(eq(ledger_checks.id, id), eq(ledger_checks.taken_until_ms, taken_until_ms)));
}

/** Ends a check with what it found; answers whether this was its end. */
export async function finishCheck(
  db: Database,
  { id }: LedgerCheckRow,
  end: { finished_at_ms: number; found: LedgerFinding },
): Promise<boolean> {
  const ended = await db
    .update(ledger_checks)
    .set({ ...end, position: null, taken_until_ms: 0 })
    .where(and(eq(ledger_checks.id, id), isNull(ledger_checks.finished_at_ms)))
    .returning({ id: ledger_checks.id });
  return ended.length > 0;
}

/** What was proven of these ledgers, at most 100 of them; a ledger that was never proven is left out. */
export async function provenLedgers(
  db: Database,
  organization_ids: readonly string[],
): Promise<ProvenLedgerRow[]> {
  // D1 takes a hundred bound values in a query.
  return db
    .select()
    .from(proven_ledgers)
    .where(inArray(proven_ledgers.organization_id, [...organization_ids]));
}

/** Writes down what was proven of a ledger, in the place of what was known before. */
export async function putProvenLedger(db: Database, row: ProvenLedgerRow): Promise<void> {
  const { organization_id: _, ...set } = row;
  await db
    .insert(proven_ledgers)
    .values(row)
    .onConflictDoUpdate({ target: proven_ledgers.organization_id, set });
}
