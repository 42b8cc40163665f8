import { html } from "hono/html";
import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { dayText, moneyText } from "../documents/invoice-document.ts";
import { rateOfTax } from "../documents/of-invoice.ts";
import { answerInvoiceChallenge, cardToConfirm, chargeInvoice } from "../invoices/payment.ts";
import { attach, newPaymentMethod } from "../payments/payment-methods.ts";
import type { Outcome } from "../payments/payments.ts";
import { alertOf, type Html, page, seeOther } from "./layout.ts";
import type { Pages } from "./pages.ts";
import { amountsPart, buyerPart, cardOfForm, cardPart, challengePart, vatLabel } from "./parts.ts";

/** An invoice's own page, where a payment that waits for its holder is confirmed, or another card is used. */
export const invoicePages: Pages = {
  "GET /invoice/:id": async (world, id) => invoicePage(world, world.named("invoice", id), ""),
  "POST /invoice/:id": async (world, id, form) => {
    const invoice = world.named("invoice", id);
    const card = cardOfForm(form);
    if (typeof card === "string") return invoicePage(world, invoice, card);
    if (invoice.status !== "open") return invoicePage(world, invoice, "This invoice is closed.");
    const customer = world.store.get("customer", invoice.customer as string);
    return after(world, invoice, chargeInvoice(world, invoice, newPaymentMethod(world, card, customer).id));
  },
  "GET /invoice/:id/confirm": async (world, id) => {
    const { total, currency } = world.named("invoice", id);
    const { seller_name } = world.settings;
    const question = `May ${seller_name} charge ${moneyText(total, currency)} to your card?`;
    return page("Your bank asks", challengePart(`/invoice/${id}/confirm`, question));
  },
  "POST /invoice/:id/confirm": async (world, id, form) => {
    const invoice = world.named("invoice", id);
    return after(world, invoice, answerInvoiceChallenge(world, invoice, form.get("answer") === "yes"));
  },
};

async function after(world: World, invoice: Stripe.Invoice, outcome: Outcome): Promise<Response> {
  if (outcome.status === "requires_action") return seeOther(`/invoice/${invoice.id}/confirm`);
  if (outcome.status === "declined") return invoicePage(world, invoice, outcome.decline.message);
  const method = world.store.get("payment_method", outcome.charge.payment_method);
  world.store.note(method.id).set_up = true;
  attach(world, method, invoice.customer as string);
  return seeOther(`/invoice/${invoice.id}`);
}

function invoicePage(world: World, invoice: Stripe.Invoice, problem: string): Promise<Response> {
  const { id, number, invoice_pdf, customer_name, customer_email, customer_address } = invoice;
  const buyer = { name: customer_name ?? "", email: customer_email, address: customer_address };
  return page(
    `Invoice ${number ?? "(draft)"}`,
    html`<h1>Invoice ${number ?? "(draft)"}</h1>
      <p class="soft">From ${world.settings.seller_name}</p>
      ${alertOf(problem)}${statePart(invoice)}${confirmPart(world, invoice)}${orderPart(invoice)}
      ${buyerPart(buyer, invoice.customer_tax_ids?.[0]?.value ?? null)}
      ${invoice_pdf ? html`<a class="button plain" href="${invoice_pdf}">Download the PDF</a>` : ""}
      ${invoice.status === "open" ? cardPart(cardFormOf(invoice, `/invoice/${id}`)) : ""}`,
    { status: problem ? 402 : 200 },
  );
}

function statePart({ status, status_transitions }: Stripe.Invoice): Html {
  if (status === "paid")
    return html`<p class="good">Paid on ${dayText((status_transitions.paid_at ?? 0) * 1_000)}.</p>`;
  if (status === "open") return html`<p>To be paid.</p>`;
  return html`<p>This invoice is ${status}: nothing is to be paid.</p>`;
}

/** Leads to the bank, while a payment waits for the card's holder. */
function confirmPart(world: World, invoice: Stripe.Invoice): Html | "" {
  const method_id = cardToConfirm(world, invoice);
  if (!method_id) return "";
  const last4 = world.store.get("payment_method", method_id).card?.last4;
  return html`<section>
    <h2>Your bank wants to hear from you</h2>
    <p>The payment with your card ending in ${last4} waits until you confirm it.</p>
    <a class="button" href="/invoice/${invoice.id}/confirm">Confirm the payment</a>
  </section>`;
}

function orderPart({ lines, total, total_excluding_tax, total_taxes, currency }: Stripe.Invoice): Html {
  const net_cents = total_excluding_tax ?? total;
  const [tax] = total_taxes ?? [];
  const amounts = {
    lines: lines.data.map(({ description, amount }) => ({ description, net_cents: amount })),
    net_cents,
    tax_cents: total - net_cents,
    gross_cents: total,
    currency,
  };
  return amountsPart(
    amounts,
    vatLabel({ reason: tax?.taxability_reason ?? null, rate_basis_points: rateOfTax(tax) }),
  );
}

function cardFormOf({ amount_due, currency }: Stripe.Invoice, action: string) {
  return { action, label: `Pay ${moneyText(amount_due, currency)}`, offers_to_save: false };
}
