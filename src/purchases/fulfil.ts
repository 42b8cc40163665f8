import { type Bindings, readSettings } from "../env";
import { purchaseKey } from "../ledger/core/entry-keys";
import { recordEvent } from "../notifications/record-event";
import { openOrganization } from "../organizations/open-organization";
import { openDatabase } from "../storage/database";
import { movePurchase, type PurchaseChange, updatePurchase } from "../storage/purchases/purchase-moves";
import { isClosed, isUnpaid, type PurchaseStatus } from "../storage/purchases/purchase-state";
import { findPurchase, isResolved, type PurchaseRow } from "../storage/purchases/purchases";
import { checkoutState, findCheckout } from "../stripe/checkout";
import { stripeClient } from "../stripe/client";
import type { Payment, PaymentState } from "../stripe/payment-state";
import { topUpInvoiceState } from "../stripe/top-up-invoice";
import { centsToMicros } from "../units/money";
import { isRefused } from "../units/refusal";
import { saveCard } from "./cards/store-card";
import { attachInvoice } from "./invoices";
import { logPurchase } from "./log-purchase";
import { recordPurchaseEvent } from "./record-purchase-event";

/**
 * Fulfils a purchase as far as the evidence at Stripe allows: credit in the ledger when it is paid, its end when it is not. The
 * webhook, the return page, the cron and auto top-up all call this, any number of times and at once, as Stripe asks for
 * (https://docs.stripe.com/checkout/fulfillment). Each step is stored before the next: intent in D1, entry in the ledger under
 * the purchase's key, acknowledgement in D1. Null: there is no such purchase.
 * @throws StripeError, LedgerUnavailable or D1's error when one of them cannot be asked: nothing is lost, call it again
 */
export async function fulfilPurchase(env: Bindings, purchase_id: string): Promise<PurchaseRow | null> {
  const purchase = await findPurchase(openDatabase(env), purchase_id);
  if (!purchase) return null;
  if (purchase.status === "credited" || isResolved(purchase)) return purchase;
  const paid = purchase.status === "paid" ? purchase : await refreshPayment(env, purchase);
  return paid.status === "paid" ? credit(env, paid) : paid;
}

async function refreshPayment(env: Bindings, purchase: PurchaseRow): Promise<PurchaseRow> {
  const found = await readPaymentState(env, purchase);
  const after = await applyPaymentState(env, purchase, found);
  if (after.status === "mismatch") return pauseTopUpsForMismatch(env, after);
  if (purchase.kind === "auto_top_up" && isUnpaid(after.status)) await closeTopUp(env, after);
  return after;
}

/** How it stands at Stripe. A session whose id was lost on the way to D1 is looked for. */
async function readPaymentState(env: Bindings, purchase: PurchaseRow): Promise<PaymentState> {
  const settings = readSettings(env).stripe;
  if (!settings) throw new Error("There are purchases, but no STRIPE_SECRET_KEY.");
  const stripe = stripeClient(settings);
  if (purchase.kind === "auto_top_up") return topUpInvoiceState(stripe, purchase, settings.is_live);
  const stripe_session_id = purchase.stripe_session_id ?? (await findCheckout(stripe, purchase))?.session_id;
  if (!stripe_session_id) return { state: "none" };
  if (!purchase.stripe_session_id)
    await updatePurchase(openDatabase(env), purchase.id, { stripe_session_id });
  return checkoutState(stripe, { ...purchase, stripe_session_id }, settings.is_live);
}

async function applyPaymentState(
  env: Bindings,
  purchase: PurchaseRow,
  found: PaymentState,
): Promise<PurchaseRow> {
  const db = openDatabase(env);
  const { id } = purchase;
  const now_ms = Date.now();
  const move = (to: PurchaseStatus, change: PurchaseChange = {}) =>
    movePurchase(db, id, { to, change: { ...change, checked_at_ms: now_ms } });
  switch (found.state) {
    case "paid": {
      const other_tax = await recordTaxMismatch(env, purchase, found.payment);
      if (other_tax === null) return move("paid", { ...paymentColumns(found.payment), paid_at_ms: now_ms });
      return move("mismatch", { failure_message: other_tax });
    }
    case "open":
      return move("open", { pay_url: found.pay_url });
    case "requires_action":
      await recordActionRequired(env, purchase, found.pay_url);
      return move("requires_action", { pay_url: found.pay_url });
    case "expired":
      return move("expired");
    case "failed":
      return move("failed", { failure_code: found.code, failure_message: found.message });
    case "none":
      // The request that makes it may still be at work.
      if (now_ms <= purchase.expires_at_ms) return updatePurchase(db, id, { checked_at_ms: now_ms });
      return movePurchase(db, id, {
        to: "expired",
        only_from: "created",
        change: { checked_at_ms: now_ms },
      });
    case "mismatch":
      if (purchase.status !== "mismatch") {
        logPurchase("error", "purchase_mismatch", purchase, { what: found.what });
        await recordPurchaseEvent(env, purchase, { type: "ops.purchase_mismatch", reason: found.what });
      }
      return move("mismatch", { failure_message: found.what });
  }
}

/** Stripe may round otherwise than we do. */
const ROUNDING_CENTS = 1;

/**
 * What differs when other VAT was charged than was decided, null when none was: a rate that has changed at Stripe before our
 * table did, or an address that Stripe takes for another place. People decide then, because the invoice says what they see.
 */
async function recordTaxMismatch(
  env: Bindings,
  purchase: PurchaseRow,
  { tax_cents }: Payment,
): Promise<string | null> {
  const { tax_cents: expected_cents, rate_basis_points, country } = purchase.tax_decision;
  if (tax_cents === expected_cents) return null;
  const rate = `${rate_basis_points / 100} % for ${country}`;
  const reason = `tax: ${expected_cents} cents were decided (${rate}), ${tax_cents} were charged.`;
  if (purchase.status !== "mismatch") {
    logPurchase("error", "tax_mismatch", purchase, { tax_cents, expected_cents });
    await recordPurchaseEvent(env, purchase, { type: "ops.tax_mismatch", reason });
  }
  return Math.abs(tax_cents - expected_cents) > ROUNDING_CENTS ? reason : null;
}

/** Once, when it begins to wait for the holder of the card. */
async function recordActionRequired(
  env: Bindings,
  purchase: PurchaseRow,
  pay_url: string | null,
): Promise<void> {
  const { id: purchase_id, organization_id, net_cents, created_at_ms: occurred_at_ms } = purchase;
  if (purchase.kind !== "auto_top_up" || purchase.status === "requires_action") return;
  const type = "auto_top_up.action_required";
  const data = { purchase_id, net_cents, pay_url };
  await recordEvent(env, organization_id, `${type}:${purchase_id}`, { type, occurred_at_ms, data });
}

function paymentColumns(payment: Payment) {
  const { tax_cents, gross_cents, payment_intent_id, invoice_id, payment_method_id } = payment;
  return {
    tax_cents,
    gross_cents,
    payment_method_id,
    stripe_payment_intent_id: payment_intent_id,
    ...(invoice_id === null ? {} : { stripe_invoice_id: invoice_id }),
    failure_code: null,
    failure_message: null,
  };
}

/** The card and the invoice come before the acknowledgement, so that a run that is cut off is made again whole. */
async function credit(env: Bindings, purchase: PurchaseRow): Promise<PurchaseRow> {
  const { id, organization_id, payment_method_id } = purchase;
  await postCredit(env, purchase);
  if (purchase.save_card && payment_method_id) await saveCard(env, organization_id, payment_method_id, id);
  await attachInvoice(env, purchase);
  return movePurchase(openDatabase(env), id, { to: "credited", change: { credited_at_ms: Date.now() } });
}

/** Posts what was bought, once, however often it is asked for. */
export async function postCredit(
  env: Bindings,
  { id, organization_id, net_cents }: PurchaseRow,
): Promise<void> {
  const organization = await openOrganization(env, organization_id);
  if (!organization) throw new Error(`Purchase ${id} is of no organization.`);
  const posted = await organization.ledger.ask(async (object) =>
    object.post({
      key: purchaseKey(id),
      kind: "purchase",
      amount_micros: centsToMicros(net_cents),
      reason: "Credit bought",
    }),
  );
  if (isRefused(posted)) throw new Error(`Purchase ${id} was refused: ${posted.message}`);
}

/**
 * Nothing is bought by itself until a person has resolved the purchase. Whether that was done in the same moment is read
 * afterwards: a resolution is stored in D1 before the ledger hears of it.
 */
async function pauseTopUpsForMismatch(env: Bindings, purchase: PurchaseRow): Promise<PurchaseRow> {
  const { id, organization_id } = purchase;
  const organization = await openOrganization(env, organization_id);
  await organization?.ledger.ask(async (object) => object.openMismatch(id));
  const now = await findPurchase(openDatabase(env), id);
  if (now && isClosed(now.status)) await closeLedgerMismatch(env, now);
  return now ?? purchase;
}

/** Lets the ledger know that a person has resolved a mismatch without credit. */
export async function closeLedgerMismatch(
  env: Bindings,
  { id, organization_id, resolution }: PurchaseRow,
): Promise<void> {
  const organization = await openOrganization(env, organization_id);
  const by = resolution === "refund" ? "refunded" : "closed";
  await organization?.ledger.ask(async (object) => object.closeMismatch(id, by));
}

async function closeTopUp(env: Bindings, purchase: PurchaseRow): Promise<void> {
  const organization = await openOrganization(env, purchase.organization_id);
  const { id, failure_code, failure_message } = purchase;
  await organization?.ledger.ask(async (object) =>
    object.closeTopUp(id, {
      code: failure_code ?? purchase.status,
      message: failure_message ?? "It was not paid in time.",
    }),
  );
}
