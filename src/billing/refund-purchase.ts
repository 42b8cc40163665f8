import type { Bindings } from "../env";
import { openDatabase } from "../storage/database";
import { findPurchase, type PurchaseRow } from "../storage/purchases";
import {
  findRefundRequest,
  insertRefundRequest,
  noteRefundRequest,
  type RefundRequestRow,
} from "../storage/refund-requests";
import { findReversal, leftOf, type ReversalRow, reversalsOf } from "../storage/reversals";
import { stripeFailure } from "../stripe/client";
import { createRefund, findRefund } from "../stripe/refunds";
import { sha256Hex } from "../units/digest";
import { divideHalfUp } from "../units/money";
import { ourStripe } from "./our-stripe";
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
  | { outcome: "refunded"; reversal: ReversalRow }
  | { outcome: "refused"; code: "not_found" | "not_credited" | "too_much" | "idempotency_conflict" }
  | { outcome: "refused"; code: "payment_refused"; message: string }
  | { outcome: "refused"; code: "payments_unavailable" };

/** What a refund of ours carries, to be found by when the answer of its creation was lost. */
const MARK = "refund_request";

/**
 * Gives money back for a purchase, with its credit note, and takes back the credit. The order is written down first with the
 * amount that it came to, so that a repeat after any failure is the same refund.
 */
export async function refundPurchase(env: Bindings, order: RefundOrder): Promise<RefundAnswer> {
  const db = openDatabase(env);
  const purchase = await findPurchase(db, order.purchase_id);
  if (purchase?.organization_id !== order.organization_id) return { outcome: "refused", code: "not_found" };
  if (purchase.status !== "credited" || purchase.stripe_payment_intent_id === null)
    return { outcome: "refused", code: "not_credited" };
  const fingerprint = JSON.stringify([order.net_cents, order.reason]);
  const request =
    (await findRefundRequest(db, purchase.id, order.request_key)) ??
    (await newRequest(env, purchase, order, fingerprint));
  if (!request) return { outcome: "refused", code: "too_much" };
  if (request.request_fingerprint !== fingerprint)
    return { outcome: "refused", code: "idempotency_conflict" };
  return carryOut(env, request, purchase.stripe_payment_intent_id);
}

/** Null when more is asked for than is left. */
async function newRequest(
  env: Bindings,
  purchase: PurchaseRow,
  { net_cents, reason, request_key }: RefundOrder,
  request_fingerprint: string,
): Promise<RefundRequestRow | null> {
  const db = openDatabase(env);
  const left_cents = leftOf(purchase, await reversalsOf(db, [purchase.id]));
  const gross_cents = net_cents === null ? left_cents : grossOf(purchase, net_cents);
  if (gross_cents < 1 || gross_cents > left_cents) return null;
  return insertRefundRequest(db, {
    purchase_id: purchase.id,
    request_key,
    request_fingerprint,
    gross_cents,
    reason,
    attempt: 1,
    refund_id: null,
    created_at_ms: Date.now(),
  });
}

function grossOf({ net_cents, gross_cents }: PurchaseRow, part_cents: number): number {
  return divideHalfUp(part_cents * (gross_cents ?? net_cents), net_cents);
}

async function carryOut(
  env: Bindings,
  request: RefundRequestRow,
  payment_intent_id: string,
): Promise<RefundAnswer> {
  const db = openDatabase(env);
  const stripe = ourStripe(env);
  const { purchase_id, request_key, attempt, gross_cents } = request;
  const mark = await sha256Hex(`${purchase_id}:${request_key}`);
  try {
    const metadata = { purchase_id, [MARK]: mark };
    const refund_id =
      request.refund_id ??
      (attempt > 1 ? await findRefund(stripe, payment_intent_id, [MARK, mark]) : null) ??
      (await createRefund(stripe, { payment_intent_id, gross_cents, metadata }, `refund:${mark}:${attempt}`));
    await noteRefundRequest(db, request, { refund_id });
    await reverseRefund(env, refund_id);
    const reversal = await findReversal(db, refund_id);
    if (!reversal) throw new Error(`Refund ${refund_id} left no reversal.`);
    return { outcome: "refunded", reversal };
  } catch (error) {
    const failure = stripeFailure(error);
    if (failure.kind === "refused")
      return { outcome: "refused", code: "payment_refused", message: failure.message };
    if (failure.kind === "unknown" && failure.is_stored)
      await noteRefundRequest(db, request, { attempt: attempt + 1 });
    return { outcome: "refused", code: "payments_unavailable" };
  }
}
