import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { READY_MADE, type TestCard, testCard } from "../core/cards.ts";
import { invalid, missing, Refusal } from "../core/errors.ts";

/** Makes a payment method of a test card, for this customer or for one payment only. */
export function newPaymentMethod(
  world: World,
  card: TestCard,
  customer: Stripe.Customer | null,
): Stripe.PaymentMethod {
  const method: Stripe.PaymentMethod = {
    id: world.newId("pm"),
    object: "payment_method",
    allow_redisplay: "limited",
    billing_details: {
      address: customer?.address ?? null,
      email: customer?.email ?? null,
      name: customer?.name ?? null,
      phone: null,
      tax_id: null,
    },
    card: cardOf(card),
    created: world.seconds(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: "card",
  };
  return world.add("payment_method", method, { card_number: card.number });
}

function cardOf(card: TestCard): Stripe.PaymentMethod.Card {
  return {
    brand: card.brand,
    checks: { address_line1_check: "pass", address_postal_code_check: "pass", cvc_check: "pass" },
    country: "NL",
    display_brand: card.brand,
    exp_month: 12,
    exp_year: 2034,
    // The same card has the same fingerprint, whichever payment method it stands behind.
    fingerprint: `test${card.number.slice(-12)}`,
    funding: "credit",
    generated_from: null,
    last4: card.number.slice(-4),
    networks: { available: [card.brand], preferred: null },
    regulated_status: "unregulated",
    three_d_secure_usage: { supported: true },
    wallet: null,
  };
}

/** The test card behind a payment method. */
export function cardBehind(world: World, method_id: string): TestCard {
  const card = testCard(world.store.note(method_id).card_number ?? "");
  if (!card) throw new Error(`No test card stands behind ${method_id}.`);
  return card;
}

/** Attaches a card that was made before, or one of Stripe's ready-made ones. A card that is always declined is refused. */
export function attachPaymentMethod(world: World, id: string, customer_id: string): Stripe.PaymentMethod {
  const customer = world.referred("customer", customer_id, "customer");
  const ready_made = testCard(READY_MADE[id] ?? "");
  if (ready_made?.decline) throw declinedOnAttach(ready_made.decline);
  if (ready_made) return attach(world, newPaymentMethod(world, ready_made, customer), customer.id);
  const method = world.named("payment_method", id);
  if (world.store.note(id).used_up)
    throw invalid(
      "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.",
    );
  if (method.customer !== null && method.customer !== customer.id)
    throw invalid("The payment method you provided has already been attached to a customer.");
  return attach(world, method, customer.id);
}

function declinedOnAttach(decline: NonNullable<TestCard["decline"]>): Refusal {
  return new Refusal(402, { type: "card_error", ...decline });
}

/** Attaches and makes the event. A method that is attached already stays as it is. */
export function attach(
  world: World,
  method: Stripe.PaymentMethod,
  customer_id: string,
): Stripe.PaymentMethod {
  if (method.customer === customer_id) return method;
  method.customer = customer_id;
  world.emit("payment_method.attached", method);
  return method;
}

/** Takes the card from its customer, who then has no default card if it was that. It can never be attached again. */
export function detachPaymentMethod(world: World, id: string): Stripe.PaymentMethod {
  const method = world.named("payment_method", id);
  if (method.customer === null)
    throw invalid(
      "The payment method you provided is not attached to a customer so detachment is impossible.",
    );
  const customer = world.store.get("customer", method.customer);
  const previous = { customer: customer.id };
  method.customer = null;
  world.store.note(method.id).used_up = true;
  if (customer.invoice_settings.default_payment_method === method.id) {
    customer.invoice_settings.default_payment_method = null;
    world.emit("customer.updated", customer);
  }
  world.emit("payment_method.detached", method, previous);
  return method;
}

/** The customer's saved cards, oldest first; of another type than cards there are none. */
export function savedCards(world: World, customer_id: string, type = "card"): Stripe.PaymentMethod[] {
  return world.store
    .all("payment_method")
    .filter((method) => method.customer === customer_id && method.type === type);
}

/** The card of this customer. Throws 400 when it is another's or none. */
export function cardOfCustomer(world: World, id: string, customer_id: string): Stripe.PaymentMethod {
  const method = world.store.find("payment_method", id);
  if (!method) throw missing("PaymentMethod", id, "payment_method");
  if (method.customer !== customer_id)
    throw invalid(
      `The payment method ${id} does not belong to the customer ${customer_id}. Attach it to the customer first.`,
      { param: "payment_method" },
    );
  return method;
}
