import type Stripe from "stripe";
import { divideHalfUp } from "../units/money";
import { expectObject, stripeFailure } from "./client";
import { idOf } from "./id-of";

/** A purchase as far as what was paid for it is to be found. */
interface PaidPurchase {
  id: string;
  kind: "checkout" | "auto_top_up";
  currency: string;
  stripe_session_id: string | null;
  stripe_invoice_id: string | null;
}

/** What has come in for a purchase, however it was asked for, in cents; net and tax are their part of the gross. */
export interface WhatWasPaid {
  net_cents: number;
  tax_cents: number;
  /** What card and balance paid together. */
  gross_cents: number;
  card_cents: number;
  /** What the customer's balance at Stripe has paid; below 0 when a debt of theirs was paid with it. */
  balance_cents: number;
  payment_intent_id: string | null;
  payment_method_id: string | null;
  invoice_id: string | null;
  /** Why it cannot be counted as credit in euros; null when it can. */
  not_ours: "currency" | "livemode" | "purchase" | null;
}

/** Null: nothing was paid, as far as can be found. */
export async function whatWasPaid(
  stripe: Stripe,
  purchase: PaidPurchase,
  is_live: boolean,
): Promise<WhatWasPaid | null> {
  const { kind, stripe_session_id, stripe_invoice_id } = purchase;
  try {
    const found =
      kind === "checkout"
        ? stripe_session_id && (await paidBySession(stripe, stripe_session_id))
        : stripe_invoice_id && (await paidByInvoice(stripe, stripe_invoice_id));
    if (!found) return null;
    const gross_cents = found.card_cents + found.balance_cents;
    if (gross_cents <= 0) return null;
    const { total_cents, total_net_cents, currency, livemode, purchase_id, ...paid } = found;
    const is_whole = gross_cents === total_cents || total_cents <= 0;
    const net_cents = is_whole ? total_net_cents : divideHalfUp(total_net_cents * gross_cents, total_cents);
    const is_ours = {
      currency: currency === purchase.currency.toLowerCase(),
      livemode: livemode === is_live,
      purchase: purchase_id === undefined || purchase_id === purchase.id,
    };
    const not_ours = (["currency", "livemode", "purchase"] as const).find((part) => !is_ours[part]) ?? null;
    return { ...paid, net_cents, tax_cents: gross_cents - net_cents, gross_cents, not_ours };
  } catch (error) {
    if (stripeFailure(error).kind === "missing") return null;
    throw error;
  }
}

interface Found extends Omit<WhatWasPaid, "net_cents" | "tax_cents" | "gross_cents" | "not_ours"> {
  total_cents: number;
  total_net_cents: number;
  currency: string | null;
  livemode: boolean;
  purchase_id: string | undefined;
}

async function paidBySession(stripe: Stripe, id: string): Promise<Found> {
  const read = await stripe.checkout.sessions.retrieve(id, { expand: ["payment_intent"] });
  const session = expectObject(read, "checkout.session");
  const intent = typeof session.payment_intent === "string" ? null : session.payment_intent;
  const total_cents = session.amount_total ?? 0;
  return {
    ...byCard(intent),
    balance_cents: 0,
    invoice_id: idOf(session.invoice),
    total_cents,
    total_net_cents: total_cents - (session.total_details?.amount_tax ?? 0),
    currency: session.currency,
    livemode: session.livemode,
    purchase_id: session.metadata?.purchase_id,
  };
}

async function paidByInvoice(stripe: Stripe, id: string): Promise<Found> {
  const invoice = expectObject(await stripe.invoices.retrieve(id, { expand: ["payments"] }), "invoice");
  const { starting_balance, ending_balance, status, total, total_excluding_tax } = invoice;
  const paid = (invoice.payments?.data ?? []).find((one) => one.status === "paid");
  const intent_id = idOf(paid?.payment.payment_intent);
  const intent = intent_id ? await stripe.paymentIntents.retrieve(intent_id) : null;
  return {
    ...byCard(intent),
    // What was too little to be charged is owed with the next invoice: this one is paid.
    balance_cents: status === "paid" ? (ending_balance ?? 0) - starting_balance : 0,
    invoice_id: invoice.id ?? id,
    total_cents: total,
    total_net_cents: total_excluding_tax ?? total,
    currency: invoice.currency,
    livemode: invoice.livemode,
    purchase_id: invoice.metadata?.purchase_id,
  };
}

function byCard(intent: Stripe.PaymentIntent | null) {
  const received = intent?.status === "succeeded" ? intent : null;
  return {
    card_cents: received?.amount_received ?? 0,
    payment_intent_id: received?.id ?? null,
    payment_method_id: idOf(received?.payment_method ?? null),
  };
}
