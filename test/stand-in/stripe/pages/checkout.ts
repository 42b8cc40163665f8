import { html } from "hono/html";
import type Stripe from "stripe";
import { answerChallenge, offersToSave, type PageOutcome, payOnPage } from "../checkout/payment.ts";
import { orderOfSession, priceSession, sessionLines } from "../checkout/sessions.ts";
import type { World } from "../core/account.ts";
import { UNTAXED } from "../core/tax.ts";
import { moneyText } from "../documents/invoice-document.ts";
import { alertOf, type Html, page, seeOther } from "./layout.ts";
import type { Pages } from "./pages.ts";
import { amountsPart, buyerPart, cardOfForm, cardPart, challengePart, vatLabel } from "./parts.ts";

/** The hosted payment page, and the question of the buyer's bank. */
export const checkoutPages: Pages = {
  "GET /c/pay/:id": async (world, id) => paymentPage(world, id, ""),
  "POST /c/pay/:id": async (world, id, form) => {
    const card = cardOfForm(form);
    if (typeof card === "string") return paymentPage(world, id, card);
    return after(world, id, payOnPage(world, id, card, form.get("save") === "yes"));
  },
  "GET /c/pay/:id/confirm": async (world, id) => {
    const session = world.named("checkout.session", id);
    return page("Your bank asks", challengePart(`/c/pay/${id}/confirm`, questionOf(world, session)));
  },
  "POST /c/pay/:id/confirm": async (world, id, form) =>
    after(world, id, answerChallenge(world, id, form.get("answer") === "yes")),
};

function questionOf({ settings }: World, session: Stripe.Checkout.Session): string {
  if (session.mode === "setup")
    return `May ${settings.seller_name} charge this card later, without asking you?`;
  const amount = moneyText(session.amount_total ?? 0, session.currency ?? "eur");
  return `Did you start a payment of ${amount} to ${settings.seller_name}?`;
}

async function paymentPage(world: World, id: string, problem: string): Promise<Response> {
  const session = world.named("checkout.session", id);
  if (session.status !== "open") return closedPage(session);
  priceSession(world, session);
  const is_setup = session.mode === "setup";
  const { seller_name } = world.settings;
  const label = is_setup
    ? "Save card"
    : `Pay ${moneyText(session.amount_total ?? 0, session.currency ?? "eur")}`;
  return page(
    is_setup ? "Save a card" : `Pay ${seller_name}`,
    html`<h1>${is_setup ? `Save a card for ${seller_name}` : `Pay ${seller_name}`}</h1>
      ${alertOf(problem)}${is_setup ? setupPart(world, session) : orderPart(world, session)}
      ${cardPart({ action: `/c/pay/${id}`, label, offers_to_save: offersToSave(session) })}
      ${session.cancel_url ? html`<a class="button plain" href="${session.cancel_url}">Back without paying</a>` : ""}`,
    { status: problem ? 402 : 200 },
  );
}

function setupPart(world: World, session: Stripe.Checkout.Session): Html {
  return html`<p class="soft">Nothing is charged now. The card is kept for later payments.</p>
    ${billedTo(world, session)}`;
}

function orderPart(world: World, session: Stripe.Checkout.Session): Html {
  const order = orderOfSession(world, session);
  const customer = world.store.get("customer", session.customer as string);
  const tax = order.automatic_tax ? world.taxFor(customer) : UNTAXED;
  const amounts = {
    lines: sessionLines(world, session.id).map(({ description, amount_subtotal }) => ({
      description,
      net_cents: amount_subtotal,
    })),
    net_cents: session.amount_subtotal ?? 0,
    tax_cents: session.total_details?.amount_tax ?? 0,
    gross_cents: session.amount_total ?? 0,
    currency: session.currency ?? "eur",
  };
  const is_kept = order.payment.setup_future_usage === "off_session";
  return html`${amountsPart(amounts, vatLabel(tax))}${billedTo(world, session)}
    ${is_kept ? html`<p class="soft">Your card is kept, for payments to come without you.</p>` : ""}`;
}

function billedTo(world: World, session: Stripe.Checkout.Session): Html {
  const customer = world.store.get("customer", session.customer as string);
  return buyerPart(customer, world.taxIdsOf(customer.id)[0]?.value ?? null);
}

function closedPage({ status, success_url, cancel_url, id }: Stripe.Checkout.Session): Promise<Response> {
  const is_done = status === "complete";
  const text = is_done ? "This is done already." : "This page is closed. Nothing was charged.";
  const back = is_done && success_url ? filled(success_url, id) : cancel_url;
  return page(
    "Closed",
    html`<h1>${text}</h1>${back ? html`<a class="button" href="${back}">Go back</a>` : ""}`,
    {
      status: is_done ? 200 : 410,
    },
  );
}

async function after(world: World, id: string, outcome: PageOutcome): Promise<Response> {
  const session = world.named("checkout.session", id);
  if (outcome.status === "requires_action") return seeOther(`/c/pay/${id}/confirm`);
  if (outcome.status === "declined") return paymentPage(world, id, outcome.message);
  if (outcome.status === "canceled") return closedPage(session);
  return seeOther(filled(session.success_url ?? "/", id));
}

function filled(success_url: string, session_id: string): string {
  return success_url.replaceAll("{CHECKOUT_SESSION_ID}", session_id);
}
