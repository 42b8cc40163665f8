import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { invalid, notPlayed } from "../core/errors.ts";
import { idOf } from "../core/store.ts";
import { missingParameter } from "../core/validate.ts";
import { addLine, computeTotals, draftInvoice, type NewInvoice } from "./draft.ts";
import { requireTaxBehavior, takePendingItems } from "./items.ts";

type CreateParameters = Stripe.InvoiceCreateParams;

/** Makes a draft. Pending invoice items come onto it only when asked for. */
export function createInvoice(world: World, parameters: CreateParameters): Stripe.Invoice {
  if (!parameters.customer) throw missingParameter("customer");
  if (parameters.auto_advance) throw notPlayed("invoices that go on by themselves", "auto_advance");
  const customer = world.referred("customer", parameters.customer, "customer");
  const method = parameters.default_payment_method;
  if (method) world.referred("payment_method", method, "default_payment_method");
  const invoice = world.add("invoice", draftInvoice(world, askedFor(customer, parameters)));
  if (parameters.pending_invoice_items_behavior === "include") takePendingItems(world, invoice);
  computeTotals(world, invoice);
  world.emit("invoice.created", invoice);
  return invoice;
}

function askedFor(customer: Stripe.Customer, parameters: CreateParameters): NewInvoice {
  return {
    customer,
    currency: parameters.currency ?? customer.currency ?? "eur",
    automatic_tax: parameters.automatic_tax?.enabled ?? false,
    auto_advance: parameters.auto_advance ?? false,
    collection_method: (parameters.collection_method ??
      "charge_automatically") as NewInvoice["collection_method"],
    default_payment_method: parameters.default_payment_method ?? null,
    description: parameters.description ?? null,
    footer: parameters.footer ?? customer.invoice_settings.footer,
    metadata: parameters.metadata as NewInvoice["metadata"],
    amount_tax_display: parameters.rendering?.amount_tax_display || null,
  };
}

/** What an invoice would come to, without making it. */
export function previewInvoice(world: World, parameters: Stripe.InvoiceCreatePreviewParams): Stripe.Invoice {
  if (!parameters.customer) throw missingParameter("customer");
  const customer = world.referred("customer", parameters.customer, "customer");
  const { automatic_tax, currency } = parameters;
  const invoice = draftInvoice(world, askedFor(customer, { automatic_tax, currency }));
  invoice.id = world.newId("upcoming_in");
  for (const [index, item] of (parameters.invoice_items ?? []).entries()) {
    if (item.amount === undefined) throw missingParameter(`invoice_items[${index}][amount]`);
    if (automatic_tax?.enabled)
      requireTaxBehavior(item.tax_behavior, `invoice_items[${index}][tax_behavior]`);
    const { description = null, amount: net_cents, quantity = 1 } = item;
    addLine(world, invoice, { description, net_cents, quantity, metadata: {}, invoice_item: null });
  }
  computeTotals(world, invoice);
  return invoice;
}

/** Deletes a draft, which has no number yet. */
export function deleteInvoice(world: World, id: string): Stripe.DeletedInvoice {
  const invoice = world.named("invoice", id);
  if (invoice.status !== "draft") throw invalid("You can only delete draft invoices.");
  world.store.remove("invoice", id);
  for (const item of world.store.all("invoiceitem"))
    if (idOf(item.invoice) === id) world.store.remove("invoiceitem", item.id);
  world.emit("invoice.deleted", invoice);
  return { id, object: "invoice", deleted: true };
}
