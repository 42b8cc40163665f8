import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { type Metadata, merged } from "../core/metadata.ts";

/** What a credit note credits, in cents. */
export interface Credited {
  total_cents: number;
  tax_cents: number;
  /** The lines that were named, null when only a total was. */
  lines: { line: Stripe.InvoiceLineItem; net_cents: number; tax_cents: number }[] | null;
}

/** What a credit note is made of; it is the `count`th of its invoice. */
interface NewCreditNote {
  invoice: Stripe.Invoice;
  parameters: Stripe.CreditNoteCreateParams;
  credited: Credited;
  refunds: { refund: string; amount_refunded: number }[];
  count: number;
}

/** A credit note as the API shows it. */
export function newCreditNote(
  world: World,
  { invoice, parameters, credited, refunds, count }: NewCreditNote,
): Stripe.CreditNote {
  const { total_cents, tax_cents, lines } = credited;
  const id = world.newId("cn");
  const now = world.seconds();
  const net_cents = total_cents - tax_cents;
  const is_paid = invoice.status === "paid";
  return {
    id,
    object: "credit_note",
    amount: total_cents,
    amount_shipping: 0,
    created: now,
    currency: invoice.currency,
    customer: invoice.customer as string,
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: 0,
    discount_amounts: [],
    effective_at: now,
    invoice: invoice.id,
    lines: {
      object: "list",
      data: (lines ?? []).map((one) => lineOf(world, one)),
      has_more: false,
      url: `/v1/credit_notes/${id}/lines`,
    },
    livemode: false,
    memo: parameters.memo ?? null,
    metadata: merged({}, parameters.metadata as Metadata),
    number: `${invoice.number}-CN-${String(count).padStart(2, "0")}`,
    out_of_band_amount: parameters.out_of_band_amount ?? null,
    pdf: `${world.settings.api_url}/credit_note/${id}/pdf`,
    post_payment_amount: is_paid ? total_cents : 0,
    pre_payment_amount: is_paid ? 0 : total_cents,
    pretax_credit_amounts: [],
    reason: (parameters.reason as Stripe.CreditNote["reason"]) ?? null,
    refunds: refunds.map((one) => ({ ...one, payment_record_refund: null, type: "refund" })),
    shipping_cost: null,
    status: "issued",
    subtotal: net_cents,
    subtotal_excluding_tax: net_cents,
    total: total_cents,
    total_excluding_tax: net_cents,
    total_taxes: taxesOf(invoice.total_taxes, net_cents, tax_cents),
    type: is_paid ? "post_payment" : "pre_payment",
    voided_at: null,
  };
}

function lineOf(
  world: World,
  { line, net_cents, tax_cents }: NonNullable<Credited["lines"]>[number],
): Stripe.CreditNoteLineItem {
  return {
    id: world.newId("cnli"),
    object: "credit_note_line_item",
    amount: net_cents,
    description: line.description,
    discount_amount: 0,
    discount_amounts: [],
    invoice_line_item: line.id,
    livemode: false,
    metadata: {},
    pretax_credit_amounts: [],
    quantity: line.quantity,
    tax_rates: [],
    taxes: taxesOf(line.taxes, net_cents, tax_cents) as Stripe.CreditNoteLineItem["taxes"],
    type: "invoice_line_item",
    unit_amount: null,
    unit_amount_decimal: null,
  };
}

/** The same kind of tax as on what is corrected, on less. */
function taxesOf(
  taxes: Stripe.Invoice["total_taxes"] | Stripe.InvoiceLineItem["taxes"],
  net_cents: number,
  tax_cents: number,
): Stripe.CreditNote["total_taxes"] {
  const [tax] = taxes ?? [];
  if (!tax) return [];
  const taxable_amount = tax.taxable_amount ? net_cents : 0;
  return [{ ...tax, amount: tax_cents, taxable_amount } as Stripe.CreditNote.TotalTax];
}
