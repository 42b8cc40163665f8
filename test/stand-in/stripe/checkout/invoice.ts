import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import type { Metadata } from "../core/metadata.ts";
import { addLine, computeTotals, draftInvoice } from "../invoices/draft.ts";
import { linkPayment, markPaid, open } from "../invoices/states.ts";
import { orderOfSession, paymentOf } from "./sessions.ts";

/** The invoice of a paid session: number, lines and tax as on the page, paid by the session's payment. */
export function makeInvoice(world: World, session: Stripe.Checkout.Session): void {
  const order = orderOfSession(world, session);
  if (!order.invoice || session.invoice) return;
  const { description, footer, metadata, rendering_options } = order.invoice;
  const draft = draftInvoice(world, {
    customer: world.store.get("customer", session.customer as string),
    currency: session.currency ?? "eur",
    automatic_tax: order.automatic_tax,
    auto_advance: false,
    collection_method: "charge_automatically",
    default_payment_method: null,
    description: description ?? null,
    footer: footer ?? null,
    metadata: metadata as Metadata,
    amount_tax_display: (rendering_options || null)?.amount_tax_display || null,
  });
  const invoice = world.add("invoice", draft);
  for (const { description, quantity, unit_cents } of order.lines) {
    const net_cents = quantity * unit_cents;
    addLine(world, invoice, { description, net_cents, quantity, metadata: {}, invoice_item: null });
  }
  computeTotals(world, invoice);
  session.invoice = invoice.id;
  world.emit("invoice.created", invoice);
  open(world, invoice);
  world.emit("invoice.finalized", invoice);
  linkPayment(world, invoice, paymentOf(world, session));
  markPaid(world, invoice, invoice.total);
}
