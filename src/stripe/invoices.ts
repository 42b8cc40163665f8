import type Stripe from "stripe";
import { SECOND_MS } from "../units/duration";
import { expectObject, stripeFailure } from "./client";
import { idOf } from "./id-of";

/** An invoice or a credit note as Stripe has issued it; amounts are never negative. */
export interface IssuedDocument {
  id: string;
  kind: "invoice" | "credit_note";
  status: "open" | "paid" | "void" | "issued";
  number: string | null;
  /** Of a credit note: the invoice that it corrects. */
  corrects_invoice_id: string | null;
  customer_id: string | null;
  /** The purchase that it names, when it names one. */
  purchase_id: string | null;
  currency: string;
  net_cents: number;
  tax_cents: number;
  gross_cents: number;
  reverse_charge: boolean;
  issued_at_ms: number;
  /** Opens without a key and does not last: to be used at once, never kept or shown. */
  pdf_url: string | null;
}

/** Null while there is no such invoice, or it is a draft that was never sent. */
export async function readInvoice(stripe: Stripe, id: string): Promise<IssuedDocument | null> {
  try {
    return issuedInvoice(expectObject(await stripe.invoices.retrieve(id), "invoice"));
  } catch (error) {
    if (stripeFailure(error).kind === "missing") return null;
    throw error;
  }
}

function issuedInvoice(invoice: Stripe.Invoice): IssuedDocument | null {
  const status = invoice.status && STATUSES[invoice.status];
  if (!invoice.id || !status) return null;
  const { effective_at, status_transitions, created } = invoice;
  return {
    id: invoice.id,
    kind: "invoice",
    status,
    number: invoice.number,
    corrects_invoice_id: null,
    customer_id: idOf(invoice.customer),
    purchase_id: invoice.metadata?.purchase_id ?? null,
    issued_at_ms: (effective_at ?? status_transitions.finalized_at ?? created) * SECOND_MS,
    pdf_url: invoice.invoice_pdf ?? null,
    ...amountsOf(invoice),
  };
}

/** Of a finalized invoice. What Stripe gave up collecting is owed nonetheless. */
const STATUSES: Record<string, "open" | "paid" | "void"> = {
  open: "open",
  uncollectible: "open",
  paid: "paid",
  void: "void",
};

/** The amounts of a document in cents, and whether the buyer owes the VAT. */
export function amountsOf({
  currency,
  total,
  total_excluding_tax,
  total_taxes,
}: Pick<Stripe.Invoice, "currency" | "total" | "total_excluding_tax" | "total_taxes">) {
  const taxes = total_taxes ?? [];
  const net_cents = total_excluding_tax ?? total - taxes.reduce((sum, { amount }) => sum + amount, 0);
  return {
    currency: currency.toUpperCase(),
    net_cents,
    tax_cents: total - net_cents,
    gross_cents: total,
    reverse_charge: taxes.some(({ taxability_reason }) => taxability_reason === "reverse_charge"),
  };
}

/** The invoice of a Checkout session, null while Stripe has not made it. */
export async function invoiceIdOfSession(stripe: Stripe, session_id: string): Promise<string | null> {
  return idOf(expectObject(await stripe.checkout.sessions.retrieve(session_id), "checkout.session").invoice);
}

/** The invoice that a payment pays, null when it pays none. */
export async function invoiceIdOfPayment(stripe: Stripe, payment_intent_id: string): Promise<string | null> {
  const { data } = await stripe.invoicePayments.list({
    payment: { type: "payment_intent", payment_intent: payment_intent_id },
    limit: 1,
  });
  return idOf(data[0]?.invoice);
}
