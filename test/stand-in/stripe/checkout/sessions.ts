import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { invalid } from "../core/errors.ts";
import { type Metadata, merged } from "../core/metadata.ts";
import { type Tax, taxOn, UNTAXED } from "../core/tax.ts";
import { cancelPayment, newPaymentIntent } from "../payments/payments.ts";
import { newSetupIntent } from "../payments/setup-intents.ts";
import { netOf, type Order, orderOf } from "./order.ts";
import { expiryOf, requireChargeable, requireCustomer, requireShape } from "./refusals.ts";
import { newSession } from "./resource.ts";

/** Opens a hosted page for a payment, or for a card to be saved. Refuses the combinations that Stripe refuses. */
export function createSession(
  world: World,
  parameters: Stripe.Checkout.SessionCreateParams,
): Stripe.Checkout.Session {
  requireShape(parameters);
  const named = parameters.customer ? world.referred("customer", parameters.customer, "customer") : null;
  const customer = requireCustomer(parameters, named);
  const expires_at = expiryOf(parameters, world.seconds());
  const order = orderOf(parameters);
  const session = newSession(world, parameters, { customer, order, expires_at });
  priceSession(world, session, order);
  if (session.mode === "payment") requireChargeable(session.amount_total ?? 0, session.currency ?? "eur");
  world.add("checkout.session", session, { order });
  if (session.mode === "setup") session.setup_intent = setupOf(world, session, order).id;
  world.schedule("expire_session", session.id, expires_at * 1_000);
  return session;
}

function setupOf(world: World, session: Stripe.Checkout.Session, order: Order): Stripe.SetupIntent {
  const metadata = merged({}, order.setup.metadata as Metadata);
  const { description = null } = order.setup;
  const customer = session.customer as string;
  return newSetupIntent(world, { customer, description, metadata });
}

/** The PaymentIntent of a session, made when its buyer first pays. */
export function paymentOf(world: World, session: Stripe.Checkout.Session): Stripe.PaymentIntent {
  if (session.payment_intent) return world.store.get("payment_intent", session.payment_intent);
  const { payment } = orderOfSession(world, session);
  const intent = newPaymentIntent(world, {
    amount_cents: session.amount_total ?? 0,
    currency: session.currency ?? "eur",
    customer: session.customer as string | null,
    description: payment.description ?? null,
    metadata: merged({}, payment.metadata as Metadata),
    setup_future_usage: (payment.setup_future_usage as "off_session" | undefined) ?? null,
  });
  session.payment_intent = intent.id;
  return intent;
}

/** What the session's creator asked for. */
export function orderOfSession(world: World, { id }: Stripe.Checkout.Session): Order {
  const { order } = world.store.note(id);
  if (!order) throw new Error(`The stand-in lost the order of ${id}.`);
  return order;
}

/** Net, tax and gross of a session, by the customer as they are now. */
export function priceSession(
  world: World,
  session: Stripe.Checkout.Session,
  order = orderOfSession(world, session),
): void {
  if (session.mode !== "payment") return;
  const net_cents = netOf(order.lines);
  const tax_cents = taxOn(net_cents, taxOf(world, session, order));
  session.amount_subtotal = net_cents;
  session.amount_total = net_cents + tax_cents;
  session.total_details = { amount_discount: 0, amount_shipping: 0, amount_tax: tax_cents };
}

function taxOf(world: World, { customer }: Stripe.Checkout.Session, order: Order): Tax {
  return order.automatic_tax ? world.taxFor(world.store.get("customer", customer as string)) : UNTAXED;
}

/** Closes the page. Only an open one can be closed. */
export function expireSession(world: World, id: string): Stripe.Checkout.Session {
  const session = world.named("checkout.session", id);
  if (session.status !== "open")
    throw invalid(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
    );
  session.status = "expired";
  session.url = null;
  if (session.payment_intent) cancelPayment(world, paymentOf(world, session), "expired");
  world.emit("checkout.session.expired", session);
  return session;
}

/** The lines of a session in their order. */
export function sessionLines(world: World, id: string): Stripe.LineItem[] {
  const session = world.named("checkout.session", id);
  const order = orderOfSession(world, session);
  const tax = taxOf(world, session, order);
  return order.lines.map(({ description, currency, quantity, unit_cents }, index) => {
    const amount_subtotal = quantity * unit_cents;
    const amount_tax = taxOn(amount_subtotal, tax);
    return {
      id: `li_${id.slice(-12)}${index}`,
      object: "item",
      adjustable_quantity: null,
      amount_discount: 0,
      amount_subtotal,
      amount_tax,
      amount_total: amount_subtotal + amount_tax,
      currency,
      description,
      metadata: {},
      price: null,
      quantity,
    };
  });
}
