import { and, asc, eq, inArray, isNotNull, lt, lte, ne, notExists, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import type { Database } from "../database";
import { invoices, reversals } from "./purchase-schema";
import { answeredStatus, holdsCredit, movedStatus, REVERSAL_STATUSES } from "./purchase-state";

/** A refund or a dispute of a purchase, and how far the ledger has followed it. */
export type ReversalRow = typeof reversals.$inferSelect;

/** The statuses that hold credit, for queries. */
export const HOLDING_CREDIT = REVERSAL_STATUSES.filter(holdsCredit);

/** Money that went back, as it is first heard of. */
export type NewReversal = Pick<
  ReversalRow,
  | "id"
  | "purchase_id"
  | "organization_id"
  | "kind"
  | "gross_cents"
  | "own_net_cents"
  | "credit_note_id"
  | "moves"
  | "created_at_ms"
  | "look_again_at_ms"
> & { own_net_cents: number; is_back: boolean };

/** Writes down that money went back. A repeat changes nothing. How much credit it takes is for the ledger to decide. */
export async function insertReversal(db: Database, { is_back, ...reversal }: NewReversal): Promise<void> {
  const net_cents = is_back ? reversal.own_net_cents : 0;
  await db
    .insert(reversals)
    .values({ ...reversal, net_cents, status: movedStatus(is_back) })
    .onConflictDoNothing();
}

/** Records that its money has moved once more, unless a later move is recorded. */
export async function recordMove(
  db: Database,
  { id, moves, is_back }: { id: string; moves: number; is_back: boolean },
  look_again_at_ms: number,
): Promise<void> {
  await db
    .update(reversals)
    .set({ moves, status: movedStatus(is_back), look_again_at_ms })
    .where(and(eq(reversals.id, id), lt(reversals.moves, moves)));
}

/** How a reversal stands in the ledger, in cents. */
export interface LedgerReversal {
  id: string;
  moves: number;
  is_back: boolean;
  net_cents: number;
  entries: number;
}

/** Records what the ledger has answered, except where a later answer or move is recorded. */
export async function applyLedgerAnswers(
  db: Database,
  answers: readonly LedgerReversal[],
  now_ms: number,
): Promise<void> {
  const { taken_at_ms, returned_at_ms } = reversals;
  const [first, ...rest] = answers.map(({ id, moves, is_back, net_cents, entries }) =>
    db
      .update(reversals)
      .set({
        status: answeredStatus(is_back),
        net_cents,
        moves,
        entries,
        taken_at_ms: sql`coalesce(${taken_at_ms}, ${now_ms})`,
        returned_at_ms: is_back ? null : sql`coalesce(${returned_at_ms}, ${now_ms})`,
      })
      .where(and(eq(reversals.id, id), lte(reversals.moves, moves), lte(reversals.entries, entries))),
  );
  if (first) await db.batch([first, ...rest]);
}

/** A refund or dispute by its id at Stripe; undefined: not one that is known. */
export async function findReversal(db: Database, id: string): Promise<ReversalRow | undefined> {
  return db.select().from(reversals).where(eq(reversals.id, id)).get();
}

/** Which of these are known. */
export async function findReversals(db: Database, ids: readonly string[]): Promise<ReversalRow[]> {
  const asked = sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  return db.select().from(reversals).where(sql`${reversals.id} IN ${asked}`);
}

/** What was taken back, or is about to be, of these purchases, the first one first. */
export async function reversalsOf(db: Database, purchase_ids: readonly string[]): Promise<ReversalRow[]> {
  const asked = sql`(SELECT value FROM json_each(${JSON.stringify(purchase_ids)}))`;
  return db
    .select()
    .from(reversals)
    .where(sql`${reversals.purchase_id} IN ${asked}`)
    .orderBy(asc(reversals.created_at_ms), asc(reversals.id));
}

/** Whether it gave back to the customer's balance at Stripe, by the credit note that it is named by, and to no card. */
export function isToBalance({ id, credit_note_id }: ReversalRow): boolean {
  return id === credit_note_id;
}

/** Those of these rows whose money is with the buyer, or on its way. */
export function counted(rows: readonly ReversalRow[]): ReversalRow[] {
  return rows.filter(({ status }) => holdsCredit(status));
}

/** When Stripe is asked again how it stands; null: never, unless an event says otherwise. */
export async function scheduleCheck(
  db: Database,
  id: string,
  look_again_at_ms: number | null,
): Promise<void> {
  await db.update(reversals).set({ look_again_at_ms }).where(eq(reversals.id, id));
}

/** Reversals that are to be looked at by now, those first that have waited longest. */
export async function listDueReversals(db: Database, now_ms: number, limit: number): Promise<ReversalRow[]> {
  return db
    .select()
    .from(reversals)
    .where(and(isNotNull(reversals.look_again_at_ms), lte(reversals.look_again_at_ms, now_ms)))
    .orderBy(asc(reversals.look_again_at_ms))
    .limit(limit);
}

/**
 * A credit note over this gross amount whose refund has failed, and which stands because Stripe would not void it: the
 * next refund of the same amount is what it says. Null when there is none that no other refund goes with.
 */
export async function findStandingNote(
  db: Database,
  purchase_id: string,
  gross_cents: number,
): Promise<{ id: string; net_cents: number } | null> {
  const other = alias(reversals, "other");
  const taken_over = db
    .select({ id: other.id })
    .from(other)
    .where(and(eq(other.credit_note_id, reversals.credit_note_id), inArray(other.status, HOLDING_CREDIT)));
  const found = await db
    .select({ id: invoices.id, net_cents: invoices.net_cents })
    .from(reversals)
    .innerJoin(invoices, and(eq(invoices.id, reversals.credit_note_id), ne(invoices.status, "void")))
    .where(
      and(
        eq(reversals.purchase_id, purchase_id),
        eq(reversals.status, "returned"),
        eq(invoices.gross_cents, gross_cents),
        notExists(taken_over),
      ),
    )
    .get();
  return found ?? null;
}
