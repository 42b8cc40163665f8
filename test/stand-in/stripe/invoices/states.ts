import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { Failure, invalid, notPlayed } from "../core/errors.ts";
import { applyBalance, returnBalance } from "../customers/balances.ts";
import { cancelPayment, newPaymentIntent } from "../payments/payments.ts";
import { computeTotals, customerOn } from "./draft.ts";

/** Gives the invoice its number and fixes it. Without a known location nothing is finalized and no number is used. */
export function finalizeInvoice(
  world: World,
  invoice: Stripe.Invoice,
  auto_advance?: boolean,
): Stripe.Invoice | Failure {
  if (auto_advance) throw notPlayed("invoices that go on by themselves", "auto_advance");
  if (invoice.status !== "draft")
    throw invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.");
  const customer = world.store.get("customer", invoice.customer as string);
  Object.assign(invoice, customerOn(world, customer));
  computeTotals(world, invoice);
  if (invoice.automatic_tax.status === "requires_location_inputs") return failFinalization(world, invoice);
  open(world, invoice);
  applyBalance(world, invoice);
  world.emit("invoice.finalized", invoice);
  if (invoice.amount_due === 0) return markPaid(world, invoice, 0);
  linkPayment(world, invoice, paymentFor(world, invoice));
  return invoice;
}

/** The payment by which the invoice is to be paid. It has none of the invoice's metadata. */
function paymentFor(world: World, invoice: Stripe.Invoice): Stripe.PaymentIntent {
  return newPaymentIntent(world, {
    amount_cents: invoice.amount_due,
    currency: invoice.currency,
    customer: invoice.customer as string,
    description: "Payment for Invoice",
    metadata: {},
    setup_future_usage: null,
  });
}

function failFinalization(world: World, invoice: Stripe.Invoice): Failure {
  const error = {
    type: "invalid_request_error",
    code: "customer_tax_location_invalid",
    message:
      "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.",
  } as const;
  invoice.automatic_tax.disabled_reason = "finalization_requires_location_inputs";
  invoice.last_finalization_error = error;
  world.emit("invoice.finalization_failed", invoice);
  return new Failure(400, error);
}

/** Draft to open: number, times and links. Whoever calls it tells of it. */
export function open(world: World, invoice: Stripe.Invoice): void {
  const now = world.seconds();
  const page = `${world.settings.api_url}/invoice/${invoice.id}`;
  invoice.number = world.takeInvoiceNumber();
  invoice.status = "open";
  invoice.status_transitions.finalized_at = now;
  invoice.effective_at = now;
  invoice.ending_balance = 0;
  invoice.hosted_invoice_url = page;
  invoice.invoice_pdf = `${page}/pdf`;
}

/** Ties a PaymentIntent to the invoice that it pays. */
export function linkPayment(
  world: World,
  invoice: Stripe.Invoice,
  intent: Stripe.PaymentIntent,
): Stripe.InvoicePayment {
  return world.add("invoice_payment", {
    id: world.newId("inpay"),
    object: "invoice_payment",
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: world.seconds(),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: intent.id, type: "payment_intent" },
    status: "open",
    status_transitions: { canceled_at: null, paid_at: null },
  });
}

/** The payments of an invoice, oldest first. */
export function paymentsOf(world: World, invoice_id: string): Stripe.InvoicePayment[] {
  return world.store.all("invoice_payment").filter((payment) => payment.invoice === invoice_id);
}

/** Open to paid. `paid_cents` is what came in by card; with none of it the payment that was waited for is canceled. */
export function markPaid(world: World, invoice: Stripe.Invoice, paid_cents: number): Stripe.Invoice {
  const now = world.seconds();
  if (paid_cents === 0) cancelPayments(world, invoice);
  for (const payment of paymentsOf(world, invoice.id)) {
    if (payment.status !== "open") continue;
    payment.status = "paid";
    payment.amount_paid = paid_cents;
    payment.status_transitions.paid_at = now;
    world.emit("invoice_payment.paid", payment);
  }
  invoice.status = "paid";
  invoice.attempted = true;
  invoice.amount_paid = invoice.amount_due;
  invoice.amount_remaining = 0;
  invoice.status_transitions.paid_at = now;
  invoice.next_payment_attempt = null;
  world.emit("invoice.updated", invoice);
  world.emit("invoice.paid", invoice);
  if (paid_cents > 0) world.emit("invoice.payment_succeeded", invoice);
  return invoice;
}

function cancelPayments(world: World, invoice: Stripe.Invoice): void {
  for (const payment of paymentsOf(world, invoice.id)) {
    if (payment.status !== "open") continue;
    payment.status = "canceled";
    payment.status_transitions.canceled_at = world.seconds();
    const intent = world.store.get("payment_intent", payment.payment.payment_intent);
    cancelPayment(world, intent, "void_invoice");
  }
}

/** Open to void: the document stays, its payment is canceled. */
export function voidInvoice(world: World, invoice: Stripe.Invoice): Stripe.Invoice {
  if (invoice.status !== "open" && invoice.status !== "uncollectible")
    throw invalid(`You can only pass in open or uncollectible invoices. This invoice is ${invoice.status}.`, {
      code: "invoice_not_editable",
    });
  cancelPayments(world, invoice);
  returnBalance(world, invoice);
  invoice.status = "void";
  invoice.amount_remaining = 0;
  invoice.status_transitions.voided_at = world.seconds();
  world.emit("invoice.updated", invoice);
  world.emit("invoice.voided", invoice);
  return invoice;
}

/** Open to uncollectible: nobody tries to collect it any more, though it can still be paid. */
export function markUncollectible(world: World, invoice: Stripe.Invoice): Stripe.Invoice {
  if (invoice.status !== "open")
    throw invalid(`You can only pass in open invoices. This invoice is ${invoice.status}.`, {
      code: "invoice_not_editable",
    });
  invoice.status = "uncollectible";
  invoice.status_transitions.marked_uncollectible_at = world.seconds();
  world.emit("invoice.updated", invoice);
  world.emit("invoice.marked_uncollectible", invoice);
  return invoice;
}

/** Less is owed on an open invoice by this much, or more again. Nothing owed is paid. */
export function changeAmountDue(world: World, invoice: Stripe.Invoice, by_cents: number): void {
  invoice.amount_due += by_cents;
  invoice.amount_remaining = invoice.amount_due;
  if (invoice.amount_due === 0) {
    markPaid(world, invoice, 0);
    return;
  }
  for (const payment of paymentsOf(world, invoice.id)) {
    payment.amount_requested = invoice.amount_due;
    world.store.get("payment_intent", payment.payment.payment_intent).amount = invoice.amount_due;
  }
}
