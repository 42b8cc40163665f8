import { requireStripe } from "../../customers/require-stripe";
import type { Bindings } from "../../env";
import type { Actor } from "../../organizations/actor";
import { audited } from "../../organizations/audit-log";
import { type InProgress, withRequestLockOf } from "../../organizations/request-lock";
import { openDatabase } from "../../storage/database";
import { findPurchase, type PurchaseRow } from "../../storage/purchases/purchases";
import {
  findRefundRequest,
  insertRefundRequest,
  listRefundRequests,
  type RefundRequestRow,
  updateRefundRequest,
} from "../../storage/purchases/refund-requests";
import { type ReversalRow, reversalsOf } from "../../storage/purchases/reversals";
import { stripeFailure } from "../../stripe/client";
import { findCreditNote, type IssuedCreditNote, refundInvoiceToBalance } from "../../stripe/credit-notes";
import { createRefund, refundsOf } from "../../stripe/refunds";
import type { AuditFact } from "../../units/audit-fact";
import { MINUTE_MS } from "../../units/duration";
import { type Refusal, refuse } from "../../units/refusal";
import { grossOfPart, noSuchPurchase } from "./refund-parts";
import { paidByBalance, refundedParts, refundMark } from "./refunded-parts";
import { REFUND_REQUEST as MARK, reverseRefund, reverseToBalance } from "./reversals";
import { asMeasured } from "./tax-refunds";

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
  | { outcome: "refunded"; reversals: ReversalRow[] }
  | Refusal<"not_found" | "not_credited" | "too_much" | "idempotency_conflict">
  | Refusal<"payment_refused" | "payments_unavailable">;

/** How often an amount is computed again because another refund was asked for in the same moment. */
const MAX_ATTEMPTS = 10;
/**
 * Gives money back for a purchase with its credit note, takes back the credit, and audits it. The card gets back what it has
 * paid; the rest goes to the customer's balance at Stripe, which has paid the rest (`balance_cents` of an accepted mismatch).
 * The order is stored first with the amount that it came to, so that a repeat after any failure is the same refund.
 */
export async function refundPurchase(env: Bindings, actor: Actor, order: RefundOrder): Promise<RefundAnswer> {
  const { organization_id, purchase_id, net_cents, reason, request_key } = order;
  const detail = { purchase_id, net_cents, reason };
  const asked = { action: "purchase.refund", organization_id, detail } as const;
  // The key is the purchase's: another purchase may be refunded under the same.
  return withRequestLockOf(
    env,
    { organization_id, scope: "refund", request_key: `${purchase_id}:${request_key}` },
    () => audited(env, actor, asked, (fact) => refundAlone(env, order, fact)),
  );
}

async function refundAlone(env: Bindings, order: RefundOrder, fact: AuditFact): Promise<RefundAnswer> {
  const db = openDatabase(env);
  const purchase = await findPurchase(db, order.purchase_id);
  if (purchase?.organization_id !== order.organization_id) return noSuchPurchase();
  const is_paid = purchase.stripe_payment_intent_id !== null || paidByBalance(purchase) > 0;
  if (purchase.status !== "credited" || !is_paid)
    return refuse("not_credited", { message: "This purchase was not credited.", param: "purchase_id" });
  const fingerprint = JSON.stringify([order.net_cents, order.reason]);
  const measured = await asMeasured(env, purchase);
  const request =
    (await findRefundRequest(db, purchase.id, order.request_key)) ??
    (await newRequest(env, measured, order, { request_fingerprint: fingerprint, fact }));
  if (!request)
    return refuse("too_much", { message: "More than is left of the purchase.", param: "net_cents" });
  if (request.request_fingerprint !== fingerprint)
    return refuse("idempotency_conflict", { param: "Idempotency-Key" });
  return carryOut(env, request, purchase);
}

/** Null when more is asked for than is left. */
async function newRequest(
  env: Bindings,
  purchase: PurchaseRow,
  { net_cents, reason, request_key }: RefundOrder,
  { request_fingerprint, fact }: { request_fingerprint: string; fact: AuditFact },
): Promise<RefundRequestRow | null> {
  const db = openDatabase(env);
  for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
    const requests = await listRefundRequests(db, purchase.id);
    const back = await refundedParts(env, purchase, requests);
    const gross_cents = grossOfPart(purchase, back, net_cents);
    if (gross_cents === null) return null;
    const by_card_cents = (purchase.gross_cents ?? purchase.net_cents) - paidByBalance(purchase);
    const balance_cents = Math.max(0, gross_cents - Math.max(0, by_card_cents - back.card_cents));
    const amounts = { gross_cents, balance_cents };
    const order = { purchase_id: purchase.id, request_key, request_fingerprint, ...amounts, reason };
    const row = { ...order, created_at_ms: Date.now() };
    const made = await insertRefundRequest(db, row, { known: requests.length, fact });
    if (made) return made;
  }
  throw new Error(`Refunds of purchase ${purchase.id} come too fast.`);
}

async function carryOut(
  env: Bindings,
  request: RefundRequestRow,
  purchase: PurchaseRow,
): Promise<RefundAnswer> {
  const db = openDatabase(env);
  const { gross_cents, balance_cents } = request;
  const made: string[] = [];
  try {
    if (gross_cents > balance_cents) {
      const refund_id = request.refund_id ?? (await makeToCard(env, request, purchase));
      await updateRefundRequest(db, request, { refund_id });
      await reverseRefund(env, refund_id);
      made.push(refund_id);
    }
    if (balance_cents > 0) {
      const balance_note_id = request.balance_note_id ?? (await makeToBalance(env, request, purchase));
      await updateRefundRequest(db, request, { balance_note_id });
      await reverseToBalance(env, balance_note_id);
      made.push(balance_note_id);
    }
    const rows = await reversalsOf(db, [purchase.id]);
    const reversals = made.flatMap((id) => rows.find((row) => row.id === id) ?? []);
    if (reversals.length < made.length) throw new Error(`${made.join(" and ")} left no reversal.`);
    return { outcome: "refunded", reversals };
  } catch (error) {
    const failure = stripeFailure(error);
    const attempt = request.attempt + 1;
    if (failure.kind === "refused") {
      await updateRefundRequest(db, request, { attempt, is_refused: true });
      return refuse("payment_refused", { message: failure.message });
    }
    if (failure.kind === "unknown" && failure.is_stored) await updateRefundRequest(db, request, { attempt });
    return refuse("payments_unavailable");
  }
}

/** The refund at Stripe. A repeat looks for it first: Stripe forgets after a day what was made under a key. */
async function makeToCard(env: Bindings, request: RefundRequestRow, purchase: PurchaseRow): Promise<string> {
  const stripe = requireStripe(env);
  const { attempt, gross_cents, balance_cents } = request;
  const { stripe_payment_intent_id: payment_intent_id } = purchase;
  if (payment_intent_id === null) throw new Error(`No card has paid purchase ${purchase.id}.`);
  const mark = await refundMark(request);
  const made = isRepeat(request) ? await refundsOf(stripe, payment_intent_id) : [];
  const found = made.find(({ metadata }) => metadata[MARK] === mark);
  if (found) return found.id;
  const refund = {
    payment_intent_id,
    gross_cents: gross_cents - balance_cents,
    metadata: marked(purchase, mark),
  };
  return createRefund(stripe, refund, `refund:${mark}:${attempt}`);
}

/** The credit note by which the balance's part goes back to it. A repeat looks for it first, too. */
async function makeToBalance(
  env: Bindings,
  request: RefundRequestRow,
  purchase: PurchaseRow,
): Promise<string> {
  const stripe = requireStripe(env);
  const { attempt, balance_cents } = request;
  const { stripe_invoice_id: invoice_id } = purchase;
  if (invoice_id === null) throw new Error(`Purchase ${purchase.id} has no invoice.`);
  const mark = await refundMark(request);
  const isIt = ({ metadata }: IssuedCreditNote) => metadata[MARK] === mark;
  const found = isRepeat(request) ? await findCreditNote(stripe, invoice_id, isIt) : null;
  if (found) return found.id;
  const back = { invoice_id, card_cents: 0, balance_cents, metadata: marked(purchase, mark) };
  return (await refundInvoiceToBalance(stripe, back, `refund:${mark}:balance:${attempt}`)).id;
}

function isRepeat({ attempt, created_at_ms }: RefundRequestRow): boolean {
  return attempt > 1 || Date.now() - created_at_ms > MINUTE_MS;
}

function marked({ id, deployment }: PurchaseRow, mark: string): Record<string, string> {
  return { purchase_id: id, ...(deployment !== null && { deployment }), [MARK]: mark };
}
