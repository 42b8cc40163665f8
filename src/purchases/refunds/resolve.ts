import { processRows } from "../../customers/process-rows";
import { requireStripe } from "../../customers/require-stripe";
import { type Bindings, readSettings } from "../../env";
import type { Actor } from "../../organizations/actor";
import { audited } from "../../organizations/audit-log";
import { type InProgress, withRequestLockOf } from "../../organizations/request-lock";
import { openDatabase } from "../../storage/database";
import {
  beginResolution,
  dropResolution,
  markRefunded,
  type Resolution,
  updatePurchase,
} from "../../storage/purchases/purchase-moves";
import { findPurchase, listUnfinishedResolutions, type PurchaseRow } from "../../storage/purchases/purchases";
import { stripeFailure } from "../../stripe/client";
import { findCreditNote, refundInvoiceToBalance } from "../../stripe/credit-notes";
import { purchaseMetadata } from "../../stripe/purchase-metadata";
import { createRefund, disputesOf, refundsOf } from "../../stripe/refunds";
import { type WhatWasPaid, whatWasPaid } from "../../stripe/what-was-paid";
import type { AuditFact } from "../../units/audit-fact";
import { log } from "../../units/log";
import { type Refusal, refuse } from "../../units/refusal";
import { closeLedgerMismatch, fulfilPurchase } from "../fulfil";
import { recordCreditNote } from "../invoices";
import { noSuchPurchase } from "./refund-parts";
import { reverseDispute, reverseRefund } from "./reversals";

/** Resolutions that one run of the cron brings to their end. */
const RESOLUTIONS_PER_RUN = 20;

/** What a refund or credit note of a resolution carries, to be found by when the answer of its creation was lost. */
const MARK = { resolution: "refund" };

/** How a person resolves a purchase whose money came otherwise than it was asked for. */
export interface ResolutionOrder {
  organization_id: string;
  purchase_id: string;
  /** `accept`: what was paid is credited; `refund`: it goes back to where it came from; `close`: nothing more is done. */
  resolution: Resolution;
  reason: string;
}

type ResolutionRefusal =
  | Refusal<"not_found" | "not_a_mismatch" | "already_resolved" | "nothing_paid">
  | Refusal<"not_creditable" | "payment_refused" | "payments_unavailable">;

export type ResolutionAnswer =
  | InProgress
  | { outcome: "resolved"; purchase: PurchaseRow }
  | ResolutionRefusal;

/**
 * Resolves a mismatch. What a person has decided is written down first, with the sums that it comes to, so that a repeat
 * after any failure, theirs or the cron's, is the same resolution; another one afterwards is refused. One at a time: of two at
 * once the other waits, and finds what the first has decided.
 */
export async function resolvePurchase(
  env: Bindings,
  actor: Actor,
  order: ResolutionOrder,
): Promise<ResolutionAnswer> {
  const { organization_id, ...detail } = order;
  const { purchase_id } = detail;
  const asked = { action: "purchase.resolve", organization_id, detail } as const;
  return withRequestLockOf(env, { organization_id, scope: "resolution", request_key: purchase_id }, () =>
    audited(env, actor, asked, (fact) => resolveAlone(env, order, fact)),
  );
}

async function resolveAlone(
  env: Bindings,
  order: ResolutionOrder,
  fact: AuditFact,
): Promise<ResolutionAnswer> {
  const purchase = await findPurchase(openDatabase(env), order.purchase_id);
  if (purchase?.organization_id !== order.organization_id) return noSuchPurchase();
  try {
    const begun = purchase.resolution === null ? await begin(env, purchase, { order, fact }) : purchase;
    if ("outcome" in begun) return begun;
    if (begun.resolution === null) return notAMismatch();
    if (begun.resolution !== order.resolution) return refuse("already_resolved");
    return { outcome: "resolved", purchase: await finish(env, begun) };
  } catch (error) {
    return afterFailure(env, order.purchase_id, error);
  }
}

/** The cron's part: resolutions that were cut off. */
export async function finishResolutions(env: Bindings, until_ms = Number.POSITIVE_INFINITY): Promise<void> {
  const db = openDatabase(env);
  const rows = await listUnfinishedResolutions(db, RESOLUTIONS_PER_RUN);
  await processRows(env, { rows, until_ms, what: "resolution", idOf: ({ id }) => id }, async (purchase) => {
    await updatePurchase(db, purchase.id, { checked_at_ms: Date.now() });
    await finish(env, purchase);
  });
}

async function begin(
  env: Bindings,
  purchase: PurchaseRow,
  { order, fact }: { order: ResolutionOrder; fact: AuditFact },
): Promise<PurchaseRow | ResolutionRefusal> {
  const { resolution, reason: resolution_reason } = order;
  if (purchase.status !== "mismatch") return notAMismatch();
  const db = openDatabase(env);
  const decided = { resolution, resolution_reason };
  if (resolution === "close") return beginResolution(db, purchase.id, { ...decided, status: "closed" }, fact);
  const paid = await paidFor(env, purchase);
  if (!paid) return nothingPaid();
  const refusal = resolution === "accept" ? notCreditable(paid) : notRefundable(paid);
  if (refusal) return refusal;
  if (resolution === "refund") return beginResolution(db, purchase.id, decided, fact);
  return beginResolution(db, purchase.id, { ...decided, ...acceptedColumns(paid) }, fact);
}

/** From here on the purchase is what was paid, for its credit, for refunds and for reconciliation. */
function acceptedColumns(paid: WhatWasPaid) {
  const { net_cents, tax_cents, gross_cents, balance_cents, payment_method_id, invoice_id } = paid;
  return {
    ...{ net_cents, tax_cents, gross_cents, balance_cents: balance_cents || null, payment_method_id },
    stripe_payment_intent_id: paid.payment_intent_id,
    ...(invoice_id === null ? {} : { stripe_invoice_id: invoice_id }),
    ...{ paid_at_ms: Date.now(), failure_code: null, failure_message: null },
    status: "paid" as const,
  };
}

function notCreditable({ not_ours, net_cents }: WhatWasPaid): ResolutionRefusal | null {
  if (net_cents < 1) return nothingPaid();
  if (not_ours === null) return null;
  const message = {
    currency: "It was paid in another currency.",
    livemode: "It was paid in another mode of Stripe.",
    purchase: "The payment names another purchase.",
  }[not_ours];
  return refuse("not_creditable", { message, param: "resolution" });
}

function notRefundable({ balance_cents }: WhatWasPaid): ResolutionRefusal | null {
  if (balance_cents >= 0) return null;
  const message = "A debt of the customer's was paid with it. Refund it at Stripe, then close it.";
  return refuse("payment_refused", { message, param: "resolution" });
}

function notAMismatch(): ResolutionRefusal {
  const message = "There is nothing to resolve about this purchase.";
  return refuse("not_a_mismatch", { message, param: "purchase_id" });
}

function nothingPaid(): ResolutionRefusal {
  const message = "Nothing was paid for it at Stripe: it can only be closed.";
  return refuse("nothing_paid", { message, param: "resolution" });
}

/** Carries out what was decided, or what of it is not done yet; answers the purchase as it is then. */
async function finish(env: Bindings, purchase: PurchaseRow): Promise<PurchaseRow> {
  const { id, resolution } = purchase;
  if (purchase.resolved_at_ms !== null) return purchase;
  if (resolution === "accept") await creditWhatWasPaid(env, purchase);
  if (resolution === "refund") await refundAtStripe(env, purchase);
  if (resolution !== "accept") await closeLedgerMismatch(env, purchase);
  return updatePurchase(openDatabase(env), id, { resolved_at_ms: Date.now() });
}

/** What has gone back of the money before it was credited is taken back from the credit. */
async function creditWhatWasPaid(
  env: Bindings,
  { id, stripe_payment_intent_id }: PurchaseRow,
): Promise<void> {
  await fulfilPurchase(env, id);
  if (stripe_payment_intent_id === null) return;
  const stripe = requireStripe(env);
  for (const refund of await refundsOf(stripe, stripe_payment_intent_id)) await reverseRefund(env, refund.id);
  for (const dispute_id of await disputesOf(stripe, stripe_payment_intent_id))
    await reverseDispute(env, dispute_id);
}

/** To the card what the card has paid, as far as it is not back there already, and to the balance what that has. */
async function refundAtStripe(env: Bindings, purchase: PurchaseRow): Promise<void> {
  const { id, attempt } = purchase;
  const stripe = requireStripe(env);
  const paid = await paidFor(env, purchase);
  const metadata = { ...purchaseMetadata(purchase), ...MARK };
  const key = `purchase:${id}:give_back:${attempt}`;
  const { invoice_id, payment_intent_id } = paid ?? { invoice_id: null, payment_intent_id: null };
  const isOurs = (made: { metadata: Record<string, string> }) => made.metadata.resolution === MARK.resolution;
  const refunds = payment_intent_id ? await refundsOf(stripe, payment_intent_id) : [];
  const note = invoice_id ? await findCreditNote(stripe, invoice_id, isOurs) : null;
  if (paid && !refunds.some((refund) => refund.is_back && isOurs(refund))) {
    const { balance_cents } = paid;
    const back_cents = refunds.reduce(
      (sum, { is_back, gross_cents }) => sum + (is_back ? gross_cents : 0),
      0,
    );
    const card_cents = Math.max(0, paid.card_cents - back_cents);
    // One that stands gave the balance its part; the refund that it made has failed when the card lacks something.
    if (invoice_id && !note && card_cents + balance_cents > 0) {
      const made = await refundInvoiceToBalance(
        stripe,
        { invoice_id, card_cents, balance_cents, metadata },
        key,
      );
      await recordCreditNote(env, made.id);
    } else if (payment_intent_id && card_cents > 0)
      await createRefund(stripe, { payment_intent_id, gross_cents: card_cents, metadata }, key);
  }
  await markRefunded(openDatabase(env), id);
}

async function paidFor(env: Bindings, purchase: PurchaseRow): Promise<WhatWasPaid | null> {
  const is_live = readSettings(env).stripe?.is_live ?? false;
  return whatWasPaid(requireStripe(env), purchase, is_live);
}

/** What Stripe will never do is not decided any more: another resolution may be. */
async function afterFailure(env: Bindings, purchase_id: string, error: unknown): Promise<ResolutionRefusal> {
  const failure = stripeFailure(error);
  const db = openDatabase(env);
  log.warn("resolution_failed", { purchase_id, kind: failure.kind, error });
  if (failure.kind === "refused" || failure.kind === "missing") {
    await dropResolution(db, purchase_id);
    return refuse("payment_refused", { message: failure.message, param: "resolution" });
  }
  const purchase = await findPurchase(db, purchase_id);
  if (purchase && failure.kind === "unknown" && failure.is_stored)
    await updatePurchase(db, purchase_id, { attempt: purchase.attempt + 1 });
  return refuse("payments_unavailable");
}
