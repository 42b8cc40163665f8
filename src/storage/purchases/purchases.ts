import { and, asc, desc, eq, gte, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import type { AuditFact } from "../../units/audit-fact";
import { auditStatement } from "../accounts/audit";
import type { Database } from "../database";
import { audit } from "../schema";
import { purchases } from "./purchase-schema";
import { type InitialStatus, isPayable, isUnderWay, PURCHASE_STATUSES } from "./purchase-state";

/** A purchase: what was asked for, its tax as decided then, how it stands, and its ids at Stripe. */
export type PurchaseRow = typeof purchases.$inferSelect;

/** A purchase before anything was done for it. */
export type NewPurchase = typeof purchases.$inferInsert & { status: InitialStatus };

const UNDER_WAY = PURCHASE_STATUSES.filter(isUnderWay);
const PAYABLE = PURCHASE_STATUSES.filter(isPayable);

/** Whether a person has resolved the purchase, or is about to, otherwise than by what Stripe says by itself. */
export function isResolved({ status, resolution }: Pick<PurchaseRow, "status" | "resolution">): boolean {
  return resolution !== null && status !== "paid";
}

/** Writes down that something is to be bought, and with it who asked. A repeat under the same request key changes nothing and answers the first row. `bucket` names what is done once. */
export async function insertPurchase(
  db: Database,
  row: NewPurchase,
  fact: AuditFact | null = null,
  bucket = `purchase ${row.id}`,
): Promise<PurchaseRow> {
  // What the system buys comes again under the same id.
  const is_made_now = sql`EXISTS (SELECT 1 FROM ${purchases} WHERE id = ${row.id})
    AND NOT EXISTS (SELECT 1 FROM ${audit} WHERE bucket = ${bucket})`;
  const [, found] = await db.batch([
    db.insert(purchases).values(row).onConflictDoNothing(),
    db
      .select()
      .from(purchases)
      .where(
        and(eq(purchases.organization_id, row.organization_id), eq(purchases.request_key, row.request_key)),
      ),
    ...(fact ? [auditStatement(db, { ...fact, bucket }, is_made_now)] : []),
  ]);
  const purchase = found[0];
  if (!purchase) throw new Error("Another purchase of this organization is under way.");
  return purchase;
}

/** A purchase by its id; undefined: there is none. */
export async function findPurchase(db: Database, id: string): Promise<PurchaseRow | undefined> {
  return db.select().from(purchases).where(eq(purchases.id, id)).get();
}

/** Those of these that there are. */
export async function findPurchases(db: Database, ids: readonly string[]): Promise<PurchaseRow[]> {
  const asked = sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  return db.select().from(purchases).where(sql`${purchases.id} IN ${asked}`);
}

/** The purchase that an organization's idempotency key has made; undefined: none yet. */
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

/** An organization's purchases, the newest first, those that follow one of them. */
export async function listPurchases(
  db: Database,
  organization_id: string,
  page: { before: Pick<PurchaseRow, "created_at_ms" | "id"> | null; limit: number },
): Promise<PurchaseRow[]> {
  const of_organization = eq(purchases.organization_id, organization_id);
  const { created_at_ms, id } = purchases;
  const further =
    page.before && sql`(${created_at_ms}, ${id}) < (${page.before.created_at_ms}, ${page.before.id})`;
  return db
    .select()
    .from(purchases)
    .where(and(of_organization, further ?? undefined))
    .orderBy(desc(created_at_ms), desc(id))
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
  const patience = sql`CASE WHEN ${inArray(status, PAYABLE)}
    THEN max(${wait_ms}, (${checked_at_ms} - ${created_at_ms}) / 2) ELSE ${wait_ms} END`;
  return db
    .select()
    .from(purchases)
    .where(and(inArray(status, UNDER_WAY), sql`${checked_at_ms} + ${patience} < ${now_ms}`))
    .orderBy(asc(checked_at_ms))
    .limit(limit);
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
