import { and, eq, exists, inArray, isNull, or, type SQL, sql } from "drizzle-orm";
import type { SQLiteUpdateSetSource } from "drizzle-orm/sqlite-core";
import type { AuditFact } from "../../units/audit-fact";
import { auditStatement } from "../accounts/audit";
import type { Database } from "../database";
import { purchases } from "./purchase-schema";
import {
  isAwaitingPayment,
  PURCHASE_STATUSES,
  type PurchaseStatus,
  type SourceOf,
  sourcesOf,
  type TRANSITIONS,
} from "./purchase-state";
import type { PurchaseRow } from "./purchases";

const AWAITING_PAYMENT = PURCHASE_STATUSES.filter(isAwaitingPayment);

/** What may be written about a purchase as it goes on; what was asked for never changes. */
export type PurchaseChange = Partial<
  Pick<
    PurchaseRow,
    | "stripe_session_id"
    | "stripe_invoice_id"
    | "stripe_payment_intent_id"
    | "pay_url"
    | "payment_method_id"
    | "attempt"
    | "tax_cents"
    | "gross_cents"
    | "failure_code"
    | "failure_message"
    | "paid_at_ms"
    | "credited_at_ms"
    | "checked_at_ms"
    | "resolved_at_ms"
  >
>;

interface Move<To extends PurchaseStatus> {
  to: To;
  /** What is written with the move, and not without it. */
  change?: PurchaseChange;
  /** The one status that it may come from, where what was found holds for that alone. */
  only_from?: SourceOf<To>;
}

/**
 * Moves a purchase on to what Stripe says of it, when it stands where `TRANSITIONS` allows that; answers the row as it is then,
 * moved or not. One statement decides, so that news that come late, in whatever order, never turn a purchase back. Nothing but
 * its credit follows once a person has begun to resolve it: then it goes on by what they have decided.
 */
export async function movePurchase<To extends PurchaseStatus>(
  db: Database,
  id: string,
  { to, change, only_from }: Move<To>,
): Promise<PurchaseRow> {
  const stands = inArray(purchases.status, only_from === undefined ? sourcesOf(to) : [only_from]);
  const is_unresolved = or(isNull(purchases.resolution), eq(purchases.status, "paid"));
  return update(db, id, and(stands, is_unresolved), { ...change, status: to });
}

/** Writes something about a purchase that still waits to be paid; of one that does not it changes nothing. */
export async function updateAwaiting(db: Database, id: string, change: PurchaseChange): Promise<PurchaseRow> {
  return update(db, id, inArray(purchases.status, AWAITING_PAYMENT), change);
}

/** Writes something about a purchase without moving it. */
export async function updatePurchase(db: Database, id: string, change: PurchaseChange): Promise<PurchaseRow> {
  return update(db, id, undefined, change);
}

/** How an operator has resolved a mismatch. */
export type Resolution = NonNullable<PurchaseRow["resolution"]>;

/** What a person has decided, with what follows from it at once. */
type Decided = Partial<Omit<PurchaseRow, "status">> & {
  resolution: Resolution;
  status?: (typeof TRANSITIONS)["mismatch"][number];
};

/**
 * Writes down how a person resolves a mismatch, with what follows from it at once; answers the row as it is then. One statement
 * decides between two who resolve it, and between them and money that turns out to be as it was asked for after all.
 */
export async function beginResolution(
  db: Database,
  id: string,
  decided: Decided,
  fact: AuditFact | null = null,
): Promise<PurchaseRow> {
  const is_open = and(eq(purchases.status, "mismatch"), isNull(purchases.resolution));
  return update(db, id, is_open, { ...decided, fact });
}

/** Takes a resolution back that cannot be carried out: another one may be tried. */
export async function dropResolution(db: Database, id: string): Promise<void> {
  const is_begun = and(eq(purchases.status, "mismatch"), eq(purchases.resolution, "refund"));
  await update(db, id, is_begun, { resolution: null, resolution_reason: null });
}

/** The money of a mismatch is back where it came from. */
export async function markRefunded(db: Database, id: string): Promise<void> {
  const stands = eq(purchases.status, "mismatch" satisfies SourceOf<"refunded">);
  await update(db, id, stands, { status: "refunded" });
}

/** Opens a purchase again whose refund has failed: what is asked for next has keys of its own. */
export async function reopenRefunded(db: Database, id: string, failure_message: string): Promise<void> {
  const stands = eq(purchases.status, "refunded" satisfies SourceOf<"mismatch">);
  await update(db, id, stands, {
    ...{ status: "mismatch", resolution: null, resolution_reason: null, resolved_at_ms: null },
    ...{ attempt: sql`${purchases.attempt} + 1`, failure_message },
  });
}

async function update(
  db: Database,
  id: string,
  when: SQL | undefined,
  { fact = null, ...change }: SQLiteUpdateSetSource<typeof purchases> & { fact?: AuditFact | null },
): Promise<PurchaseRow> {
  const is_it = and(eq(purchases.id, id), when);
  const [, , found] = await db.batch([
    auditStatement(db, fact, exists(db.select({ id: purchases.id }).from(purchases).where(is_it))),
    db.update(purchases).set(change).where(is_it),
    db.select().from(purchases).where(eq(purchases.id, id)),
  ]);
  if (!found[0]) throw new Error("There is no such purchase.");
  return found[0];
}
