import type Stripe from "stripe";
import { SECOND_MS } from "../units/duration";
import { expectObject, stripeFailure } from "./client";
import { idOf } from "./id-of";
import type { Payment, PaymentState } from "./payment-state";
import { purchaseMetadata } from "./purchase-metadata";

/** A purchase as Checkout has to know it: everything from its stored row, so that a repeat asks for the same to the letter. */
export interface CheckoutPurchase {
  id: string;
  organization_id: string;
  currency: string;
  net_cents: number;
  stripe_customer_id: string;
  stripe_session_id: string | null;
  return_url: string | null;
  save_card: boolean;
  attempt: number;
  created_at_ms: number;
  expires_at_ms: number;
  deployment: string | null;
  tax_decision: { footer: string | null };
}

/** A page at Stripe, and the tax that it asks. */
export interface CheckoutPage {
  session_id: string;
  pay_url: string | null;
  tax_cents: number;
}

function pageOf({ id, url, total_details }: Stripe.Checkout.Session): CheckoutPage {
  return { session_id: id, pay_url: url, tax_cents: total_details?.amount_tax ?? 0 };
}

/** What is sold, as the payment page and the invoice name it. */
export const PRODUCT_NAME = "Prepaid call credit";

/**
 * The hosted page on which a purchase is paid, and the tax that Stripe asks on it. The same purchase always gets the same
 * page, as long as its attempt is the same.
 */
export async function openCheckout(
  stripe: Stripe,
  purchase: CheckoutPurchase,
  return_page: string,
): Promise<CheckoutPage & { pay_url: string }> {
  const session = await stripe.checkout.sessions.create(sessionOf(purchase, return_page), {
    idempotencyKey: `purchase:${purchase.id}:session:${purchase.attempt}`,
  });
  const { id, url } = expectObject(session, "checkout.session");
  if (!url) throw new Error(`Checkout session ${id} has no page.`);
  return { ...pageOf(session), pay_url: url };
}

function sessionOf(purchase: CheckoutPurchase, return_page: string): Stripe.Checkout.SessionCreateParams {
  const metadata = purchaseMetadata(purchase);
  const { footer } = purchase.tax_decision;
  return {
    mode: "payment",
    customer: purchase.stripe_customer_id,
    client_reference_id: purchase.organization_id,
    metadata,
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: purchase.currency.toLowerCase(),
          unit_amount: purchase.net_cents,
          tax_behavior: "exclusive",
          product_data: { name: PRODUCT_NAME },
        },
      },
    ],
    automatic_tax: { enabled: true },
    adaptive_pricing: { enabled: false },
    allowed_payment_method_types: ["card"],
    billing_address_collection: "auto",
    invoice_creation: {
      enabled: true,
      invoice_data: {
        description: PRODUCT_NAME,
        metadata,
        rendering_options: { amount_tax_display: "exclude_tax" },
        ...(footer === null ? {} : { footer }),
      },
    },
    // None of these inherits the others' metadata, and refunds and disputes come with the payment's only.
    payment_intent_data: {
      metadata,
      ...(purchase.save_card ? { setup_future_usage: "off_session" as const } : {}),
    },
    saved_payment_method_options: { allow_redisplay_filters: ["always", "limited"] },
    expires_at: Math.floor(purchase.expires_at_ms / SECOND_MS),
    success_url: `${return_page}&session_id={CHECKOUT_SESSION_ID}`,
    cancel_url: `${return_page}&cancelled=true`,
    locale: "auto",
  };
}

/** The session that was made for a purchase but whose id was lost on the way back, null when there is none. */
export async function findCheckout(stripe: Stripe, purchase: CheckoutPurchase): Promise<CheckoutPage | null> {
  const sessions = stripe.checkout.sessions.list({
    customer: purchase.stripe_customer_id,
    created: { gte: Math.floor(purchase.created_at_ms / SECOND_MS) - CLOCK_DIFFERENCE_SECONDS },
    limit: 100,
  });
  for await (const session of sessions)
    if (expectObject(session, "checkout.session").metadata?.purchase_id === purchase.id)
      return pageOf(session);
  return null;
}

const CLOCK_DIFFERENCE_SECONDS = 300;

/**
 * How the purchase's session stands. Paid only when every part of the evidence agrees: a one-time payment in the right
 * mode, by our customer, of the amount and in the currency that was asked, whose payment has succeeded.
 */
export async function checkoutState(
  stripe: Stripe,
  purchase: CheckoutPurchase & { stripe_session_id: string },
  is_live: boolean,
): Promise<PaymentState> {
  const session = await retrieveSession(stripe, purchase.stripe_session_id);
  if (!session) return { state: "mismatch", what: "session" };
  if (session.payment_status === "paid") return paidState(session, purchase, is_live);
  if (session.payment_status === "no_payment_required") return { state: "mismatch", what: "payment_status" };
  if (session.status === "expired") return { state: "expired" };
  return { state: "open", pay_url: session.url };
}

async function retrieveSession(stripe: Stripe, id: string): Promise<Stripe.Checkout.Session | null> {
  try {
    const session = await stripe.checkout.sessions.retrieve(id, { expand: ["payment_intent"] });
    return expectObject(session, "checkout.session");
  } catch (error) {
    if (stripeFailure(error).kind === "missing") return null;
    throw error;
  }
}

function paidState(
  session: Stripe.Checkout.Session,
  purchase: CheckoutPurchase,
  is_live: boolean,
): PaymentState {
  const { payment_intent: intent, amount_subtotal, amount_total } = session;
  const tax_cents = session.total_details?.amount_tax ?? 0;
  if (!intent || typeof intent === "string" || amount_total === null)
    return { state: "mismatch", what: "payment_intent" };
  const evidence: Record<string, boolean> = {
    mode: session.mode === "payment",
    livemode: session.livemode === is_live,
    purchase: session.metadata?.purchase_id === purchase.id,
    customer: idOf(session.customer) === purchase.stripe_customer_id,
    currency: session.currency === purchase.currency.toLowerCase(),
    net: amount_subtotal === purchase.net_cents,
    gross: amount_total === purchase.net_cents + tax_cents,
    received: intent.status === "succeeded" && intent.amount_received === amount_total,
  };
  const wrong = Object.keys(evidence).filter((name) => !evidence[name]);
  if (wrong.length > 0) return { state: "mismatch", what: wrong.join(", ") };
  const payment: Payment = {
    tax_cents,
    gross_cents: amount_total,
    payment_intent_id: intent.id,
    invoice_id: idOf(session.invoice),
    payment_method_id: idOf(intent.payment_method),
  };
  return { state: "paid", payment };
}

/** Closes the page, so that nothing can be paid on it any more. A session that was paid stays paid. */
export async function closeCheckout(stripe: Stripe, session_id: string): Promise<void> {
  try {
    await stripe.checkout.sessions.expire(session_id);
  } catch (error) {
    const { kind } = stripeFailure(error);
    if (kind !== "refused" && kind !== "missing") throw error;
  }
}
