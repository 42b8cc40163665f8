import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { CHALLENGE_FAILED, type Decline, type TestCard } from "../core/cards.ts";
import { invalid } from "../core/errors.ts";
import { attach, cardBehind, newPaymentMethod } from "../payments/payment-methods.ts";
import { attemptPayment, failAuthentication, type Outcome } from "../payments/payments.ts";
import { makeInvoice } from "./invoice.ts";
import { paymentOf, priceSession } from "./sessions.ts";

/** What came of a buyer's try on the page. `canceled`: the page is closed. */
export type PageOutcome =
  | { status: "paid" | "saved" | "requires_action" | "canceled" }
  | { status: "declined"; message: string };

/**
 * The buyer pays with a card on the page, or has it saved. A declined one leaves the page open for another. `save`: they
 * ticked that the card be kept, which only a page that offers it takes.
 */
export function payOnPage(world: World, session_id: string, card: TestCard, save = false): PageOutcome {
  const session = world.named("checkout.session", session_id);
  if (session.status !== "open") return { status: "canceled" };
  if (save && !offersToSave(session)) throw invalid("This page offers to save no card.", { param: "save" });
  const method = newPaymentMethod(world, card, world.store.get("customer", session.customer as string));
  if (session.mode === "setup") return setUp(world, session, method, false);
  priceSession(world, session);
  const intent = paymentOf(world, session);
  intent.amount = session.amount_total ?? 0;
  if (save) method.allow_redisplay = "always";
  return finish(world, session, attemptPayment(world, intent, method.id, false));
}

/** Whether the page has a box to tick for the card to be kept. */
export function offersToSave({ saved_payment_method_options }: Stripe.Checkout.Session): boolean {
  return saved_payment_method_options?.payment_method_save === "enabled";
}

/** The card's holder answered the question of their bank. */
export function answerChallenge(world: World, session_id: string, is_passed: boolean): PageOutcome {
  const session = world.named("checkout.session", session_id);
  if (session.status !== "open") return { status: "canceled" };
  if (session.mode === "setup") return answerSetupChallenge(world, session, is_passed);
  const intent = paymentOf(world, session);
  const { waiting_card } = world.store.note(intent.id);
  if (intent.status !== "requires_action" || !waiting_card) throw nothingToConfirm();
  const outcome = is_passed
    ? attemptPayment(world, intent, waiting_card, true)
    : failAuthentication(world, intent);
  return finish(world, session, outcome);
}

function nothingToConfirm() {
  return invalid("Nothing is to be confirmed.");
}

function finish(world: World, session: Stripe.Checkout.Session, outcome: Outcome): PageOutcome {
  if (outcome.status === "requires_action") return { status: "requires_action" };
  if (outcome.status === "declined") return { status: "declined", message: outcome.decline.message };
  const intent = paymentOf(world, session);
  const method = world.store.get("payment_method", intent.payment_method);
  const is_kept = intent.setup_future_usage !== null || method.allow_redisplay === "always";
  if (is_kept) attach(world, method, session.customer as string);
  else world.store.note(method.id).used_up = true;
  session.status = "complete";
  session.payment_status = "paid";
  session.url = null;
  if (!world.invoices_wait) makeInvoice(world, session);
  world.emit("checkout.session.completed", session);
  return { status: "paid" };
}

function setUp(
  world: World,
  session: Stripe.Checkout.Session,
  method: Stripe.PaymentMethod,
  is_authenticated: boolean,
): PageOutcome {
  const intent = world.store.get("setup_intent", session.setup_intent);
  const card = cardBehind(world, method.id);
  if (card.decline) return declinedSetup(world, intent, card.decline);
  if (card.authentication && !is_authenticated) {
    intent.status = "requires_action";
    world.store.note(intent.id).waiting_card = method.id;
    world.emit("setup_intent.requires_action", intent);
    return { status: "requires_action" };
  }
  intent.status = "succeeded";
  intent.payment_method = method.id;
  world.store.note(method.id).set_up = true;
  attach(world, method, session.customer as string);
  session.status = "complete";
  session.url = null;
  world.emit("setup_intent.succeeded", intent);
  world.emit("checkout.session.completed", session);
  return { status: "saved" };
}

function answerSetupChallenge(
  world: World,
  session: Stripe.Checkout.Session,
  is_passed: boolean,
): PageOutcome {
  const intent = world.store.get("setup_intent", session.setup_intent);
  const { waiting_card } = world.store.note(intent.id);
  if (intent.status !== "requires_action" || !waiting_card) throw nothingToConfirm();
  if (is_passed) return setUp(world, session, world.store.get("payment_method", waiting_card), true);
  return declinedSetup(world, intent, { ...CHALLENGE_FAILED, code: "setup_intent_authentication_failure" });
}

function declinedSetup(world: World, intent: Stripe.SetupIntent, decline: Decline): PageOutcome {
  const { message } = decline;
  intent.status = "requires_payment_method";
  intent.last_setup_error = { type: "card_error", code: decline.code as "card_declined", message };
  world.emit("setup_intent.setup_failed", intent);
  return { status: "declined", message };
}
