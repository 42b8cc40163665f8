import { and, asc, eq, gt, inArray, isNull, notExists, sql } from "drizzle-orm";
import type { AuditFact } from "../../units/audit-fact";
import { auditStatement } from "../accounts/audit";
import type { Database } from "../database";
import { purchases, refund_requests, reversals, tax_refunds } from "./purchase-schema";
import type { PurchaseRow } from "./purchases";
import { HOLDING_CREDIT } from "./reversals";

/** VAT of a purchase that goes back to the buyer, and how far it is. */
export type TaxRefundRow = typeof tax_refunds.$inferSelect;

/** Why VAT was charged on a purchase whose VAT ID the register could not be asked about. */
const REGISTER_AWAY = ["vat_id_pending", "vat_id_unavailable"];

/** Purchases reported at once. */
const REFUNDABLE_AT_ONCE = 100;

/** Whether VAT was charged only because the register of VAT IDs was away. */
export function wasRegisterAway({ tax_decision }: Pick<PurchaseRow, "tax_decision">): boolean {
  return tax_decision.treatment === "destination" && REGISTER_AWAY.includes(tax_decision.reason);
}

/** The tax refund of a purchase; undefined: none was ever begun. */
export async function findTaxRefund(db: Database, purchase_id: string): Promise<TaxRefundRow | undefined> {
  return db.select().from(tax_refunds).where(eq(tax_refunds.purchase_id, purchase_id)).get();
}

/**
 * Writes down that the tax of a purchase is to go back, unless an operator's refund of it is under way; one that Stripe
 * refused begins again. Answers the row as it is then; undefined: nothing was written down.
 */
export async function beginTaxRefund(
  db: Database,
  { purchase_id, organization_id, tax_cents, reason, created_at_ms }: NewTaxRefund,
  fact: AuditFact | null,
): Promise<TaxRefundRow | undefined> {
  const asked = sql`SELECT 1 FROM ${refund_requests}
    WHERE ${refund_requests.purchase_id} = ${purchase_id} AND ${refund_requests.is_refused} = 0
      AND ${refund_requests.refund_id} IS NULL`;
  const is_under_way = sql`SELECT 1 FROM ${tax_refunds}
    WHERE ${tax_refunds.purchase_id} = ${purchase_id} AND ${tax_refunds.is_refused} = 0`;
  await db.batch([
    auditStatement(db, fact, sql`NOT EXISTS (${asked}) AND NOT EXISTS (${is_under_way})`),
    db
      .insert(tax_refunds)
      .select(
        sql`SELECT ${purchase_id}, ${organization_id}, CAST(${tax_cents} AS INTEGER), ${reason}, 1, 0, NULL, NULL, NULL,
              CAST(${created_at_ms} AS INTEGER), NULL WHERE NOT EXISTS (${asked})`,
      )
      .onConflictDoNothing(),
    db
      .update(tax_refunds)
      .set({ is_refused: false, reason })
      .where(and(eq(tax_refunds.purchase_id, purchase_id), sql`NOT EXISTS (${asked})`)),
  ]);
  const row = await findTaxRefund(db, purchase_id);
  return row?.is_refused ? undefined : row;
}

type NewTaxRefund = Pick<
  TaxRefundRow,
  "purchase_id" | "organization_id" | "tax_cents" | "reason" | "created_at_ms"
>;

/** Records how far it has come; answers the row as it is then. */
export async function updateTaxRefund(
  db: Database,
  { purchase_id }: TaxRefundRow,
  change: Partial<
    Pick<TaxRefundRow, "attempt" | "is_refused" | "invoice_id" | "credit_note_id" | "finished_at_ms">
  >,
): Promise<TaxRefundRow> {
  const [row] = await db
    .update(tax_refunds)
    .set(change)
    .where(eq(tax_refunds.purchase_id, purchase_id))
    .returning();
  if (!row) throw new Error(`Purchase ${purchase_id} has no refund of its tax.`);
  return row;
}

/** Records which refund it is, unless another one is recorded; answers whether it is this one. */
export async function claimTaxRefund(db: Database, purchase_id: string, refund_id: string): Promise<boolean> {
  await db
    .update(tax_refunds)
    .set({ refund_id })
    .where(and(eq(tax_refunds.purchase_id, purchase_id), isNull(tax_refunds.refund_id)));
  return (await findTaxRefund(db, purchase_id))?.refund_id === refund_id;
}

/** Begins again after this refund has failed; of two at once, one does. */
export async function retryTaxRefund(db: Database, { purchase_id, refund_id }: TaxRefundRow): Promise<void> {
  await db
    .update(tax_refunds)
    .set({ refund_id: null, finished_at_ms: null, attempt: sql`${tax_refunds.attempt} + 1` })
    .where(and(eq(tax_refunds.purchase_id, purchase_id), eq(tax_refunds.refund_id, refund_id ?? "")));
}

/** Refunds of tax that were begun and are not at their end, the oldest first. */
export async function listUnfinishedTaxRefunds(db: Database, limit: number): Promise<TaxRefundRow[]> {
  return db
    .select()
    .from(tax_refunds)
    .where(and(isNull(tax_refunds.finished_at_ms), eq(tax_refunds.is_refused, false)))
    .orderBy(asc(tax_refunds.created_at_ms))
    .limit(limit);
}

/** An organization's purchases whose tax could go back once this VAT ID is valid: nothing of them did yet. */
export async function listTaxRefundable(
  db: Database,
  organization_id: string,
  vat_id: string,
): Promise<PurchaseRow[]> {
  const { tax_decision } = purchases;
  const back = db
    .select({ id: reversals.id })
    .from(reversals)
    .where(and(eq(reversals.purchase_id, purchases.id), inArray(reversals.status, HOLDING_CREDIT)));
  const begun = db
    .select({ id: tax_refunds.purchase_id })
    .from(tax_refunds)
    .where(eq(tax_refunds.purchase_id, purchases.id));
  return db
    .select()
    .from(purchases)
    .where(
      and(
        ...[eq(purchases.organization_id, organization_id), eq(purchases.status, "credited")],
        ...[gt(purchases.tax_cents, 0), sql`json_extract(${tax_decision}, '$.vat_id') = ${vat_id}`],
        inArray(sql`json_extract(${tax_decision}, '$.reason')`, REGISTER_AWAY),
        ...[notExists(back), notExists(begun)],
      ),
    )
    .orderBy(asc(purchases.created_at_ms))
    .limit(REFUNDABLE_AT_ONCE);
}
