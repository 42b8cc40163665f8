import { isCurrentProfile, readyToBuy } from "../../customers/billing-profile";
import { deploymentName } from "../../customers/deployment";
import { requireStripe } from "../../customers/require-stripe";
import type { Bindings } from "../../env";
import type { TopUpClaim } from "../../ledger/core/credit/auto-top-up";
import { SYSTEM } from "../../organizations/actor";
import { auditFact } from "../../organizations/audit-log";
import { openOrganization } from "../../organizations/open-organization";
import { findOrganization } from "../../storage/accounts/organizations";
import { openDatabase } from "../../storage/database";
import { updateAwaiting, updatePurchase } from "../../storage/purchases/purchase-moves";
import { isAwaitingPayment, isClosed } from "../../storage/purchases/purchase-state";
import { findPurchase, insertPurchase, type PurchaseRow } from "../../storage/purchases/purchases";
import { type Stripe, stripeFailure } from "../../stripe/client";
import {
  AMOUNT_DUE,
  createTopUpInvoice,
  findTopUpInvoice,
  isHopeless,
  openTopUpInvoice,
  payTopUpInvoice,
  wrongOnInvoice,
} from "../../stripe/top-up-invoice";
import {
  AUTHENTICATION_REQUIRED,
  CARD_DECLINED,
  CARD_UNUSABLE,
  CUSTOMER_BALANCE,
  TOP_UP_STOPPED,
} from "../../units/card-failures";
import { HOUR_MS, MINUTE_MS } from "../../units/duration";
import { CURRENCY } from "../../units/money";
import { refuse } from "../../units/refusal";
import { closeLedgerMismatch, fulfilPurchase, postCredit } from "../fulfil";
import { logPurchase } from "../log-purchase";
import { recordPurchaseEvent } from "../record-purchase-event";
import { applyToLedger } from "../refunds/reversals";
import { storedDecision, taxOn, undecidedTax } from "../start-checkout";
import { abandonTopUp } from "./abandon";

/** How long the card's holder may take to confirm; less than Stripe keeps an Idempotency-Key. */
const OPEN_FOR_MS = 23 * HOUR_MS;

/** Each time Stripe has stored a failure of its own, the same step is taken under another key. */
const MAX_ATTEMPTS = 3;

/** `again`: under other keys, at once. */
type Progress = "again" | "done";

/**
 * Buys what a ledger has claimed, or takes its next steps, or finds that it has ended. Called by the ledger's object as
 * often as it takes, also twice at once: the claim names the purchase, its row is written before Stripe is asked, and
 * each step at Stripe has a key of its own. Throws when it could not be brought to an end now.
 */
export async function driveAutoTopUp(
  env: Bindings,
  organization_id: string,
  claim: TopUpClaim,
): Promise<void> {
  const known = await findPurchase(openDatabase(env), claim.purchase_id);
  const purchase = await resumeTopUp(env, known ?? (await begin(env, organization_id, claim)));
  if (purchase) await repeatEnd(env, purchase);
}

/** As `driveAutoTopUp`, for a purchase whose row is there. */
export async function resumeTopUp(env: Bindings, purchase: PurchaseRow): Promise<PurchaseRow | null> {
  const stripe = requireStripe(env);
  let row: PurchaseRow | undefined = purchase;
  for (let attempts = 0; attempts < MAX_ATTEMPTS && row && isAwaitingPayment(row.status); attempts++) {
    if ((await advance(env, stripe, row)) === "done") break;
    row = await findPurchase(openDatabase(env), purchase.id);
  }
  return fulfilPurchase(env, purchase.id);
}

/** A restored ledger may claim what has ended long ago: what it has lost of it is posted again, under the same keys. */
async function repeatEnd(env: Bindings, purchase: PurchaseRow): Promise<void> {
  if (isClosed(purchase.status)) await closeLedgerMismatch(env, purchase);
  if (purchase.status !== "credited") return;
  await postCredit(env, purchase);
  await applyToLedger(env, purchase);
}

/** The row of a claim, and what is to be charged by what is known now. One that cannot be sold is a row that has failed. */
async function begin(env: Bindings, organization_id: string, claim: TopUpClaim): Promise<PurchaseRow> {
  const db = openDatabase(env);
  const { purchase_id, net_cents, claimed_at_ms, card } = claim;
  const now_ms = Date.now();
  const row = {
    id: purchase_id,
    organization_id,
    kind: "auto_top_up",
    request_key: purchase_id,
    request_fingerprint: JSON.stringify([net_cents]),
    currency: CURRENCY,
    net_cents,
    save_card: false,
    payment_method_id: card.payment_method_id,
    attempt: 1,
    created_at_ms: now_ms,
    expires_at_ms: claimed_at_ms + OPEN_FOR_MS,
    checked_at_ms: now_ms,
    deployment: await deploymentName(env),
    created_by: SYSTEM.id,
  } as const;
  const detail = { purchase_id, net_cents, save_card: false, kind: "auto_top_up" } as const;
  const fact = auditFact(SYSTEM, { action: "purchase.start", organization_id, detail });
  const ready = await mayBuy(env, organization_id);
  if (ready.outcome === "ready") {
    const tax_decision = storedDecision(ready, taxOn(env, ready, net_cents, now_ms));
    const { stripe_customer_id } = ready;
    return insertPurchase(db, { ...row, status: "created", stripe_customer_id, tax_decision }, fact);
  }
  const { code: failure_code, message: failure_message } = ready;
  if (failure_code === "payments_unavailable") throw new Error("Stripe cannot be asked about the customer.");
  const never_sold = { stripe_customer_id: "", tax_decision: undecidedTax(failure_code) };
  const failed = { ...row, ...never_sold, status: "failed", failure_code, failure_message } as const;
  return insertPurchase(db, failed, fact);
}

async function mayBuy(env: Bindings, organization_id: string) {
  const organization = await findOrganization(openDatabase(env), organization_id);
  if (organization?.state === "closed")
    return refuse("organization_closed", { message: "This organization is closed." });
  return readyToBuy(env, organization_id);
}

/** Takes every step that can be taken now: draft, number, payment. */
async function advance(env: Bindings, stripe: Stripe, purchase: PurchaseRow): Promise<Progress> {
  const { failure_code, failure_message } = purchase;
  const failed = failure_code === null ? null : { code: failure_code, message: failure_message ?? "" };
  const needs_holder = failure_code === AUTHENTICATION_REQUIRED || purchase.status === "requires_action";
  try {
    if (Date.now() > purchase.expires_at_ms)
      await abandonTopUp(env, purchase, failed ?? { code: "expired", message: "It was not paid in time." });
    else if (needs_holder) return "done";
    // What was given up before is not tried again, however far giving it up has come.
    else if (failed) await abandonTopUp(env, purchase, failed);
    else await buy(env, stripe, purchase);
    return "done";
  } catch (error) {
    return afterFailure(env, purchase, error);
  }
}

async function buy(env: Bindings, stripe: Stripe, purchase: PurchaseRow): Promise<void> {
  const db = openDatabase(env);
  if (await isStopped(env, purchase)) return abandonStopped(env, purchase);
  const stripe_invoice_id = purchase.stripe_invoice_id ?? (await draftOf(stripe, purchase));
  const noted = await updatePurchase(db, purchase.id, { stripe_invoice_id });
  const invoice = await openTopUpInvoice(stripe, noted, stripe_invoice_id);
  if (invoice === "has_balance") return abandonForBalance(env, noted);
  if (invoice.status !== "open") return;
  const { organization_id, tax_decision } = noted;
  if (!(await isCurrentProfile(env, organization_id, tax_decision.profile_version)))
    return abandonTopUp(env, noted, {
      code: "billing_profile_changed",
      message: "The billing profile was changed while this was bought.",
    });
  const wrong = wrongOnInvoice(invoice, noted);
  if (wrong === null) {
    // Again: Stripe may have taken its time, and nothing can be called back from here on.
    if (await isStopped(env, noted)) return abandonStopped(env, noted);
    return payTopUpInvoice(stripe, noted, stripe_invoice_id);
  }
  if (wrong === AMOUNT_DUE) return abandonForBalance(env, noted);
  logPurchase("warn", "top_up_invoice_wrong", purchase, { wrong });
  await abandonTopUp(env, noted, {
    code: "invoice_wrong",
    message: "The invoice could not be made as it has to be.",
  });
}

/** Whether auto top-up was stopped since this was claimed: by its customer, by an operator, or by money that went back. */
async function isStopped(env: Bindings, { organization_id }: PurchaseRow): Promise<boolean> {
  const organization = await openOrganization(env, organization_id);
  const answer = await organization?.ledger.ask(async (object) => object.autoTopUp(null));
  if (answer?.outcome !== "auto_top_up") throw new Error(`Organization ${organization_id} has no ledger.`);
  return answer.top_up.stopped_by !== null;
}

function abandonStopped(env: Bindings, purchase: PurchaseRow): Promise<void> {
  return abandonTopUp(env, purchase, {
    code: TOP_UP_STOPPED,
    message: "Auto top-up was paused or turned off before this was charged.",
  });
}

/** What a customer has or owes at Stripe is not ours to use: people have to see to it before a card is charged. */
async function abandonForBalance(env: Bindings, purchase: PurchaseRow): Promise<void> {
  await recordPurchaseEvent(env, purchase, {
    type: "ops.customer_balance",
    reason: "The customer has a balance at Stripe.",
  });
  await abandonTopUp(env, purchase, {
    code: CUSTOMER_BALANCE,
    message: "There is an open balance with our payment provider. Please contact us.",
  });
}

/** A draft, once for each purchase. One whose id was lost is looked for: a key is good for a day at most. */
async function draftOf(stripe: Stripe, purchase: PurchaseRow): Promise<string> {
  const is_repeat = purchase.attempt > 1 || Date.now() - purchase.created_at_ms > MINUTE_MS;
  const found = is_repeat ? await findTopUpInvoice(stripe, purchase) : null;
  return found ?? createTopUpInvoice(stripe, purchase);
}

/** What a failed step at Stripe leads to. What Stripe may have done all the same is read again, never done again. */
async function afterFailure(env: Bindings, purchase: PurchaseRow, error: unknown): Promise<Progress> {
  const failure = stripeFailure(error);
  const db = openDatabase(env);
  logPurchase("warn", "top_up_step_failed", purchase, { kind: failure.kind, error });
  switch (failure.kind) {
    case "declined":
      await abandonTopUp(env, purchase, {
        code: isHopeless(error) ? CARD_UNUSABLE : CARD_DECLINED,
        message: failure.message,
      });
      return "done";
    case "needs_authentication":
      await updateAwaiting(db, purchase.id, {
        failure_code: AUTHENTICATION_REQUIRED,
        failure_message: "The card's bank asks its holder to confirm the payment.",
      });
      return "done";
    case "missing":
    case "refused":
      await abandonTopUp(env, purchase, refusal(failure));
      return "done";
    case "misconfigured":
      throw error;
    case "unknown":
      if (!failure.is_stored) return "done";
      await updatePurchase(db, purchase.id, { attempt: purchase.attempt + 1 });
      return "again";
  }
}

/** Our own words: those of Stripe name its objects. */
function refusal({ code }: { code: string }): { code: string; message: string } {
  return code === "customer_tax_location_invalid"
    ? { code: "billing_address_invalid", message: "Where the billing address lies cannot be told." }
    : { code: "payment_refused", message: "The payment could not be made. Please save the card again." };
}
