import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { invalid } from "../core/errors.ts";
import { type Metadata, merged } from "../core/metadata.ts";
import { missingParameter } from "../core/validate.ts";
import { addLine, computeTotals } from "./draft.ts";

type Parameters = Stripe.InvoiceItemCreateParams;

/** Adds an item to a draft, or keeps it pending. Automatic tax takes only items that say how they are taxed. */
export function createInvoiceItem(world: World, parameters: Parameters): Stripe.InvoiceItem {
  if (!parameters.customer) throw missingParameter("customer");
  const customer = world.referred("customer", parameters.customer, "customer");
  const invoice = parameters.invoice ? world.referred("invoice", parameters.invoice, "invoice") : null;
  if (invoice) requireDraftOf(invoice, customer.id);
  if (invoice?.automatic_tax.enabled) requireTaxBehavior(parameters.tax_behavior, "tax_behavior");
  const { amount, currency = invoice?.currency } = parameters;
  if (amount === undefined) throw missingParameter("amount");
  if (!currency) throw missingParameter("currency");
  if (invoice && invoice.currency !== currency)
    throw invalid(`The invoice is in ${invoice.currency}, the item in ${currency}.`, { param: "currency" });
  const item = world.add("invoiceitem", newItem(world, parameters, amount, currency));
  if (invoice) addItemLine(world, invoice, item);
  world.emit("invoiceitem.created", item);
  return item;
}

function requireDraftOf(invoice: Stripe.Invoice, customer_id: string): void {
  const param = "invoice";
  if (invoice.customer !== customer_id)
    throw invalid(`The invoice ${invoice.id} does not belong to the customer ${customer_id}.`, { param });
  if (invoice.status !== "draft")
    throw invalid("Invoice is no longer editable", { code: "invoice_not_editable", param });
}

/** The stand-in knows prices to which tax is added, and no others. */
export function requireTaxBehavior(behavior: string | undefined, param: string): void {
  if (behavior === "exclusive") return;
  throw invalid(
    `When automatic tax is enabled, \`${param}\` must be specified (the stand-in knows 'exclusive' only).`,
    { param },
  );
}

/** Puts all items of the customer that wait on a draft. */
export function takePendingItems(world: World, invoice: Stripe.Invoice): void {
  for (const item of world.store.all("invoiceitem")) {
    if (item.invoice !== null || item.customer !== invoice.customer) continue;
    item.invoice = invoice.id;
    addItemLine(world, invoice, item);
  }
}

function addItemLine(world: World, invoice: Stripe.Invoice, item: Stripe.InvoiceItem): void {
  const { amount, description, id, metadata, quantity } = item;
  addLine(world, invoice, { description, net_cents: amount, quantity, metadata, invoice_item: id });
  computeTotals(world, invoice);
}

function newItem(world: World, parameters: Parameters, amount: number, currency: string): Stripe.InvoiceItem {
  const now = world.seconds();
  return {
    id: world.newId("ii"),
    object: "invoiceitem",
    amount,
    currency,
    customer: parameters.customer as string,
    customer_account: null,
    date: now,
    description: parameters.description ?? null,
    discountable: true,
    discounts: [],
    invoice: parameters.invoice ?? null,
    livemode: false,
    metadata: merged({}, parameters.metadata as Metadata),
    net_amount: amount,
    parent: null,
    period: { end: now, start: now },
    pricing: null,
    proration: false,
    quantity: 1,
    // Decimals travel as text; the SDK makes its own type of them.
    quantity_decimal: "1" as unknown as Stripe.Decimal,
    tax_rates: [],
    test_clock: null,
  };
}
