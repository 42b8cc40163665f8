import { html } from "hono/html";
import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { idOf } from "../core/store.ts";
import { setDefaultCard } from "../customers/customers.ts";
import { dayText, moneyText } from "../documents/invoice-document.ts";
import { attach, detachPaymentMethod, newPaymentMethod, savedCards } from "../payments/payment-methods.ts";
import { alertOf, type Html, page, seeOther } from "./layout.ts";
import type { Pages } from "./pages.ts";
import { cardOfForm, cardPart } from "./parts.ts";

type Session = Stripe.BillingPortal.Session;

/** What a customer sees and changes in the portal: their cards and invoices. */
export const portalPages: Pages = {
  "GET /portal/:id": async (world, id) => portalPage(world, world.named("billing_portal.session", id), ""),
  "POST /portal/:id": async (world, id, form) => {
    const session = world.named("billing_portal.session", id);
    const method_id = form.get("remove") ?? form.get("default") ?? "";
    const is_theirs = savedCards(world, session.customer).some((method) => method.id === method_id);
    if (is_theirs && form.has("remove")) detachPaymentMethod(world, method_id);
    if (is_theirs && form.has("default")) setDefaultCard(world, session.customer, method_id);
    return seeOther(`/portal/${id}`);
  },
  "POST /portal/:id/cards": async (world, id, form) => {
    const session = world.named("billing_portal.session", id);
    const card = cardOfForm(form);
    if (typeof card === "string") return portalPage(world, session, card);
    if (card.decline) return portalPage(world, session, card.decline.message);
    const customer = world.store.get("customer", session.customer);
    const method = attach(world, newPaymentMethod(world, card, customer), customer.id);
    world.store.note(method.id).set_up = true;
    setDefaultCard(world, customer.id, method.id);
    return seeOther(`/portal/${id}`);
  },
};

function portalPage(world: World, session: Session, problem: string): Promise<Response> {
  const { id, return_url } = session;
  return page(
    "Your cards and invoices",
    html`<h1>Your cards and invoices</h1>
      <p class="soft">At ${world.settings.seller_name}</p>
      ${alertOf(problem)}${cardsPart(world, session)}${invoicesPart(world, session)}
      ${cardPart({ action: `/portal/${id}/cards`, label: "Add this card", offers_to_save: false })}
      ${return_url ? html`<a class="button plain" href="${return_url}">Go back</a>` : ""}`,
    { status: problem ? 402 : 200 },
  );
}

function cardsPart(world: World, { customer }: Session): Html {
  const cards = savedCards(world, customer);
  const { default_payment_method } = world.store.get("customer", customer).invoice_settings;
  return html`<section>
    <h2>Cards</h2>
    ${cards.length === 0 ? html`<p>No card is saved.</p>` : ""}
    ${cards.map((method) => cardRow(method, method.id === idOf(default_payment_method)))}
  </section>`;
}

function cardRow({ id, card }: Stripe.PaymentMethod, is_default: boolean): Html {
  return html`<form method="post">
    <p>
      ${card?.brand} ending in ${card?.last4}, expires ${card?.exp_month}/${card?.exp_year}
      ${is_default ? html`<strong>(charged by default)</strong>` : ""}<br />
      ${is_default ? "" : html`<button class="plain small" name="default" value="${id}">Charge by default</button>`}
      <button class="plain small" name="remove" value="${id}">Remove</button>
    </p>
  </form>`;
}

function invoicesPart(world: World, { customer }: Session): Html {
  const invoices = world.store.all("invoice").filter((one) => one.customer === customer && one.number);
  return html`<section>
    <h2>Invoices</h2>
    ${invoices.length === 0 ? html`<p>There are none yet.</p>` : ""}
    ${invoices.reverse().map(
      ({ number, total, currency, status, created, hosted_invoice_url, invoice_pdf }) =>
        html`<p>
          <a href="${hosted_invoice_url ?? ""}">${number}</a> of ${dayText(created * 1_000)}:
          ${moneyText(total, currency)}, ${status}. <a href="${invoice_pdf ?? ""}">PDF</a>
        </p>`,
    )}
  </section>`;
}
