import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { type Metadata, merged } from "../core/metadata.ts";
import { type Tax, taxEntries, UNTAXED } from "../core/tax.ts";

/** What an invoice starts with. */
export interface NewInvoice {
  customer: Stripe.Customer;
  currency: string;
  automatic_tax: boolean;
  auto_advance: boolean;
  collection_method: "charge_automatically" | "send_invoice";
  default_payment_method: string | null;
  description: string | null;
  footer: string | null;
  metadata: Metadata;
  amount_tax_display: string | null;
}

export interface NewLine {
  description: string | null;
  net_cents: number;
  quantity: number;
  metadata: Metadata;
  invoice_item: string | null;
}

const NEVER_HAPPENED: Stripe.Invoice.StatusTransitions = {
  finalized_at: null,
  marked_uncollectible_at: null,
  paid_at: null,
  voided_at: null,
};

/** A draft without lines. It is not stored: a preview never is. */
export function draftInvoice(world: World, asked: NewInvoice): Stripe.Invoice {
  const { customer } = asked;
  const id = world.newId("in");
  const now = world.seconds();
  return {
    id,
    object: "invoice",
    account_country: world.settings.seller_country,
    account_name: world.settings.seller_name,
    account_tax_ids: null,
    amount_due: 0,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: asked.auto_advance,
    automatic_tax: {
      disabled_reason: null,
      enabled: asked.automatic_tax,
      liability: asked.automatic_tax ? { type: "self" } : null,
      provider: asked.automatic_tax ? "stripe" : null,
      status: null,
    },
    automatically_finalizes_at: null,
    billing_reason: "manual",
    collection_method: asked.collection_method,
    created: now,
    currency: asked.currency,
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    ...customerOn(world, customer),
    default_payment_method: asked.default_payment_method,
    default_source: null,
    default_tax_rates: [],
    description: asked.description,
    discounts: [],
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: asked.footer,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: "self" },
    last_finalization_error: null,
    latest_revision: null,
    lines: { object: "list", data: [], has_more: false, url: `/v1/invoices/${id}/lines` },
    livemode: false,
    metadata: merged({}, asked.metadata),
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: null,
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: now,
    period_start: now,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: asked.amount_tax_display
      ? { amount_tax_display: asked.amount_tax_display, pdf: null, template: null, template_version: null }
      : null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: "draft",
    status_transitions: { ...NEVER_HAPPENED },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    test_clock: null,
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  };
}

/** The customer as they stand on the invoice: copied while it is a draft, fixed once it is finalized. */
export function customerOn(
  world: World,
  customer: Stripe.Customer,
): Pick<
  Stripe.Invoice,
  | "customer_address"
  | "customer_email"
  | "customer_name"
  | "customer_phone"
  | "customer_shipping"
  | "customer_tax_exempt"
  | "customer_tax_ids"
> {
  return {
    customer_address: structuredClone(customer.address ?? null),
    customer_email: customer.email,
    customer_name: customer.business_name ?? customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: null,
    customer_tax_exempt: customer.tax_exempt ?? "none",
    customer_tax_ids: world.taxIdsOf(customer.id).map(({ type, value }) => ({ type, value })),
  };
}

export function addLine(world: World, invoice: Stripe.Invoice, line: NewLine): void {
  const now = world.seconds();
  invoice.lines.data.push({
    id: world.newId("il"),
    object: "line_item",
    amount: line.net_cents,
    currency: invoice.currency,
    description: line.description,
    discount_amounts: [],
    discountable: true,
    discounts: [],
    invoice: invoice.id,
    livemode: false,
    metadata: merged({}, line.metadata),
    parent: line.invoice_item
      ? {
          invoice_item_details: {
            invoice_item: line.invoice_item,
            proration: false,
            proration_details: null,
            subscription: null,
          },
          subscription_item_details: null,
          type: "invoice_item_details",
        }
      : null,
    period: { end: now, start: now },
    pretax_credit_amounts: [],
    pricing: null,
    quantity: line.quantity,
    quantity_decimal: null,
    subscription: null,
    subtotal: line.net_cents,
    taxes: [],
  });
}

/** Works out tax and totals. The tax is that of the whole net amount; lines show their share. */
export function computeTotals(world: World, invoice: Stripe.Invoice): void {
  const customer = world.store.get("customer", invoice.customer as string);
  const tax = invoice.automatic_tax.enabled ? world.taxFor(customer) : UNTAXED;
  const net_cents = invoice.lines.data.reduce((sum, { amount }) => sum + amount, 0);
  const total_taxes = taxEntries(net_cents, tax);
  const tax_cents = total_taxes.reduce((sum, { amount }) => sum + amount, 0);
  shareTax(invoice.lines.data, tax, tax_cents);
  if (invoice.automatic_tax.enabled)
    invoice.automatic_tax.status = tax.reason === null ? "requires_location_inputs" : "complete";
  invoice.subtotal = net_cents;
  invoice.subtotal_excluding_tax = net_cents;
  invoice.total_excluding_tax = net_cents;
  invoice.total_taxes = total_taxes;
  invoice.total = net_cents + tax_cents;
  invoice.amount_due = invoice.total;
  invoice.amount_remaining = invoice.total;
}

/** The last line takes what rounding left over, so that the lines add up to the whole. */
function shareTax(lines: Stripe.InvoiceLineItem[], tax: Tax, tax_cents: number): void {
  let left = tax_cents;
  for (const [index, line] of lines.entries()) {
    const [entry] = taxEntries(line.amount, tax);
    if (!entry) continue;
    if (index === lines.length - 1) entry.amount = left;
    left -= entry.amount;
    line.taxes = [entry as unknown as Stripe.InvoiceLineItem.Tax];
  }
}
