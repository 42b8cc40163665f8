import { deploymentName } from "../customers/deployment";
import { onTaxIdUpdated } from "../customers/vat-id-recheck";
import { type Bindings, readSettings } from "../env";
import { findBillingProfileByCustomer } from "../storage/accounts/billing-profiles";
import { findOrganization } from "../storage/accounts/organizations";
import { openDatabase } from "../storage/database";
import { updatePurchase } from "../storage/purchases/purchase-moves";
import { findPurchaseByStripeId, type PurchaseRow } from "../storage/purchases/purchases";
import { closeEvent, receiveEvent, type StripeEventRow } from "../storage/purchases/stripe-events";
import type { Stripe } from "../stripe/client";
import { isOurs } from "../stripe/purchase-metadata";
import { verifiedEvent } from "../stripe/webhook";
import { SECOND_MS } from "../units/duration";
import { loggable } from "../units/loggable";
import { finishCardSetup } from "./cards/finish-setup";
import { syncCustomerCards, syncPaymentMethod } from "./cards/sync-cards";
import { fulfilPurchase } from "./fulfil";
import { recordCreditNote, recordInvoice } from "./invoices";
import { REFUND_REQUEST, reverseDispute, reverseRefund, reverseToBalance } from "./refunds/reversals";
import { countForeignEvent, ownerOf, reportUnknownObject, type StripeObject } from "./stripe-object-owner";

/** `unsigned`: not signed with our webhook secret. `unavailable`: this deployment sells nothing. */
export type EventOutcome = "processed" | "ignored" | "unsigned" | "unavailable";

const LONGEST_ERROR_CHARACTERS = 500;

/**
 * Handles an event of Stripe's. It is only a reason to look: the object that it is about is read again, so that events may
 * come twice, in any order or never (https://docs.stripe.com/webhooks#event-ordering).
 * @throws what its handling throws, so that Stripe sends it again: an event counts as processed only when its effect is there
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
    // Test mode and live mode of one account may use the same address; only one of them is this deployment's.
    const outcome = event.livemode === settings.is_live ? await handle(env, event) : "ignored";
    await closeEvent(db, event.id, outcome);
    return outcome;
  } catch (error) {
    await closeEvent(
      db,
      event.id,
      "failed",
      JSON.stringify(loggable(error)).slice(0, LONGEST_ERROR_CHARACTERS),
    );
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
      return ofOurs(env, "refund", await reverseRefund(env, event.data.object.id));
    case "charge.dispute.created":
    case "charge.dispute.updated":
    case "charge.dispute.funds_withdrawn":
    case "charge.dispute.funds_reinstated":
    case "charge.dispute.closed":
      return ofOurs(env, "dispute", await reverseDispute(env, event.data.object.id));
    case "credit_note.created":
    case "credit_note.updated":
    case "credit_note.voided":
      return onCreditNote(env, event.data.object);
    case "customer.tax_id.created":
    case "customer.tax_id.updated":
      return onTaxId(env, event.data.object);
    case "customer.updated":
      await syncCustomerCards(env, event.data.object.id);
      return "processed";
    case "payment_method.detached":
    case "payment_method.automatically_updated":
    case "payment_method.updated":
      await syncPaymentMethod(env, event.data.object.id);
      return "processed";
    default:
      return "ignored";
  }
}

async function onSession(env: Bindings, session: Stripe.Checkout.Session): Promise<Handled> {
  if (session.mode === "setup") return onSetup(env, session);
  const known = await findPurchaseByStripeId(openDatabase(env), { session: session.id });
  return fulfilOwner(env, session, known);
}

async function onInvoice(env: Bindings, invoice: Stripe.Invoice): Promise<Handled> {
  const { id } = invoice;
  if (!id) return "ignored";
  const known = await findPurchaseByStripeId(openDatabase(env), { invoice: id });
  return fulfilOwner(env, { ...invoice, id }, known, (purchase_id) => recordInvoice(env, purchase_id, id));
}

/** What of a refund went to the customer's balance is known by its credit note alone. */
async function onCreditNote(env: Bindings, { id, metadata }: Stripe.CreditNote): Promise<Handled> {
  if (metadata?.[REFUND_REQUEST]) await reverseToBalance(env, id);
  return ofOurs(env, "credit_note", await recordCreditNote(env, id));
}

/** For people only: it changes no money, and the buyer may try another card on the same page. */
async function onPaymentFailed(env: Bindings, intent: Stripe.PaymentIntent): Promise<Handled> {
  const owner = await ownerOf(env, intent.metadata);
  if (owner.whose === "others") return ignoreForeign(env, "payment_intent");
  if (owner.whose === "unknown") return unknown(env, intent, owner);
  const error = intent.last_payment_error;
  if (!error) return "ignored";
  await updatePurchase(openDatabase(env), owner.purchase.id, {
    failure_code: error.decline_code ?? error.code ?? error.type,
    failure_message: error.message ?? null,
  });
  return "processed";
}

/** A page on which a card was entered: of an organization, and of no purchase. */
async function onSetup(env: Bindings, session: Stripe.Checkout.Session): Promise<Handled> {
  const { metadata } = session;
  if (!isOurs(metadata, await deploymentName(env))) return ignoreForeign(env, "setup");
  const organization_id = metadata?.organization_id ?? null;
  const organization = organization_id && (await findOrganization(openDatabase(env), organization_id));
  if (!organization) return unknown(env, session, { purchase_id: null, organization_id });
  return (await finishCardSetup(env, session.id)) === null ? "ignored" : "processed";
}

async function onTaxId(env: Bindings, { id, customer }: Stripe.TaxId): Promise<Handled> {
  const customer_id = typeof customer === "string" ? customer : customer?.id;
  if (!customer_id || !(await findBillingProfileByCustomer(openDatabase(env), customer_id)))
    return ignoreForeign(env, "tax_id");
  await onTaxIdUpdated(env, id, customer_id);
  return "processed";
}

/** Fulfils the purchase that an object is of. Another shop's is counted, a lost one reported to operators. */
async function fulfilOwner(
  env: Bindings,
  object: StripeObject & { metadata: Stripe.Metadata | null },
  known: PurchaseRow | undefined,
  then: (purchase_id: string) => Promise<void> = async () => {},
): Promise<Handled> {
  const owner = await ownerOf(env, object.metadata, known);
  if (owner.whose === "others") return ignoreForeign(env, object.object);
  if (owner.whose === "unknown") return unknown(env, object, owner);
  await fulfilPurchase(env, owner.purchase.id);
  await then(owner.purchase.id);
  return "processed";
}

function ignoreForeign(env: Bindings, kind: string): Handled {
  countForeignEvent(env, kind);
  return "ignored";
}

async function unknown(
  env: Bindings,
  object: StripeObject,
  owner: { purchase_id: string | null; organization_id: string | null },
): Promise<Handled> {
  await reportUnknownObject(env, object, owner);
  return "ignored";
}

function ofOurs(env: Bindings, kind: string, outcome: string): Handled {
  if (outcome === "not_ours") return ignoreForeign(env, kind);
  return outcome === "left_alone" ? "ignored" : "processed";
}
