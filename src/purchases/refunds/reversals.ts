import { processRows } from "../../customers/process-rows";
import { requireStripe } from "../../customers/require-stripe";
import type { Bindings } from "../../env";
import { pauseKey } from "../../ledger/core/entry-keys";
import { reportTaxRefundFailed } from "../../notifications/tax-refund-events";
import { openOrganization } from "../../organizations/open-organization";
import { openDatabase } from "../../storage/database";
import { isClosed } from "../../storage/purchases/purchase-state";
import { findPurchaseByStripeId, type PurchaseRow } from "../../storage/purchases/purchases";
import {
  applyLedgerAnswers,
  findReversal,
  insertReversal,
  isToBalance,
  listDueReversals,
  recordMove,
  reversalsOf,
  scheduleCheck,
} from "../../storage/purchases/reversals";
import { readCreditNote } from "../../stripe/credit-notes";
import {
  type MarkedRefund,
  type MoneyBack,
  metadataOfPayment,
  readDispute,
  readRefund,
} from "../../stripe/refunds";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../units/duration";
import { microsToCents } from "../../units/money";
import { fulfilPurchase } from "../fulfil";
import { recordCreditNote } from "../invoices";
import { ownerOf, reportUnknownObject, type StripeObjectOwner } from "../stripe-object-owner";
import { creditNoteOf } from "./refund-credit-note";
import { reopenFailedRefund } from "./reopen";
import { inMicros, netInProportion, purchaseInMicros } from "./reversal-amounts";
import { asMeasured, isOfTax } from "./tax-refunds";

/** `left_alone`: ours, but its purchase is not known, or was never credited. */
type ReversalOutcome = "reversed" | "left_alone" | "not_ours";

/** What the refunds and credit notes carry that an operator has asked us for, to be found by when an answer was lost. */
export const REFUND_REQUEST = "refund_request";

/** Reversals looked at in one run of the cron. */
const REVERSALS_PER_RUN = 20;
/** When one that was cut off is taken up again. */
const RETRY_AFTER_MS = MINUTE_MS;
/** How often Stripe is asked about one that may still change, should its event not come. */
const RECHECK_AFTER_MS = 12 * HOUR_MS;
/** A refund that has not failed by now has arrived. */
const REFUND_FINAL_MS = 90 * DAY_MS;

/**
 * Takes back the credit of a refund, or gives it back when the refund has failed. Stripe is asked how it stands, so that events
 * may come twice, in any order or never. D1 has what was heard, then the ledger the entries, decided with the other
 * refunds and disputes of the purchase, then D1 what came of it. Throws when any of them cannot be asked: then come again.
 */
export async function reverseRefund(env: Bindings, refund_id: string): Promise<ReversalOutcome> {
  const refund = await readRefund(requireStripe(env), refund_id);
  return refund ? reverse(env, refund, false) : "not_ours";
}

/** As `reverseRefund`, for the money that a dispute withdraws and, when it is won, reinstates. An inquiry moves none. */
export async function reverseDispute(env: Bindings, dispute_id: string): Promise<ReversalOutcome> {
  const dispute = await readDispute(requireStripe(env), dispute_id);
  return dispute ? reverse(env, dispute, dispute.is_open) : "not_ours";
}

/**
 * As `reverseRefund`, for what an operator's refund gave back to the customer's balance at Stripe: there its credit note is all
 * that there is, and the reversal has its name.
 */
export async function reverseToBalance(env: Bindings, credit_note_id: string): Promise<ReversalOutcome> {
  const note = await readCreditNote(requireStripe(env), credit_note_id);
  if (!note?.metadata[REFUND_REQUEST]) return "not_ours";
  const db = openDatabase(env);
  const purchase = await findPurchaseByStripeId(db, { invoice: note.corrects_invoice_id });
  if (purchase?.status !== "credited") return "left_alone";
  const is_back = note.status === "issued";
  const money = { id: note.id, kind: "refund", is_back, moves: is_back ? 1 : 2 } as const;
  const now_ms = Date.now();
  if (is_back) await pauseTopUp(env, purchase, money);
  if (await findReversal(db, note.id)) await recordMove(db, money, now_ms + RETRY_AFTER_MS);
  else
    await insertReversal(db, {
      ...money,
      gross_cents: note.gross_cents,
      purchase_id: purchase.id,
      organization_id: purchase.organization_id,
      own_net_cents: note.net_cents,
      credit_note_id: note.id,
      created_at_ms: now_ms,
      look_again_at_ms: now_ms + RETRY_AFTER_MS,
    });
  await applyToLedger(env, purchase);
  await scheduleCheck(db, note.id, null);
  await recordCreditNote(env, note.id);
  return "reversed";
}

/** The cron's part: reversals that were cut off, and those that may have changed without an event that reached us. */
export async function finishReversals(env: Bindings, until_ms = Number.POSITIVE_INFINITY): Promise<void> {
  const db = openDatabase(env);
  const rows = await listDueReversals(db, Date.now(), REVERSALS_PER_RUN);
  await processRows(env, { rows, until_ms, what: "reversal", idOf: ({ id }) => id }, async (row) => {
    const { id, kind } = row;
    await scheduleCheck(db, id, Date.now() + RETRY_AFTER_MS);
    if (isToBalance(row)) await reverseToBalance(env, id);
    else if (kind === "refund") await reverseRefund(env, id);
    else await reverseDispute(env, id);
  });
}

async function reverse(
  env: Bindings,
  money: MarkedRefund | MoneyBack,
  is_open: boolean,
): Promise<ReversalOutcome> {
  const owner = await creditedPurchase(env, money);
  if (owner.whose === "unknown") await reportUnknownObject(env, { ...money, object: money.kind }, owner);
  if (owner.whose !== "ours" || !owner.purchase) return owner.whose === "others" ? "not_ours" : "left_alone";
  const { purchase } = owner;
  const db = openDatabase(env);
  const known = await findReversal(db, money.id);
  const is_tax = "metadata" in money && (await isOfTax(env, purchase, money));
  if (is_tax && !money.is_back && known?.status !== "returned")
    await reportTaxRefundFailed(env, purchase, money.id);
  // Also of an inquiry, and of a dispute that finds nothing left to take: a customer who objects is not charged automatically.
  if (!is_tax && (money.is_back || is_open)) await pauseTopUp(env, purchase, money);
  // An inquiry. Money that came back before its withdrawal was heard of is stored: a late event of that changes nothing then.
  if (!known && money.moves === 0) return "reversed";
  if (!known) await openReversal(env, purchase, money, is_tax);
  // Also of one that is new: another look at it at the same time may have written down an earlier word.
  await recordMove(db, money, Date.now() + RETRY_AFTER_MS);
  await applyToLedger(env, purchase);
  const row = await findReversal(db, money.id);
  if (!row) throw new Error(`Reversal ${money.id} was written down and is not there.`);
  const is_final = row.kind === "refund" ? Date.now() - row.created_at_ms > REFUND_FINAL_MS : !is_open;
  const is_done = is_final || row.status === "returned";
  await scheduleCheck(db, row.id, is_done ? null : Date.now() + RECHECK_AFTER_MS);
  if (row.credit_note_id) await recordCreditNote(env, row.credit_note_id);
  return "reversed";
}

async function pauseTopUp(
  env: Bindings,
  { organization_id }: PurchaseRow,
  { id, kind }: Pick<MoneyBack, "id" | "kind">,
): Promise<void> {
  const organization = await openOrganization(env, organization_id);
  await organization?.ledger.ask(async (object) => object.pauseTopUp(pauseKey({ id, kind }), kind));
}

/** Writes down that money went back, and how much credit that takes on its own: none when it was the tax alone. */
async function openReversal(
  env: Bindings,
  purchase: PurchaseRow,
  money: MoneyBack,
  is_tax: boolean,
): Promise<void> {
  const { id, kind, gross_cents, moves, is_back } = money;
  const note = kind === "refund" && is_back && !is_tax ? await creditNoteOf(env, purchase, money) : null;
  const in_proportion = netInProportion(await asMeasured(env, purchase), gross_cents);
  const own_net_cents = note?.net_cents ?? Math.min(purchase.net_cents, in_proportion);
  const now_ms = Date.now();
  await insertReversal(openDatabase(env), {
    id,
    kind,
    gross_cents,
    moves,
    is_back,
    purchase_id: purchase.id,
    organization_id: purchase.organization_id,
    own_net_cents: is_tax ? 0 : own_net_cents,
    credit_note_id: note?.id ?? null,
    created_at_ms: now_ms,
    look_again_at_ms: now_ms + RETRY_AFTER_MS,
  });
}

/**
 * Lets the ledger take or give back what the refunds and disputes of a purchase come to by all that is known of them, and
 * records what each has taken. Any number of times, at once and in any order.
 */
export async function applyToLedger(env: Bindings, purchase: PurchaseRow): Promise<void> {
  const db = openDatabase(env);
  const reversals = (await reversalsOf(db, [purchase.id])).map((row) => inMicros(purchase, row));
  const organization = await openOrganization(env, purchase.organization_id);
  const answer = await organization?.ledger.ask(async (object) =>
    object.takeBack({ purchase: purchaseInMicros(purchase), reversals }),
  );
  if (answer?.outcome !== "taken_back") throw new Error(`What purchase ${purchase.id} lost was not taken.`);
  const answers = answer.reversals.map((one) => ({ ...one, net_cents: microsToCents(one.net_micros) }));
  await applyLedgerAnswers(db, answers, Date.now());
}

/** Whose the money is, and the purchase with its credit; null when that has brought no credit for good. */
async function creditedPurchase(
  env: Bindings,
  { id, kind, is_back, payment_intent_id }: MoneyBack,
): Promise<Exclude<StripeObjectOwner, { whose: "ours" }> | { whose: "ours"; purchase: PurchaseRow | null }> {
  if (payment_intent_id === null) return { whose: "others" };
  const known = await findPurchaseByStripeId(openDatabase(env), { payment_intent: payment_intent_id });
  const owner = known
    ? ({ whose: "ours", purchase: known } as const)
    : await ownerOf(env, await metadataOfPayment(requireStripe(env), payment_intent_id));
  if (owner.whose !== "ours") return owner;
  const purchase = await fulfilPurchase(env, owner.purchase.id);
  if (purchase && kind === "refund" && !is_back) await reopenFailedRefund(env, purchase, id);
  // It was never credited and people look after it: nothing is to be taken.
  if (purchase?.status === "mismatch" || (purchase && isClosed(purchase.status)))
    return { whose: "ours", purchase: null };
  if (purchase?.status !== "credited")
    throw new Error(`Purchase ${owner.purchase.id} is not credited: its reversal waits.`);
  return { whose: "ours", purchase };
}
