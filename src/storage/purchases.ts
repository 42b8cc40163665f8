import { and, asc, desc, eq, gte, inArray, isNotNull, isNull, lt, type SQL, sql } from "drizzle-orm";
import type { Database } from "./database";
import { PURCHASE_STATUSES, purchases } from "./purchase-schema";

export type PurchaseRow = typeof purchases.$inferSelect;
export type PurchaseStatus = PurchaseRow["status"];
export type NewPurchase = typeof purchases.$inferInsert;

/** Purchases that somebody or something still has to finish; nothing else is swept. */
export const UNDER_WAY = ["created", "open", "requires_action", "paid"] as const satisfies PurchaseStatus[];

/** What money that has come may still lead out of: every end but the two that say it was counted. */
const NOT_PAID = PURCHASE_STATUSES.filter(
  (status) => !["paid", "credited", "refunded", "closed"].includes(status),
);

/** Whether a person has resolved the purchase, or is about to, otherwise than by what Stripe says by itself. */
export function isResolved({ status, resolution }: Pick<PurchaseRow, "status" | "resolution">): boolean {
  return resolution !== null && status !== "paid";
}

/** Whether a person has resolved it without credit. */
export function isClosed({ status }: Pick<PurchaseRow, "status">): boolean {
  return status === "refunded" || status === "closed";
}

/** Writes down that something is to be bought. A repeat under the same request key changes nothing and answers the first row. */
export async function insertPurchase(db: Database, row: NewPurchase): Promise<PurchaseRow> {
  const [, found] = await db.batch([
    db.insert(purchases).values(row).onConflictDoNothing(),
    db
      .select()
      .from(purchases)
      .where(
        and(eq(purchases.organization_id, row.organization_id), eq(purchases.request_key, row.request_key)),
      ),
  ]);
  const purchase = found[0];
  if (!purchase) throw new Error("Another purchase of this organization is under way.");
  return purchase;
}

export async function findPurchase(db: Database, id: string): Promise<PurchaseRow | undefined> {
  return db.select().from(purchases).where(eq(purchases.id, id)).get();
}

/** Those of these that there are. */
export async function findPurchases(db: Database, ids: readonly string[]): Promise<PurchaseRow[]> {
  const asked = sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  return db.select().from(purchases).where(sql`${purchases.id} IN ${asked}`);
}

export async function findPurchaseByRequest(
  db: Database,
  organization_id: string,
  request_key: string,
): Promise<PurchaseRow | undefined> {
  return db
    .select()
    .from(purchases)
    .where(and(eq(purchases.organization_id, organization_id), eq(purchases.request_key, request_key)))
    .get();
}

/** The purchase that one of Stripe's ids belongs to. */
export async function findPurchaseByStripeId(
  db: Database,
  id: { session: string } | { invoice: string } | { payment_intent: string },
): Promise<PurchaseRow | undefined> {
  const is =
    "session" in id
      ? eq(purchases.stripe_session_id, id.session)
      : "invoice" in id
        ? eq(purchases.stripe_invoice_id, id.invoice)
        : eq(purchases.stripe_payment_intent_id, id.payment_intent);
  return db.select().from(purchases).where(is).get();
}

/** An organization's purchases, the newest first. */
export async function listPurchases(
  db: Database,
  organization_id: string,
  page: { before_id: string | null; limit: number },
): Promise<PurchaseRow[]> {
  const of_organization = eq(purchases.organization_id, organization_id);
  return db
    .select()
    .from(purchases)
    .where(page.before_id === null ? of_organization : and(of_organization, lt(purchases.id, page.before_id)))
    .orderBy(desc(purchases.created_at_ms), desc(purchases.id))
    .limit(page.limit);
}

/** Pages on which an organization can pay, opened from `since_ms` on. */
export async function listOpenCheckouts(
  db: Database,
  organization_id: string,
  since_ms: number,
): Promise<PurchaseRow[]> {
  return db
    .select()
    .from(purchases)
    .where(
      and(
        eq(purchases.organization_id, organization_id),
        gte(purchases.created_at_ms, since_ms),
        eq(purchases.kind, "checkout"),
        eq(purchases.status, "open"),
      ),
    );
}

/**
 * Purchases under way that are due to be looked at, those that have waited longest first: after `wait_ms`, and one that
 * waits for a person less and less often, each time after half of what it has waited so far.
 */
export async function listUnderWay(
  db: Database,
  { now_ms, wait_ms, limit }: { now_ms: number; wait_ms: number; limit: number },
): Promise<PurchaseRow[]> {
  const { checked_at_ms, created_at_ms, status } = purchases;
  const patience = sql`CASE WHEN ${status} IN ('open', 'requires_action')
    THEN max(${wait_ms}, (${checked_at_ms} - ${created_at_ms}) / 2) ELSE ${wait_ms} END`;
  return db
    .select()
    .from(purchases)
    .where(and(inArray(status, UNDER_WAY), sql`${checked_at_ms} + ${patience} < ${now_ms}`))
    .orderBy(asc(checked_at_ms))
    .limit(limit);
}

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

/**
 * Moves a purchase on when it stands in one of `from`; answers the row as it is then, moved or not. One statement
 * decides, so that whoever comes late, in whatever order, never turns a purchase back.
 */
export async function movePurchase(
  db: Database,
  id: string,
  from: readonly PurchaseStatus[],
  to: PurchaseStatus,
  change: PurchaseChange = {},
): Promise<PurchaseRow> {
  return update(db, id, inArray(purchases.status, [...from]), { ...change, status: to });
}

/** As `movePurchase` to `paid`, from wherever it is: money that has come is real, however late. */
export async function markPaid(db: Database, id: string, change: PurchaseChange): Promise<PurchaseRow> {
  const unresolved = and(inArray(purchases.status, NOT_PAID), isNull(purchases.resolution));
  return update(db, id, unresolved ?? sql`0`, { ...change, status: "paid" });
}

/** Notes something about a purchase that still waits to be paid; of one that does not it changes nothing. */
export async function updateAwaiting(db: Database, id: string, change: PurchaseChange): Promise<PurchaseRow> {
  return update(db, id, inArray(purchases.status, ["created", "open", "requires_action"]), change);
}

/** Notes something about a purchase without moving it. */
export async function updatePurchase(db: Database, id: string, change: PurchaseChange): Promise<PurchaseRow> {
  return update(db, id, sql`1`, change);
}

async function update(
  db: Database,
  id: string,
  when: SQL,
  change: Partial<NewPurchase>,
): Promise<PurchaseRow> {
  const [, found] = await db.batch([
    db
      .update(purchases)
      .set(change)
      .where(and(eq(purchases.id, id), when)),
    db.select().from(purchases).where(eq(purchases.id, id)),
  ]);
  if (!found[0]) throw new Error("There is no such purchase.");
  return found[0];
}

export type Resolution = NonNullable<PurchaseRow["resolution"]>;

/**
 * Writes down how a person resolves a mismatch, with what follows from it at once; answers the row as it is then. One statement
 * decides between two who resolve it, and between them and money that turns out to be as it was asked for after all.
 */
export async function beginResolution(
  db: Database,
  id: string,
  change: Partial<NewPurchase> & { resolution: Resolution },
): Promise<PurchaseRow> {
  const is_open = and(eq(purchases.status, "mismatch"), isNull(purchases.resolution));
  return update(db, id, is_open ?? sql`0`, change);
}

/** Takes a resolution back that cannot be carried out: another one may be tried. */
export async function dropResolution(db: Database, id: string): Promise<void> {
  const is_begun = and(eq(purchases.status, "mismatch"), eq(purchases.resolution, "refund"));
  await update(db, id, is_begun ?? sql`0`, { resolution: null, resolution_reason: null });
}

/** Opens a purchase again that was given back by a refund which has failed: what is asked for next has keys of its own. */
export async function reopenRefunded(db: Database, id: string, failure_message: string): Promise<void> {
  await db
    .update(purchases)
    .set({
      ...{ status: "mismatch", resolution: null, resolution_reason: null, resolved_at_ms: null },
      ...{ attempt: sql`${purchases.attempt} + 1`, failure_message },
    })
    .where(and(eq(purchases.id, id), eq(purchases.status, "refunded")));
}

/** Resolutions that were written down and are not carried out yet, the oldest first. */
export async function listUnfinishedResolutions(db: Database, limit: number): Promise<PurchaseRow[]> {
  return db
    .select()
    .from(purchases)
    .where(and(isNotNull(purchases.resolution), isNull(purchases.resolved_at_ms)))
    .orderBy(asc(purchases.checked_at_ms))
    .limit(limit);
}
