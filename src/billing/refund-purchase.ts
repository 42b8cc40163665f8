import type { Bindings } from "../env";
import { openDatabase } from "../storage/database";
import { findPurchase, type PurchaseRow } from "../storage/purchases";
import {
  findRefundRequest,
  insertRefundRequest,
  listRefundRequests,
  noteRefundRequest,
  type RefundRequestRow,
} from "../storage/refund-requests";
import { counted, findReversal, type ReversalRow, reversalsOf } from "../storage/reversals";
import { stripeFailure } from "../stripe/client";
import { createRefund, refundsOf } from "../stripe/refunds";
import { sha256Hex } from "../units/digest";
import { MINUTE_MS } from "../units/duration";
import { type InProgress, oneAtATimeOf } from "./one-at-a-time";
import { ourStripe } from "./our-stripe";
import { grossOfPart, netOfNote, type Part } from "./refund-parts";
import { reverseRefund } from "./reversals";

/** What an operator asks for. `net_cents` null: all that is left. */
export interface RefundOrder {
  organization_id: string;
  purchase_id: string;
  net_cents: number | null;
  reason: string;
  /** The operator's Idempotency-Key: the same one is the same refund. */
  request_key: string;
}

export type RefundAnswer =
  | InProgress
  | { outcome: "refunded"; reversal: ReversalRow }
  | { outcome: "refused"; code: "not_found" | "not_credited" | "too_much" | "idempotency_conflict" }
  | { outcome: "refused"; code: "payment_refused"; message: string }
  | { outcome: "refused"; code: "payments_unavailable" };

/** What a refund of ours carries, to be found by when the answer of its creation was lost. */
const MARK = "refund_request";
/** How often an amount is worked out anew because another refund was asked for meanwhile. */
const MOST_TRIES = 10;
/** How long a refund counts as under way that Stripe has not made: its operator repeats it by then, or has given it up. */
const UNDER_WAY_MS = 15 * MINUTE_MS;

/** A purchase that money can be given back for. */
type Paid = PurchaseRow & { stripe_payment_intent_id: string };

/**
 * Gives money back for a purchase, with its credit note, and takes back the credit. The order is written down first with the
 * amount that it came to, so that a repeat after any failure is the same refund.
 */
export async function refundPurchase(env: Bindings, order: RefundOrder): Promise<RefundAnswer> {
  const { organization_id, purchase_id, request_key } = order;
  // The key is the purchase's: another purchase may be refunded under the same.
  const key = `${purchase_id}:${request_key}`;
  return oneAtATimeOf(env, organization_id, "refund", key, () => refundAlone(env, order));
}

async function refundAlone(env: Bindings, order: RefundOrder): Promise<RefundAnswer> {
  const db = openDatabase(env);
  const purchase = await findPurchase(db, order.purchase_id);
  if (purchase?.organization_id !== order.organization_id) return { outcome: "refused", code: "not_found" };
  const { stripe_payment_intent_id } = purchase;
  if (purchase.status !== "credited" || stripe_payment_intent_id === null)
    return { outcome: "refused", code: "not_credited" };
  const fingerprint = JSON.stringify([order.net_cents, order.reason]);
  const request =
    (await findRefundRequest(db, purchase.id, order.request_key)) ??
    (await newRequest(env, { ...purchase, stripe_payment_intent_id }, order, fingerprint));
  if (!request) return { outcome: "refused", code: "too_much" };
  if (request.request_fingerprint !== fingerprint)
    return { outcome: "refused", code: "idempotency_conflict" };
  return carryOut(env, request, { ...purchase, stripe_payment_intent_id });
}

/** Null when more is asked for than is left. */
async function newRequest(
  env: Bindings,
  purchase: Paid,
  { net_cents, reason, request_key }: RefundOrder,
  request_fingerprint: string,
): Promise<RefundRequestRow | null> {
  const db = openDatabase(env);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const requests = await listRefundRequests(db, purchase.id);
    const gross_cents = grossOfPart(purchase, await givenBack(env, purchase, requests), net_cents);
    if (gross_cents === null) return null;
    const order = { purchase_id: purchase.id, request_key, request_fingerprint, gross_cents, reason };
    const made = await insertRefundRequest(db, { ...order, created_at_ms: Date.now() }, requests.length);
    if (made) return made;
  }
  throw new Error(`Refunds of purchase ${purchase.id} come too fast.`);
}

/**
 * What has gone back of a purchase, and what is on its way: refunds that were made at Stripe without our having heard of
 * them yet, and those that others have asked us for just now.
 */
async function givenBack(
  env: Bindings,
  purchase: Paid,
  requests: readonly RefundRequestRow[],
): Promise<Part> {
  const db = openDatabase(env);
  const at_stripe = await refundsOf(ourStripe(env), purchase.stripe_payment_intent_id);
  const known = new Set((await reversalsOf(db, [purchase.id])).map(({ id }) => id));
  for (const { id, is_back } of at_stripe) if (is_back && !known.has(id)) await reverseRefund(env, id);
  const parts: Part[] = counted(await reversalsOf(db, [purchase.id]));
  const marks = new Set(at_stripe.map(({ metadata }) => metadata[MARK]));
  const whole = { ...purchase, gross_cents: purchase.gross_cents ?? purchase.net_cents };
  for (const request of requests)
    if (isUnderWay(request) && !marks.has(await markOf(request)))
      parts.push({ ...request, net_cents: netOfNote(whole, request.gross_cents) });
  return {
    net_cents: parts.reduce((sum, part) => sum + part.net_cents, 0),
    gross_cents: parts.reduce((sum, part) => sum + part.gross_cents, 0),
  };
}

function isUnderWay({ refund_id, is_refused, created_at_ms }: RefundRequestRow): boolean {
  return refund_id === null && !is_refused && Date.now() - created_at_ms < UNDER_WAY_MS;
}

function markOf({ purchase_id, request_key }: RefundRequestRow): Promise<string> {
  return sha256Hex(`${purchase_id}:${request_key}`);
}

async function carryOut(env: Bindings, request: RefundRequestRow, purchase: Paid): Promise<RefundAnswer> {
  const db = openDatabase(env);
  try {
    const refund_id = request.refund_id ?? (await make(env, request, purchase));
    await noteRefundRequest(db, request, { refund_id });
    await reverseRefund(env, refund_id);
    const reversal = await findReversal(db, refund_id);
    if (!reversal) throw new Error(`Refund ${refund_id} left no reversal.`);
    return { outcome: "refunded", reversal };
  } catch (error) {
    const failure = stripeFailure(error);
    const attempt = request.attempt + 1;
    if (failure.kind === "refused") {
      await noteRefundRequest(db, request, { attempt, is_refused: true });
      return { outcome: "refused", code: "payment_refused", message: failure.message };
    }
    if (failure.kind === "unknown" && failure.is_stored) await noteRefundRequest(db, request, { attempt });
    return { outcome: "refused", code: "payments_unavailable" };
  }
}

/** The refund at Stripe. A repeat looks for it first: Stripe forgets after a day what was made under a key. */
async function make(env: Bindings, request: RefundRequestRow, purchase: Paid): Promise<string> {
  const stripe = ourStripe(env);
  const { attempt, gross_cents, created_at_ms } = request;
  const { stripe_payment_intent_id: payment_intent_id, deployment } = purchase;
  const mark = await markOf(request);
  const is_repeat = attempt > 1 || Date.now() - created_at_ms > MINUTE_MS;
  const made = is_repeat ? await refundsOf(stripe, payment_intent_id) : [];
  const found = made.find(({ metadata }) => metadata[MARK] === mark);
  if (found) return found.id;
  const metadata = { purchase_id: purchase.id, ...(deployment !== null && { deployment }), [MARK]: mark };
  return createRefund(stripe, { payment_intent_id, gross_cents, metadata }, `refund:${mark}:${attempt}`);
}
