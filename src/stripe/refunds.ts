import type Stripe from "stripe";
import { expectObject, orNull } from "./client";
import { idOf } from "./id-of";
import { invoiceIdOfPayment } from "./invoices";

/** A refund or a dispute as Stripe has it now. */
export interface MoneyBack {
  id: string;
  kind: "refund" | "dispute";
  payment_intent_id: string | null;
  gross_cents: number;
  /** Whether the money is with the buyer, or on its way. */
  is_back: boolean;
  /** How often the money has moved: what is read later never says less. */
  moves: number;
  /** When it was begun, in seconds. */
  created: number;
}

/**
 * A refund that waits (`pending`, `requires_action`) has left us as far as the buyer can tell and may not be called back:
 * it counts from the start, until it has failed or was canceled. Source: Stripe's documentation, "Refunds", its states.
 */
export function refundMoney({ id, amount, payment_intent, status, created }: Stripe.Refund): MoneyBack {
  const is_back = status !== "failed" && status !== "canceled";
  const moves = is_back ? 1 : 2;
  const payment_intent_id = idOf(payment_intent);
  return { id, kind: "refund", payment_intent_id, gross_cents: amount, is_back, moves, created };
}

/**
 * What a dispute has moved is told by its balance transactions, whose amounts may be in another currency than the
 * payment's: only their signs count. An inquiry has none. Source: Stripe's documentation, "The Dispute object".
 */
export function disputeMoney(dispute: Stripe.Dispute): MoneyBack {
  const { id, amount, payment_intent, balance_transactions, created } = dispute;
  const withdrawals = balance_transactions.filter((moved) => moved.amount < 0).length;
  const reinstatements = balance_transactions.filter((moved) => moved.amount > 0).length;
  const is_back = withdrawals > reinstatements;
  const moves = withdrawals + reinstatements;
  const payment_intent_id = idOf(payment_intent);
  return { id, kind: "dispute", payment_intent_id, gross_cents: amount, is_back, moves, created };
}

/** A refund with what it carries. */
export type MarkedRefund = MoneyBack & { metadata: Record<string, string> };

function markedRefund(refund: Stripe.Refund): MarkedRefund {
  return { ...refundMoney(expectObject(refund, "refund")), metadata: refund.metadata ?? {} };
}

/** Null: Stripe has no such refund. */
export async function readRefund(stripe: Stripe, id: string): Promise<MarkedRefund | null> {
  const refund = await orNull(stripe.refunds.retrieve(id));
  return refund && markedRefund(refund);
}

/** With whether it is still to be decided. Null: Stripe has no such dispute. */
export async function readDispute(
  stripe: Stripe,
  id: string,
): Promise<(MoneyBack & { is_open: boolean }) | null> {
  const dispute = await orNull(stripe.disputes.retrieve(id));
  if (!dispute) return null;
  const is_open = !CLOSED.has(expectObject(dispute, "dispute").status);
  return { ...disputeMoney(dispute), is_open };
}

const CLOSED: ReadonlySet<string> = new Set(["won", "lost", "warning_closed", "prevented"]);

/**
 * What a payment carries to be known by, null when Stripe has no such payment. Payments by Checkout carry it themselves,
 * those of an auto top-up by their invoice.
 */
export async function metadataOfPayment(
  stripe: Stripe,
  payment_intent_id: string,
): Promise<Record<string, string> | null> {
  const intent = await orNull(stripe.paymentIntents.retrieve(payment_intent_id));
  if (!intent) return null;
  const { metadata } = expectObject(intent, "payment_intent");
  if (metadata.purchase_id || metadata.deployment) return metadata;
  const invoice_id = await invoiceIdOfPayment(stripe, payment_intent_id);
  const invoice = invoice_id === null ? null : await orNull(stripe.invoices.retrieve(invoice_id));
  return invoice ? (expectObject(invoice, "invoice").metadata ?? {}) : metadata;
}

/** Gives money back without a credit note of its own. The same key is the same refund. */
export async function createRefund(
  stripe: Stripe,
  refund: { payment_intent_id: string; gross_cents: number; metadata: Record<string, string> },
  key: string,
): Promise<string> {
  const { payment_intent_id: payment_intent, gross_cents: amount, metadata } = refund;
  const made = await stripe.refunds.create({ payment_intent, amount, metadata }, { idempotencyKey: key });
  return expectObject(made, "refund").id;
}

/** Every refund of a payment, also one made in Stripe's dashboard. */
export async function refundsOf(stripe: Stripe, payment_intent_id: string): Promise<MarkedRefund[]> {
  const found: MarkedRefund[] = [];
  for await (const refund of stripe.refunds.list({ payment_intent: payment_intent_id, limit: 100 }))
    found.push(markedRefund(refund));
  return found;
}

/** The disputes of a payment. */
export async function disputesOf(stripe: Stripe, payment_intent_id: string): Promise<string[]> {
  const found: string[] = [];
  for await (const dispute of stripe.disputes.list({ payment_intent: payment_intent_id, limit: 100 }))
    found.push(expectObject(dispute, "dispute").id);
  return found;
}
