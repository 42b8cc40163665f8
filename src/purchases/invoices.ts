import { processRows } from "../customers/process-rows";
import { requireStripe } from "../customers/require-stripe";
import { type Bindings, readSettings } from "../env";
import { recordEvent } from "../notifications/record-event";
import type { Actor } from "../organizations/actor";
import { recordDone } from "../organizations/audit-log";
import { soonOr } from "../runtime/deadline";
import { openDatabase } from "../storage/database";
import {
  findInvoice,
  listPaidButOpen,
  listWithoutInvoice,
  upsertInvoice,
} from "../storage/purchases/invoices";
import { updatePurchase } from "../storage/purchases/purchase-moves";
import { findPurchase, type PurchaseRow } from "../storage/purchases/purchases";
import { readCreditNote } from "../stripe/credit-notes";
import { type IssuedDocument, invoiceIdOfPayment, invoiceIdOfSession, readInvoice } from "../stripe/invoices";
import { fetchPdf } from "../stripe/pdf";
import { MINUTE_MS, SECOND_MS } from "../units/duration";
import { CURRENCY } from "../units/money";

/** Purchases whose invoice is looked for in one run of the cron. */
const INVOICES_PER_RUN = 20;
const LOOK_AGAIN_MS = 2 * MINUTE_MS;

/** Keeps an invoice of a purchase as Stripe has it now. A draft is left alone. */
export async function recordInvoice(env: Bindings, purchase_id: string, invoice_id: string): Promise<void> {
  const db = openDatabase(env);
  const purchase = await findPurchase(db, purchase_id);
  const invoice = purchase && (await readInvoice(requireStripe(env), invoice_id));
  if (!purchase || !invoice || invoice.customer_id !== purchase.stripe_customer_id) return;
  await storeInvoice(env, purchase, invoice);
  if (purchase.stripe_invoice_id === null)
    await updatePurchase(db, purchase.id, { stripe_invoice_id: invoice.id });
}

/** Keeps a credit note as Stripe has it now, beside the invoice that it corrects. */
export async function recordCreditNote(
  env: Bindings,
  credit_note_id: string,
): Promise<"recorded" | "not_ours"> {
  const note = await readCreditNote(requireStripe(env), credit_note_id);
  if (!note) return "not_ours";
  const invoice = await readInvoice(requireStripe(env), note.corrects_invoice_id);
  const purchase_id = note.purchase_id ?? invoice?.purchase_id;
  const purchase = purchase_id ? await findPurchase(openDatabase(env), purchase_id) : undefined;
  if (!purchase || purchase.stripe_customer_id !== note.customer_id) return "not_ours";
  await storeInvoice(env, purchase, note);
  return "recorded";
}

/** Finds the invoice of a paid purchase. One that Stripe has not made yet comes with its event or by the cron. */
export async function attachInvoice(env: Bindings, purchase: PurchaseRow): Promise<void> {
  const stripe = requireStripe(env);
  const { id, stripe_invoice_id, stripe_session_id, stripe_payment_intent_id } = purchase;
  const invoice_id =
    stripe_invoice_id ??
    (stripe_session_id && (await invoiceIdOfSession(stripe, stripe_session_id))) ??
    (stripe_payment_intent_id && (await invoiceIdOfPayment(stripe, stripe_payment_intent_id)));
  if (invoice_id) await recordInvoice(env, id, invoice_id);
}

/** The cron's part: invoices that came late, and those whose last event did not come. */
export async function attachMissingInvoices(
  env: Bindings,
  until_ms = Number.POSITIVE_INFINITY,
): Promise<void> {
  const db = openDatabase(env);
  const now_ms = Date.now();
  const idOf = ({ id }: { id: string }) => id;
  const without = await listWithoutInvoice(db, now_ms - LOOK_AGAIN_MS, INVOICES_PER_RUN);
  await processRows(env, { rows: without, until_ms, what: "invoice", idOf }, async (purchase) => {
    await updatePurchase(db, purchase.id, { checked_at_ms: now_ms });
    await attachInvoice(env, purchase);
  });
  const open = await listPaidButOpen(db, INVOICES_PER_RUN);
  await processRows(env, { rows: open, until_ms, what: "invoice", idOf }, ({ id, purchase_id }) =>
    recordInvoice(env, purchase_id, id),
  );
}

/** How long a request for a document waits until its file begins to come. */
const PDF_PATIENCE_MS = 10 * SECOND_MS;

/**
 * The file of an organization's own document, and its audit: null when there is no such one, "unavailable" when it cannot be
 * had now. `reader` null: nobody reads the file, as of HEAD.
 */
export async function documentPdf(
  env: Bindings,
  reader: Actor | null,
  organization_id: string,
  id: string,
): ReturnType<typeof findPdf> {
  const file = await soonOr(PDF_PATIENCE_MS, () => findPdf(env, organization_id, id), "unavailable");
  if (reader && file && file !== "unavailable") {
    const detail = { invoice_id: id, number: file.number };
    await recordDone(env, reader, { action: "export.document", organization_id, detail });
  }
  return file;
}

async function findPdf(
  env: Bindings,
  organization_id: string,
  id: string,
): Promise<{ number: string; body: ReadableStream } | "unavailable" | null> {
  const row = await findInvoice(openDatabase(env), organization_id, id);
  const settings = readSettings(env).stripe;
  if (!row) return null;
  if (!settings) return "unavailable";
  const stripe = requireStripe(env);
  const document = row.kind === "invoice" ? await readInvoice(stripe, id) : await readCreditNote(stripe, id);
  const body = document?.pdf_url ? await fetchPdf(settings, document.pdf_url) : null;
  return body ? { number: row.number ?? row.id, body } : "unavailable";
}

async function storeInvoice(env: Bindings, purchase: PurchaseRow, document: IssuedDocument): Promise<void> {
  const db = openDatabase(env);
  const known = await findInvoice(db, purchase.organization_id, document.id);
  if (document.kind === "invoice" && document.status === "paid" && known?.status !== "paid")
    await recordInvoiceEvent(env, purchase, document);
  await upsertInvoice(db, {
    id: document.id,
    organization_id: purchase.organization_id,
    purchase_id: purchase.id,
    kind: document.kind,
    status: document.status,
    number: document.number,
    corrects_invoice_id: document.corrects_invoice_id,
    currency: document.currency,
    net_cents: document.net_cents,
    tax_cents: document.tax_cents,
    gross_cents: document.gross_cents,
    rate_basis_points: document.net_cents === 0 ? 0 : rateOf(document, purchase),
    reverse_charge: document.reverse_charge,
    issued_at_ms: document.issued_at_ms,
  });
}

/** The customer hears of an invoice when it is paid: an open one is of a charge that is still under way. */
async function recordInvoiceEvent(
  env: Bindings,
  purchase: PurchaseRow,
  document: IssuedDocument,
): Promise<void> {
  const { id: invoice_id, net_cents, tax_cents, gross_cents, issued_at_ms: occurred_at_ms } = document;
  const money = { net_cents, tax_cents, gross_cents, currency: CURRENCY };
  const data = { invoice_id, purchase_id: purchase.id, number: document.number ?? invoice_id, ...money };
  const draft = { type: "invoice.created", occurred_at_ms, data } as const;
  await recordEvent(env, purchase.organization_id, `invoice:${invoice_id}`, draft);
}

/** The rate that was decided when it gives the tax that was charged, else the one that comes nearest. */
function rateOf({ net_cents, tax_cents }: IssuedDocument, purchase: PurchaseRow): number {
  const { rate_basis_points } = purchase.tax_decision;
  const is_it = Math.abs((net_cents * rate_basis_points) / 10_000 - tax_cents) <= 1;
  return is_it ? rate_basis_points : Math.round((tax_cents * 10_000) / net_cents);
}
