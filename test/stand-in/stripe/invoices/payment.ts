import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { type ErrorBody, Failure, invalid } from "../core/errors.ts";
import { idOf } from "../core/store.ts";
import { cardOfCustomer } from "../payments/payment-methods.ts";
import { attemptPayment, failAuthentication, type Outcome } from "../payments/payments.ts";
import { finalizeInvoice, markPaid, paymentsOf } from "./states.ts";

/**
 * `invoices.pay`: one explicit payment with a saved card. A card that needs its holder leaves the payment waiting for
 * them (402 `invoice_payment_intent_requires_action`): the customer can confirm it at `hosted_invoice_url`.
 */
export function payInvoice(
  world: World,
  id: string,
  parameters: Stripe.InvoicePayParams,
): Stripe.Invoice | Failure {
  const invoice = world.named("invoice", id);
  if (invoice.status === "paid") throw invalid("Invoice is already paid");
  if (invoice.status === "void") throw invalid("You cannot pay a voided invoice.");
  const method_id = cardToCharge(world, invoice, parameters);
  if (invoice.status === "draft") {
    const finalized = finalizeInvoice(world, invoice);
    if (finalized instanceof Failure || finalized.status === "paid") return finalized;
  }
  if (method_id === null) return markPaid(world, invoice, 0);
  const outcome = chargeInvoice(world, invoice, method_id);
  return outcome.status === "succeeded" ? invoice : failureOf(world, invoice, outcome);
}

/** The card that is given, else the invoice's, else the customer's; null when it is paid elsewhere. */
function cardToCharge(
  world: World,
  invoice: Stripe.Invoice,
  { payment_method, paid_out_of_band }: Stripe.InvoicePayParams,
): string | null {
  if (paid_out_of_band) return null;
  const customer = world.store.get("customer", invoice.customer as string);
  const method_id =
    payment_method ??
    idOf(invoice.default_payment_method) ??
    idOf(customer.invoice_settings.default_payment_method);
  if (!method_id)
    throw invalid(
      "There is no `default_payment_method` set on this Customer or Invoice. Please set a default payment method prior to attempting payment.",
    );
  return cardOfCustomer(world, method_id, customer.id).id;
}

/** Charges the invoice's PaymentIntent and moves the invoice on. `is_authenticated`: the holder has just confirmed. */
export function chargeInvoice(
  world: World,
  invoice: Stripe.Invoice,
  method_id: string,
  is_authenticated = false,
): Outcome {
  return settle(world, invoice, attemptPayment(world, intentOf(world, invoice), method_id, is_authenticated));
}

/** The card that waits for its holder to confirm, or was declined because nobody could; null when there is none. */
export function cardToConfirm(world: World, invoice: Stripe.Invoice): string | null {
  if (invoice.status !== "open") return null;
  const intent = intentOf(world, invoice);
  if (intent.status === "requires_action") return world.store.note(intent.id).waiting_card ?? null;
  const error = intent.last_payment_error;
  return error?.code === "authentication_required" ? (error.payment_method?.id ?? null) : null;
}

/** The holder answered the question of their bank about the invoice's payment. */
export function answerInvoiceChallenge(world: World, invoice: Stripe.Invoice, is_passed: boolean): Outcome {
  const method_id = cardToConfirm(world, invoice);
  if (!method_id) throw invalid("Nothing is to be confirmed.");
  if (!is_passed) return settle(world, invoice, failAuthentication(world, intentOf(world, invoice)));
  const outcome = chargeInvoice(world, invoice, method_id, true);
  // A card that its holder has confirmed in person works without them from now on.
  if (outcome.status === "succeeded") world.store.note(method_id).set_up = true;
  return outcome;
}

/** The PaymentIntent by which an open invoice is paid. */
function intentOf(world: World, invoice: Stripe.Invoice): Stripe.PaymentIntent {
  const payment = paymentsOf(world, invoice.id).find((one) => one.status === "open");
  return world.store.get("payment_intent", payment?.payment.payment_intent);
}

function settle(world: World, invoice: Stripe.Invoice, outcome: Outcome): Outcome {
  invoice.attempted = true;
  invoice.attempt_count += 1;
  if (outcome.status === "succeeded") markPaid(world, invoice, outcome.charge.amount);
  if (outcome.status === "declined") world.emit("invoice.payment_failed", invoice);
  const needs_holder =
    outcome.status === "requires_action" ||
    (outcome.status === "declined" && outcome.decline.code === "authentication_required");
  if (needs_holder) world.emit("invoice.payment_action_required", invoice);
  return outcome;
}

function failureOf(
  world: World,
  invoice: Stripe.Invoice,
  outcome: Exclude<Outcome, { status: "succeeded" }>,
): Failure {
  const payment_intent = structuredClone(intentOf(world, invoice));
  if (outcome.status === "requires_action")
    return new Failure(402, {
      type: "card_error",
      code: "invoice_payment_intent_requires_action",
      message:
        "This payment requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with the invoice.",
      payment_intent,
    });
  const { code, decline_code, message } = outcome.decline;
  const body: ErrorBody = { type: "card_error", code, message, payment_intent };
  if (decline_code) body.decline_code = decline_code;
  if (outcome.charge) body.charge = outcome.charge.id;
  return new Failure(402, body);
}
