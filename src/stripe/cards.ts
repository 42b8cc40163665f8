import type Stripe from "stripe";
import { SECOND_MS } from "../units/duration";
import { expectObject, stripeFailure } from "./client";
import { idOf } from "./id-of";
import { isOurs } from "./purchase-metadata";

/** A card as Stripe keeps it. */
export interface Card {
  payment_method_id: string;
  brand: string;
  last4: string;
  exp_month: number;
  exp_year: number;
  /** The same for the same card, however often it is saved. */
  fingerprint: string | null;
}

/** The card of this customer behind a payment method; null when it is none, is not known or was taken from them. */
export async function readCard(
  stripe: Stripe,
  customer_id: string,
  payment_method_id: string,
): Promise<Card | null> {
  try {
    const method = expectObject(await stripe.paymentMethods.retrieve(payment_method_id), "payment_method");
    if (!method.card || idOf(method.customer) !== customer_id) return null;
    const { brand, last4, exp_month, exp_year, fingerprint } = method.card;
    return { payment_method_id, brand, last4, exp_month, exp_year, fingerprint: fingerprint ?? null };
  } catch (error) {
    if (stripeFailure(error).kind === "missing") return null;
    throw error;
  }
}

/** Charges this card when nothing else is said; false when it is not the customer's any more. */
export async function setDefaultCard(
  stripe: Stripe,
  customer_id: string,
  payment_method_id: string,
): Promise<boolean> {
  try {
    await stripe.customers.update(customer_id, {
      invoice_settings: { default_payment_method: payment_method_id },
    });
    return true;
  } catch (error) {
    const { kind } = stripeFailure(error);
    if (kind === "refused" || kind === "missing") return false;
    throw error;
  }
}

/** The card that the customer has chosen to be charged, null when there is none or the customer is gone. */
export async function defaultCardOf(stripe: Stripe, customer_id: string): Promise<string | null> {
  try {
    const customer = expectObject(await stripe.customers.retrieve(customer_id), "customer");
    return customer.deleted ? null : idOf(customer.invoice_settings.default_payment_method);
  } catch (error) {
    if (stripeFailure(error).kind === "missing") return null;
    throw error;
  }
}

/**
 * The set-up by which the holder has let this card of the customer's be charged without them, on whatever page; null when
 * there is none. Source: Stripe's documentation, "The SetupIntent object", `usage`.
 */
export async function offSessionSetup(
  stripe: Stripe,
  customer: string,
  payment_method: string,
): Promise<string | null> {
  for await (const found of stripe.setupIntents.list({ customer, payment_method, limit: 100 })) {
    const { id, status, usage } = expectObject(found, "setup_intent");
    if (status === "succeeded" && usage === "off_session") return id;
  }
  return null;
}

/** Takes every saved card from the customer for good; answers which. */
export async function detachCards(stripe: Stripe, customer_id: string): Promise<string[]> {
  const found: string[] = [];
  for await (const method of stripe.paymentMethods.list({ customer: customer_id, type: "card", limit: 100 }))
    found.push(expectObject(method, "payment_method").id);
  // Only then: a list that shrinks while it is read would leave some out.
  for (const id of found) await detach(stripe, id);
  return found;
}

async function detach(stripe: Stripe, id: string): Promise<void> {
  try {
    await stripe.paymentMethods.detach(id);
  } catch (error) {
    // Another request has done it.
    const { kind } = stripeFailure(error);
    if (kind !== "refused" && kind !== "missing") throw error;
  }
}

/** A page on which a customer enters a card to be charged later. */
export interface CardPage {
  url: string;
  expires_at_ms: number;
  /** Where the page leads to afterwards; answered again by `readCardSetup`. */
  return_url: string | null;
}

/** `request`: what the page is found by again, null when it is not to be. */
export async function openCardSetup(
  stripe: Stripe,
  setup: {
    organization_id: string;
    deployment: string;
    customer_id: string;
    return_url: string | null;
    request: string | null;
    success_url: string;
    cancel_url: string;
  },
  key: string | undefined,
): Promise<CardPage> {
  const { organization_id, deployment, customer_id, return_url, request } = setup;
  const metadata = { organization_id, deployment };
  const about = { ...(return_url !== null && { return_url }), ...(request !== null && { request }) };
  const session = await stripe.checkout.sessions.create(
    {
      mode: "setup",
      currency: "eur",
      customer: customer_id,
      client_reference_id: organization_id,
      allowed_payment_method_types: ["card"],
      metadata: { ...metadata, ...about },
      setup_intent_data: { metadata },
      success_url: setup.success_url,
      cancel_url: setup.cancel_url,
      locale: "auto",
    },
    key === undefined ? {} : { idempotencyKey: key },
  );
  const page = cardPage(session);
  if (!page) throw new Error(`Checkout session ${session.id} has no page.`);
  return page;
}

/** The page that was opened for a request, while it is open. */
export async function findCardSetup(
  stripe: Stripe,
  customer_id: string,
  request: string,
): Promise<CardPage | null> {
  for await (const session of stripe.checkout.sessions.list({ customer: customer_id, limit: 100 }))
    if (session.metadata?.request === request) return cardPage(session);
  return null;
}

function cardPage(session: Stripe.Checkout.Session): CardPage | null {
  const { url, expires_at, metadata } = expectObject(session, "checkout.session");
  if (!url) return null;
  return { url, expires_at_ms: expires_at * SECOND_MS, return_url: metadata?.return_url ?? null };
}

/** What came of a page that `openCardSetup` has made. */
export interface CardSetup {
  organization_id: string;
  customer_id: string;
  /** Null while no card was entered. */
  payment_method_id: string | null;
  return_url: string | null;
  created_at_ms: number;
}

/** Null when there is no such page, or it is not one of ours. */
export async function readCardSetup(
  stripe: Stripe,
  session_id: string,
  { is_live, deployment }: { is_live: boolean; deployment: string },
): Promise<CardSetup | null> {
  const session = await retrieveSetup(stripe, session_id);
  const customer_id = idOf(session?.customer);
  const organization_id = session?.metadata?.organization_id;
  if (session?.mode !== "setup" || session.livemode !== is_live || !customer_id || !organization_id)
    return null;
  if (!isOurs(session.metadata, deployment)) return null;
  const intent = session.setup_intent;
  const is_done = intent && typeof intent !== "string" && intent.status === "succeeded";
  return {
    organization_id,
    customer_id,
    payment_method_id: is_done ? idOf(intent.payment_method) : null,
    return_url: session.metadata?.return_url ?? null,
    created_at_ms: session.created * SECOND_MS,
  };
}

async function retrieveSetup(stripe: Stripe, id: string): Promise<Stripe.Checkout.Session | null> {
  try {
    const session = await stripe.checkout.sessions.retrieve(id, { expand: ["setup_intent"] });
    return expectObject(session, "checkout.session");
  } catch (error) {
    if (stripeFailure(error).kind === "missing") return null;
    throw error;
  }
}
