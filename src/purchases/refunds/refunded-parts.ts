import { requireStripe } from "../../customers/require-stripe";
import type { Bindings } from "../../env";
import { openDatabase } from "../../storage/database";
import type { PurchaseRow } from "../../storage/purchases/purchases";
import type { RefundRequestRow } from "../../storage/purchases/refund-requests";
import { counted, isToBalance, reversalsOf } from "../../storage/purchases/reversals";
import { findTaxRefund } from "../../storage/purchases/tax-refunds";
import { type IssuedCreditNote, standingNotes } from "../../stripe/credit-notes";
import { refundsOf } from "../../stripe/refunds";
import { sha256Hex } from "../../units/digest";
import { MINUTE_MS } from "../../units/duration";
import { netOfNote, type Part } from "./refund-parts";
import { REFUND_REQUEST as MARK, reverseRefund, reverseToBalance } from "./reversals";

/** How long a refund counts as under way that Stripe has not made: its operator repeats it by then, or has given it up. */
const UNDER_WAY_MS = 15 * MINUTE_MS;

/** What the customer's balance has paid and can be given back to, in cents. */
export function paidByBalance({ balance_cents, stripe_invoice_id }: PurchaseRow): number {
  return stripe_invoice_id === null ? 0 : Math.max(0, balance_cents ?? 0);
}

/** `card_cents`: what of the gross went to the card. */
type RefundedParts = Part & { card_cents: number };

/**
 * What has gone back of a purchase, and what is on its way: what was made at Stripe and is not recorded yet, and what
 * other requests have asked for just now. Cents.
 * @throws StripeError, LedgerUnavailable
 */
export async function refundedParts(
  env: Bindings,
  purchase: PurchaseRow,
  requests: readonly RefundRequestRow[],
): Promise<RefundedParts> {
  const db = openDatabase(env);
  const { refunds, notes } = await madeAtStripe(env, purchase);
  const known = new Set((await reversalsOf(db, [purchase.id])).map(({ id }) => id));
  for (const { id, is_back } of refunds) if (is_back && !known.has(id)) await reverseRefund(env, id);
  for (const { id } of notes) if (!known.has(id)) await reverseToBalance(env, id);
  const of_tax = (await findTaxRefund(db, purchase.id))?.refund_id;
  const back = counted(await reversalsOf(db, [purchase.id])).filter(({ id }) => id !== of_tax);
  const parts: RefundedParts[] = back.map((row) => ({
    ...row,
    card_cents: isToBalance(row) ? 0 : row.gross_cents,
  }));
  const marks = {
    card: new Set(refunds.map(({ metadata }) => metadata[MARK])),
    balance: new Set(notes.map(({ metadata }) => metadata[MARK])),
  };
  const whole = { ...purchase, gross_cents: purchase.gross_cents ?? purchase.net_cents };
  for (const request of requests.filter(isRecent)) {
    const mark = await refundMark(request);
    const { gross_cents: all_cents, balance_cents: to_balance_cents, refund_id, balance_note_id } = request;
    const is_at_card = refund_id !== null || marks.card.has(mark);
    const is_at_balance = balance_note_id !== null || marks.balance.has(mark);
    const card_cents = is_at_card ? 0 : all_cents - to_balance_cents;
    const gross_cents = card_cents + (is_at_balance ? 0 : to_balance_cents);
    if (gross_cents > 0) parts.push({ net_cents: netOfNote(whole, gross_cents), gross_cents, card_cents });
  }
  const sum = (of: (part: RefundedParts) => number) => parts.reduce((total, part) => total + of(part), 0);
  return {
    net_cents: sum(({ net_cents }) => net_cents),
    gross_cents: sum(({ gross_cents }) => gross_cents),
    card_cents: sum(({ card_cents }) => card_cents),
  };
}

/** Every refund to the card, and the credit notes by which operators' refunds went to the balance. */
async function madeAtStripe(env: Bindings, purchase: PurchaseRow) {
  const stripe = requireStripe(env);
  const { stripe_payment_intent_id: intent_id, stripe_invoice_id: invoice_id } = purchase;
  const refunds = intent_id === null ? [] : await refundsOf(stripe, intent_id);
  const notes: IssuedCreditNote[] = [];
  if (invoice_id !== null && paidByBalance(purchase) > 0)
    for await (const note of standingNotes(stripe, invoice_id)) if (note.metadata[MARK]) notes.push(note);
  return { refunds, notes };
}

/** Whether what of it Stripe has not made counts as under way. */
function isRecent({ is_refused, created_at_ms }: RefundRequestRow): boolean {
  return !is_refused && Date.now() - created_at_ms < UNDER_WAY_MS;
}

/** What the refund and the credit note of a request carry at Stripe, to be found by when an answer was lost. */
export function refundMark({ purchase_id, request_key }: RefundRequestRow): Promise<string> {
  return sha256Hex(`${purchase_id}:${request_key}`);
}
