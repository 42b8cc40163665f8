import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { CHALLENGE_FAILED, DECLINES, type Decline, type TestCard } from "../core/cards.ts";
import { newCharge } from "./charges.ts";
import { cardBehind } from "./payment-methods.ts";

/** How long the holder of a card that is disputed takes to do so. */
const DISPUTE_MS = 5_000;

export interface NewPayment {
  amount_cents: number;
  currency: string;
  customer: string | null;
  description: string | null;
  metadata: Record<string, string>;
  setup_future_usage: "off_session" | "on_session" | null;
}

export type Outcome =
  | { status: "succeeded"; charge: Stripe.Charge }
  | { status: "requires_action" }
  | { status: "declined"; decline: Decline; charge: Stripe.Charge | null };

/** A PaymentIntent that waits for a card. */
export function newPaymentIntent(world: World, payment: NewPayment): Stripe.PaymentIntent {
  const id = world.newId("pi");
  const intent: Stripe.PaymentIntent = {
    id,
    object: "payment_intent",
    allowed_payment_method_types: ["card"],
    amount: payment.amount_cents,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: "automatic",
    client_secret: `${id}_secret_${world.newId("s").slice(2)}`,
    confirmation_method: "automatic",
    created: world.seconds(),
    currency: payment.currency,
    customer: payment.customer,
    customer_account: null,
    description: payment.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: payment.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: "automatic" },
    },
    payment_method_types: ["card"],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: payment.setup_future_usage,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: "requires_payment_method",
    transfer_data: null,
    transfer_group: null,
  };
  world.add("payment_intent", intent);
  world.emit("payment_intent.created", intent);
  return intent;
}

/**
 * Charges a card. The intent ends `succeeded`, waits as `requires_action` for its holder, or is back at
 * `requires_payment_method` with the reason in `last_payment_error`. `is_authenticated`: the holder has just confirmed.
 */
export function attemptPayment(
  world: World,
  intent: Stripe.PaymentIntent,
  method_id: string,
  is_authenticated: boolean,
): Outcome {
  const card = cardBehind(world, method_id);
  const answer = world.takeNextPayment() ?? cardAnswer(world, card, method_id);
  intent.payment_method = method_id;
  intent.next_action = null;
  if (answer === null) return succeeded(world, intent, card);
  if (answer !== "authenticate") return declined(world, intent, answer);
  return is_authenticated ? succeeded(world, intent, card) : waitForHolder(world, intent, method_id);
}

/** The holder failed to authenticate: the intent needs another card. */
export function failAuthentication(world: World, intent: Stripe.PaymentIntent): Outcome {
  return declined(world, intent, CHALLENGE_FAILED);
}

/** Nothing can be paid by this intent any more. */
export function cancelPayment(
  world: World,
  intent: Stripe.PaymentIntent,
  reason: Stripe.PaymentIntent.CancellationReason,
): void {
  intent.status = "canceled";
  intent.canceled_at = world.seconds();
  intent.cancellation_reason = reason;
  intent.next_action = null;
  world.emit("payment_intent.canceled", intent);
}

function cardAnswer(world: World, card: TestCard, method_id: string): Decline | "authenticate" | null {
  if (card.decline) return card.decline;
  if (card.declines_when_saved) return DECLINES.generic_decline as Decline;
  if (card.authentication === "always") return "authenticate";
  if (card.authentication === "until_set_up" && !world.store.note(method_id).set_up) return "authenticate";
  return null;
}

function waitForHolder(world: World, intent: Stripe.PaymentIntent, method_id: string): Outcome {
  intent.status = "requires_action";
  intent.next_action = {
    type: "redirect_to_url",
    redirect_to_url: { return_url: null, url: `${world.settings.api_url}/authenticate/${intent.id}` },
  };
  world.store.note(intent.id).waiting_card = method_id;
  world.emit("payment_intent.requires_action", intent);
  return { status: "requires_action" };
}

function declined(world: World, intent: Stripe.PaymentIntent, decline: Decline): Outcome {
  const method = world.store.get("payment_method", intent.payment_method);
  const charge = world.add("charge", newCharge(world, intent, method, decline));
  intent.status = "requires_payment_method";
  intent.latest_charge = charge.id;
  intent.next_action = null;
  intent.payment_method = null;
  const { code, decline_code, message } = decline;
  intent.last_payment_error = {
    type: "card_error",
    charge: charge.id,
    code: code as Stripe.PaymentIntent.LastPaymentError.Code,
    ...(decline_code && { decline_code }),
    message,
    payment_method: structuredClone(method),
  };
  world.emit("charge.failed", charge);
  world.emit("payment_intent.payment_failed", intent);
  return { status: "declined", decline, charge };
}

function succeeded(world: World, intent: Stripe.PaymentIntent, card: TestCard): Outcome {
  const method = world.store.get("payment_method", intent.payment_method);
  const charge = world.add("charge", newCharge(world, intent, method, null));
  intent.status = "succeeded";
  intent.amount_received = intent.amount;
  intent.latest_charge = charge.id;
  intent.last_payment_error = null;
  if (intent.setup_future_usage === "off_session") world.store.note(method.id).set_up = true;
  world.emit("charge.succeeded", charge);
  world.emit("payment_intent.succeeded", intent);
  if (card.dispute) world.schedule(card.dispute, intent.id, world.now_ms() + DISPUTE_MS);
  return { status: "succeeded", charge };
}
