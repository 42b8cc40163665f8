import { type Bindings, readSettings } from "../env";
import { openDatabase } from "../storage/database";
import { findPurchaseByStripeId, notePurchase } from "../storage/purchases";
import { closeEvent, receiveEvent, type StripeEventRow } from "../storage/stripe-events";
import type { Stripe } from "../stripe/client";
import { verifiedEvent } from "../stripe/webhook";
import { SECOND_MS } from "../units/duration";
import { onCardDetached, onCardUpdated, onCustomerUpdated, saveCardOfSetup } from "./cards";
import { recordCreditNote, recordInvoice } from "./invoices";
import { reverseDispute, reverseRefund } from "./reversals";
import { settlePurchase } from "./settle";
import { onTaxIdUpdated } from "./vat-id-rechecks";

/** `unsigned`: nobody whom we know has signed it. `unavailable`: this deployment sells nothing. */
export type EventOutcome = "processed" | "ignored" | "unsigned" | "unavailable";

const LONGEST_ERROR_CHARACTERS = 500;

/**
 * Takes an event of Stripe's as it came. It is only a reason to look: whatever it is about is read anew, so that events
 * may come twice, in any order or never. Done only when its effect is there: an exception leaves it to be sent again.
 */
export async function takeStripeEvent(env: Bindings, text: string, signature: string): Promise<EventOutcome> {
  const settings = readSettings(env).stripe;
  if (!settings) return "unavailable";
  const event = await verifiedEvent(text, signature, settings.webhook_secrets);
  if (!event) return "unsigned";
  const db = openDatabase(env);
  const row = await receiveEvent(db, eventRow(event));
  if (row.status === "processed" || row.status === "ignored") return row.status;
  try {
    // Both kinds of one account may lead to the same address; only ours is about money of ours.
    const outcome = event.livemode === settings.is_live ? await handle(env, event) : "ignored";
    await closeEvent(db, event.id, outcome);
    return outcome;
  } catch (error) {
    await closeEvent(db, event.id, "failed", String(error).slice(0, LONGEST_ERROR_CHARACTERS));
    throw error;
  }
}

function eventRow(event: Stripe.Event) {
  const { id } = event.data.object as { id?: string };
  return {
    id: event.id,
    type: event.type,
    object_id: id ?? null,
    created_at_ms: event.created * SECOND_MS,
    received_at_ms: Date.now(),
  };
}

type Handled = Extract<StripeEventRow["status"], "processed" | "ignored">;

async function handle(env: Bindings, event: Stripe.Event): Promise<Handled> {
  switch (event.type) {
    case "checkout.session.completed":
    case "checkout.session.async_payment_succeeded":
    case "checkout.session.async_payment_failed":
    case "checkout.session.expired":
      return onSession(env, event.data.object);
    case "invoice.finalized":
    case "invoice.finalization_failed":
    case "invoice.paid":
    case "invoice.payment_failed":
    case "invoice.payment_action_required":
    case "invoice.voided":
    case "invoice.marked_uncollectible":
      return onInvoice(env, event.data.object);
    case "payment_intent.payment_failed":
      return onPaymentFailed(env, event.data.object);
    case "refund.created":
    case "refund.updated":
    case "refund.failed":
      return ofOurs(await reverseRefund(env, event.data.object.id));
    case "charge.dispute.created":
    case "charge.dispute.updated":
    case "charge.dispute.funds_withdrawn":
    case "charge.dispute.funds_reinstated":
    case "charge.dispute.closed":
      return ofOurs(await reverseDispute(env, event.data.object.id));
    case "credit_note.created":
    case "credit_note.updated":
    case "credit_note.voided":
      return ofOurs(await recordCreditNote(env, event.data.object.id));
    case "customer.tax_id.created":
    case "customer.tax_id.updated":
      return onTaxId(env, event.data.object);
    case "customer.updated":
      await onCustomerUpdated(env, event.data.object.id);
      return "processed";
    case "payment_method.detached":
      await onCardDetached(env, event.data.object.id);
      return "processed";
    case "payment_method.automatically_updated":
    case "payment_method.updated":
      await onCardUpdated(env, event.data.object.id);
      return "processed";
    default:
      return "ignored";
  }
}

async function onSession(env: Bindings, session: Stripe.Checkout.Session): Promise<Handled> {
  if (session.mode === "setup") return ofOurs(await saveCardOfSetup(env, session.id));
  const known = await findPurchaseByStripeId(openDatabase(env), { session: session.id });
  return settle(env, session.metadata?.purchase_id ?? known?.id);
}

async function onInvoice(env: Bindings, { id, metadata }: Stripe.Invoice): Promise<Handled> {
  if (!id) return "ignored";
  const known = await findPurchaseByStripeId(openDatabase(env), { invoice: id });
  const purchase_id = metadata?.purchase_id ?? known?.id;
  const outcome = await settle(env, purchase_id);
  if (outcome === "processed" && purchase_id) await recordInvoice(env, purchase_id, id);
  return outcome;
}

/** For people only: it changes no money, and the buyer may try another card on the same page. */
async function onPaymentFailed(env: Bindings, intent: Stripe.PaymentIntent): Promise<Handled> {
  const purchase_id = intent.metadata.purchase_id;
  const error = intent.last_payment_error;
  if (!purchase_id || !error) return "ignored";
  await notePurchase(openDatabase(env), purchase_id, {
    failure_code: error.decline_code ?? error.code ?? error.type,
    failure_message: error.message ?? null,
  });
  return "processed";
}

async function onTaxId(env: Bindings, { id, customer }: Stripe.TaxId): Promise<Handled> {
  const customer_id = typeof customer === "string" ? customer : customer?.id;
  if (!customer_id) return "ignored";
  await onTaxIdUpdated(env, id, customer_id);
  return "processed";
}

/** A purchase of ours that is not to be found yet makes Stripe come again; what names none is somebody else's. */
async function settle(env: Bindings, purchase_id: string | undefined): Promise<Handled> {
  if (!purchase_id) return "ignored";
  if (!(await settlePurchase(env, purchase_id))) throw new Error(`There is no purchase ${purchase_id}.`);
  return "processed";
}

function ofOurs(outcome: string): Handled {
  return outcome === "not_ours" ? "ignored" : "processed";
}
