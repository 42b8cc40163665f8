import { and, asc, desc, eq, inArray, isNull, lt, sql } from "drizzle-orm";
import type { Database } from "../database";
import { invoices, purchases } from "./purchase-schema";
import type { PurchaseRow } from "./purchases";

/** An invoice or a credit note, as lists show it; the document itself is at Stripe. */
export type InvoiceRow = typeof invoices.$inferSelect;

/** Keeps an invoice or a credit note as Stripe has it. One that is paid or void is never taken for open again. */
export async function upsertInvoice(db: Database, row: InvoiceRow): Promise<void> {
  const { id: _, organization_id: __, purchase_id: ___, ...facts } = row;
  await db
    .insert(invoices)
    .values(row)
    .onConflictDoUpdate({
      target: invoices.id,
      set: facts,
      setWhere: sql`${invoices.status} IN ('open', 'issued') OR excluded.status NOT IN ('open', 'issued')`,
    });
}

/** One of the organization's own. */
export async function findInvoice(
  db: Database,
  organization_id: string,
  id: string,
): Promise<InvoiceRow | undefined> {
  return db
    .select()
    .from(invoices)
    .where(and(eq(invoices.id, id), eq(invoices.organization_id, organization_id)))
    .get();
}

/** An organization's invoices and credit notes, the newest first, those that follow one of them. */
export async function listInvoices(
  db: Database,
  organization_id: string,
  page: { before: Pick<InvoiceRow, "issued_at_ms" | "id"> | null; limit: number },
): Promise<InvoiceRow[]> {
  const of_organization = eq(invoices.organization_id, organization_id);
  const { issued_at_ms, id } = invoices;
  const further =
    page.before && sql`(${issued_at_ms}, ${id}) < (${page.before.issued_at_ms}, ${page.before.id})`;
  return db
    .select()
    .from(invoices)
    .where(and(of_organization, further ?? undefined))
    .orderBy(desc(issued_at_ms), desc(id))
    .limit(page.limit);
}

/** Credited purchases whose invoice Stripe had not made when they were last looked at, before `before_ms`. */
export async function listWithoutInvoice(
  db: Database,
  before_ms: number,
  limit: number,
): Promise<PurchaseRow[]> {
  return db
    .select()
    .from(purchases)
    .where(
      and(
        eq(purchases.status, "credited"),
        isNull(purchases.stripe_invoice_id),
        lt(purchases.checked_at_ms, before_ms),
      ),
    )
    .orderBy(asc(purchases.checked_at_ms))
    .limit(limit);
}

/** Invoices that were last seen open although what they are for was paid. */
export async function listPaidButOpen(
  db: Database,
  limit: number,
): Promise<Pick<InvoiceRow, "id" | "purchase_id">[]> {
  return db
    .select({ id: invoices.id, purchase_id: invoices.purchase_id })
    .from(invoices)
    .innerJoin(purchases, eq(purchases.id, invoices.purchase_id))
    .where(and(eq(invoices.status, "open"), inArray(purchases.status, ["paid", "credited"])))
    .orderBy(asc(invoices.issued_at_ms))
    .limit(limit);
}
