import { and, asc, eq, inArray, isNotNull, lte, ne, notExists, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import type { Database } from "./database";
import { invoices, purchases, reversals } from "./purchase-schema";

export type ReversalRow = typeof reversals.$inferSelect;
export type ReversalStatus = ReversalRow["status"];

/** Reversals whose credit is taken, or about to be. What is about to come back is free to be taken by another one. */
const COUNTED = ["taking", "taken"] as const satisfies ReversalStatus[];

/** Money that went back, as it is first heard of. `note`: the credit note of a refund and its net. */
export interface NewReversal {
  id: string;
  purchase_id: string;
  kind: ReversalRow["kind"];
  gross_cents: number;
  note: { id: string; net_cents: number } | null;
  created_at_ms: number;
  look_again_at_ms: number;
}

/**
 * Writes down that credit is to be taken back, and how much: decided in the statement that writes it, so that refunds and
 * disputes that come at once never take more than the purchase. A refund takes the net of its credit note; without
 * one, and for a dispute, it is in proportion, a dispute's cumulatively. What completes the gross takes the rest.
 * A repeat changes nothing and answers the first row.
 */
export async function insertReversal(db: Database, reversal: NewReversal): Promise<ReversalRow> {
  const { id, purchase_id, kind, gross_cents, note, created_at_ms, look_again_at_ms } = reversal;
  const gross = sql`CAST(${gross_cents} AS INTEGER)`;
  const left = sql`(${purchases.net_cents} - before.net_cents)`;
  const proportion = sql`(2 * ${purchases.net_cents} * ${gross} + ${purchases.gross_cents}) / (2 * ${purchases.gross_cents})`;
  const of_refund = note ? sql`CAST(${note.net_cents} AS INTEGER)` : proportion;
  const of_dispute = sql`${purchases.net_cents} * (before.gross_cents + ${gross}) / ${purchases.gross_cents} - before.net_cents`;
  const [, found] = await db.batch([
    db
      .insert(reversals)
      .select(
        sql`SELECT ${id}, ${purchases.id}, ${purchases.organization_id}, ${kind}, 'taking', ${gross},
              CASE WHEN before.gross_cents + ${gross} >= ${purchases.gross_cents} THEN ${left}
                   ELSE max(0, min(${kind === "refund" ? of_refund : of_dispute}, ${left})) END,
              ${note?.id ?? null}, ${created_at_ms}, NULL, NULL, ${look_again_at_ms}
            FROM ${purchases},
              (SELECT coalesce(sum(net_cents), 0) AS net_cents, coalesce(sum(gross_cents), 0) AS gross_cents
               FROM ${reversals} WHERE purchase_id = ${purchase_id} AND status IN ('taking', 'taken')) AS before
            WHERE ${purchases.id} = ${purchase_id} AND ${purchases.status} = 'credited'`,
      )
      .onConflictDoNothing(),
    db.select().from(reversals).where(eq(reversals.id, id)),
  ]);
  if (!found[0]) throw new Error(`Purchase ${purchase_id} is not credited: nothing can be taken back.`);
  return found[0];
}

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

/** Those of these rows whose money is with the buyer, or on its way. */
export function counted(rows: readonly ReversalRow[]): ReversalRow[] {
  return rows.filter(({ status }) => (COUNTED as readonly string[]).includes(status));
}

type ReversalChange = Partial<
  Pick<ReversalRow, "credit_note_id" | "taken_at_ms" | "returned_at_ms" | "look_again_at_ms">
>;

/** Moves a reversal on when it stands at `from`; answers the row as it is then, moved or not. */
export async function moveReversal(
  db: Database,
  id: string,
  from: ReversalStatus,
  to: ReversalStatus,
  change: ReversalChange = {},
): Promise<ReversalRow> {
  return update(db, id, eq(reversals.status, from), { ...change, status: to });
}

/** Notes something about a reversal without moving it. */
export async function noteReversal(db: Database, id: string, change: ReversalChange): Promise<ReversalRow> {
  return update(db, id, sql`1`, change);
}

async function update(
  db: Database,
  id: string,
  when: SQL,
  change: Partial<ReversalRow>,
): Promise<ReversalRow> {
  const [, found] = await db.batch([
    db
      .update(reversals)
      .set(change)
      .where(and(eq(reversals.id, id), when)),
    db.select().from(reversals).where(eq(reversals.id, id)),
  ]);
  if (!found[0]) throw new Error("There is no such reversal.");
  return found[0];
}

/** Reversals that are to be looked at by now, those first that have waited longest. */
export async function listToLookAt(db: Database, now_ms: number, limit: number): Promise<ReversalRow[]> {
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
    .where(and(eq(other.credit_note_id, reversals.credit_note_id), inArray(other.status, COUNTED)));
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
