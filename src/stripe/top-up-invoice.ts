import type Stripe from "stripe";
import { AUTHENTICATION_REQUIRED } from "../units/card-failures";
import { SECOND_MS } from "../units/duration";
import { PRODUCT_NAME } from "./checkout";
import { expectObject, stripeFailure } from "./client";
import { hasBalance } from "./customers";
import { idOf } from "./id-of";
import { AUTO_TOP_UP } from "./money-moved";
import type { PaymentState } from "./payment-state";
import { purchaseMetadata } from "./purchase-metadata";

/** An auto top-up as Stripe has to know it: everything from its stored row, so that a repeat asks for the same to the letter. */
export interface TopUpPurchase {
  id: string;
  organization_id: string;
  status: string;
  currency: string;
  net_cents: number;
  stripe_customer_id: string;
  stripe_invoice_id: string | null;
  payment_method_id: string | null;
  attempt: number;
  failure_code: string | null;
  failure_message: string | null;
  created_at_ms: number;
  deployment: string | null;
  tax_decision: { footer: string | null };
}

const CLOCK_DIFFERENCE_SECONDS = 300;

/** A draft for the purchase, nothing on it yet. The same purchase gets the same draft, as long as its attempt is the same. */
export async function createTopUpInvoice(stripe: Stripe, purchase: TopUpPurchase): Promise<string> {
  const { footer } = purchase.tax_decision;
  const invoice = await stripe.invoices.create(
    {
      customer: purchase.stripe_customer_id,
      currency: purchase.currency.toLowerCase(),
      collection_method: "charge_automatically",
      // Nothing is to happen by itself: one payment, when we say so.
      auto_advance: false,
      automatic_tax: { enabled: true },
      default_payment_method: purchase.payment_method_id ?? undefined,
      pending_invoice_items_behavior: "exclude",
      description: PRODUCT_NAME,
      metadata: { ...purchaseMetadata(purchase), kind: AUTO_TOP_UP },
      rendering: { amount_tax_display: "exclude_tax" },
      ...(footer === null ? {} : { footer }),
    },
    keyOf(purchase, "invoice"),
  );
  return expectObject(invoice, "invoice").id;
}

/** The invoice that was made for a purchase but whose id was lost on the way back, null when there is none. */
export async function findTopUpInvoice(stripe: Stripe, purchase: TopUpPurchase): Promise<string | null> {
  const invoices = stripe.invoices.list({
    customer: purchase.stripe_customer_id,
    created: { gte: Math.floor(purchase.created_at_ms / SECOND_MS) - CLOCK_DIFFERENCE_SECONDS },
    limit: 100,
  });
  for await (const invoice of invoices) {
    const { id, metadata } = expectObject(invoice, "invoice");
    if (metadata?.purchase_id === purchase.id && metadata.kind === AUTO_TOP_UP) return id;
  }
  return null;
}

/**
 * The invoice, brought from a draft to one that can be paid. One that is further than that is answered as it is.
 * Each step is left out when an earlier try has taken it. `has_balance`: it stays a draft, because finalizing it would mix a
 * balance of the customer into it.
 */
export async function openTopUpInvoice(
  stripe: Stripe,
  purchase: TopUpPurchase,
  invoice_id: string,
): Promise<Stripe.Invoice | "has_balance"> {
  const invoice = expectObject(await stripe.invoices.retrieve(invoice_id), "invoice");
  if (invoice.status !== "draft") return invoice;
  if (invoice.lines.data.length === 0)
    await stripe.invoiceItems.create(
      {
        customer: purchase.stripe_customer_id,
        invoice: invoice_id,
        currency: purchase.currency.toLowerCase(),
        amount: purchase.net_cents,
        description: PRODUCT_NAME,
        tax_behavior: "exclusive",
        metadata: purchaseMetadata(purchase),
      },
      keyOf(purchase, "item"),
    );
  if (await hasBalance(stripe, purchase.stripe_customer_id, purchase.currency)) return "has_balance";
  const finalized = await stripe.invoices.finalizeInvoice(
    invoice_id,
    { auto_advance: false },
    keyOf(purchase, "finalize"),
  );
  return expectObject(finalized, "invoice");
}

/** What is wrong with an invoice that a balance of its customer was mixed into. */
export const AMOUNT_DUE = "amount_due";

/** What of a finalized invoice is not as it was asked for, null when it may be paid. */
export function wrongOnInvoice(invoice: Stripe.Invoice, purchase: TopUpPurchase): string | null {
  const { automatic_tax, total, total_excluding_tax, amount_due } = invoice;
  const is_right: Record<string, boolean> = {
    ...partyOf(invoice, purchase),
    net: total_excluding_tax === purchase.net_cents,
    [AMOUNT_DUE]: amount_due === total,
    tax:
      automatic_tax.enabled && automatic_tax.status === "complete" && automatic_tax.disabled_reason === null,
    // The invoice says in words that the buyer owes the VAT, or it does not: Stripe must have taxed it so.
    reverse_charge: isReverseCharged(invoice) === (purchase.tax_decision.footer !== null),
  };
  return namesOfWrong(is_right);
}

function isReverseCharged({ total_taxes }: Stripe.Invoice): boolean {
  return (total_taxes ?? []).some(({ taxability_reason }) => taxability_reason === "reverse_charge");
}

/** Charges the card once, off session. @throws StripeError when that does not succeed */
export async function payTopUpInvoice(
  stripe: Stripe,
  purchase: TopUpPurchase,
  invoice_id: string,
): Promise<void> {
  const payment_method = purchase.payment_method_id ?? undefined;
  await stripe.invoices.pay(invoice_id, { payment_method, off_session: true }, keyOf(purchase, "pay"));
}

/** Sees to it that the invoice can never be paid: a draft goes, an open one is void. One that was paid stays so. */
export async function abandonTopUpInvoice(stripe: Stripe, invoice_id: string): Promise<void> {
  try {
    const { status } = expectObject(await stripe.invoices.retrieve(invoice_id), "invoice");
    if (status === "draft") await stripe.invoices.del(invoice_id);
    else if (status === "open" || status === "uncollectible") await stripe.invoices.voidInvoice(invoice_id);
  } catch (error) {
    // It was paid, voided or deleted in the same moment: the next read says which.
    const { kind } = stripeFailure(error);
    if (kind !== "refused" && kind !== "missing") throw error;
  }
}

/**
 * How the purchase's invoice stands. Paid only when every part of the evidence agrees: our invoice for our customer, of
 * the amount and in the currency that was asked, paid in full by one card payment that has succeeded.
 */
export async function topUpInvoiceState(
  stripe: Stripe,
  purchase: TopUpPurchase,
  is_live: boolean,
): Promise<PaymentState> {
  const invoice_id = purchase.stripe_invoice_id ?? (await lostInvoice(stripe, purchase));
  if (!invoice_id) return { state: "none" };
  const invoice = await retrieveWithPayments(stripe, invoice_id);
  if (!invoice) return failed(purchase, "invoice_deleted");
  switch (invoice.status) {
    case "paid":
      return paidState(stripe, invoice, purchase, is_live);
    case "void":
      return failed(purchase, "invoice_voided");
    case "open":
    case "uncollectible":
      return openState(stripe, invoice, purchase);
    default:
      return { state: "open", pay_url: null };
  }
}

/** Only of a purchase that was just begun can the invoice be unknown to us. */
async function lostInvoice(stripe: Stripe, purchase: TopUpPurchase): Promise<string | null> {
  return purchase.status === "created" ? findTopUpInvoice(stripe, purchase) : null;
}

async function retrieveWithPayments(stripe: Stripe, id: string): Promise<Stripe.Invoice | null> {
  try {
    return expectObject(await stripe.invoices.retrieve(id, { expand: ["payments"] }), "invoice");
  } catch (error) {
    if (stripeFailure(error).kind === "missing") return null;
    throw error;
  }
}

function failed(purchase: TopUpPurchase, code: string): PaymentState {
  const { failure_code, failure_message } = purchase;
  return {
    state: "failed",
    code: failure_code ?? code,
    message: failure_message ?? "The invoice was withdrawn.",
  };
}

async function openState(
  stripe: Stripe,
  invoice: Stripe.Invoice,
  purchase: TopUpPurchase,
): Promise<PaymentState> {
  const waits = { state: "requires_action", pay_url: invoice.hosted_invoice_url ?? null } as const;
  // Also while the holder tries other cards on Stripe's page.
  if (purchase.status === "requires_action" || purchase.failure_code === AUTHENTICATION_REQUIRED)
    return waits;
  const intent = await intentOf(stripe, invoice);
  const needs_holder =
    intent?.status === "requires_action" || intent?.last_payment_error?.code === AUTHENTICATION_REQUIRED;
  return needs_holder ? waits : { state: "open", pay_url: null };
}

async function intentOf(stripe: Stripe, invoice: Stripe.Invoice): Promise<Stripe.PaymentIntent | null> {
  const by_card = (invoice.payments?.data ?? []).filter(({ payment }) => payment.type === "payment_intent");
  const found = by_card.find(({ status }) => status === "paid") ?? by_card[0];
  const intent_id = idOf(found?.payment.payment_intent);
  if (!intent_id) return null;
  return expectObject(await stripe.paymentIntents.retrieve(intent_id), "payment_intent");
}

async function paidState(
  stripe: Stripe,
  invoice: Stripe.Invoice,
  purchase: TopUpPurchase,
  is_live: boolean,
): Promise<PaymentState> {
  const intent = await intentOf(stripe, invoice);
  if (!intent) return { state: "mismatch", what: "payment_intent" };
  const { total, total_excluding_tax, amount_paid } = invoice;
  const tax_cents = (invoice.total_taxes ?? []).reduce((sum, { amount }) => sum + amount, 0);
  const payments = (invoice.payments?.data ?? []).filter(({ status }) => status === "paid");
  const wrong = namesOfWrong({
    ...partyOf(invoice, purchase),
    livemode: invoice.livemode === is_live,
    net: total_excluding_tax === purchase.net_cents,
    gross: total === purchase.net_cents + tax_cents,
    paid_in_full: amount_paid === total && payments.some((payment) => payment.amount_paid === total),
    received: intent.status === "succeeded" && intent.amount_received === total,
  });
  if (wrong) return { state: "mismatch", what: wrong };
  return {
    state: "paid",
    payment: {
      tax_cents,
      gross_cents: total,
      payment_intent_id: intent.id,
      invoice_id: invoice.id,
      payment_method_id: idOf(intent.payment_method),
    },
  };
}

function partyOf(invoice: Stripe.Invoice, purchase: TopUpPurchase): Record<string, boolean> {
  return {
    purchase: invoice.metadata?.purchase_id === purchase.id,
    customer: idOf(invoice.customer) === purchase.stripe_customer_id,
    currency: invoice.currency === purchase.currency.toLowerCase(),
  };
}

function namesOfWrong(is_right: Record<string, boolean>): string | null {
  const wrong = Object.keys(is_right).filter((name) => !is_right[name]);
  return wrong.length > 0 ? wrong.join(", ") : null;
}

/** The same step of the same attempt is done once, however often it is asked for. */
function keyOf({ id, attempt }: TopUpPurchase, step: string): { idempotencyKey: string } {
  return { idempotencyKey: `purchase:${id}:${step}:${attempt}` };
}

const NEVER_AGAIN = new Set([
  "expired_card",
  "lost_card",
  "stolen_card",
  "pickup_card",
  "invalid_account",
  "card_not_supported",
]);

/**
 * Whether a declined card will never be accepted. Source: Stripe's documentation, "Decline codes" and
 * "Retrying issuer declines" (`advice_code`).
 */
export function isHopeless(error: unknown): boolean {
  const { advice_code, decline_code } = error as Partial<Stripe.errors.StripeCardError>;
  return advice_code === "do_not_try_again" || NEVER_AGAIN.has(decline_code ?? "");
}
