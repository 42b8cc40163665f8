import type { Bindings } from "../env";
import { openDatabase } from "../storage/database";
import { findPurchaseByStripeId, type PurchaseRow } from "../storage/purchases";
import {
  findReversal,
  findStandingNote,
  insertReversal,
  listToLookAt,
  moveReversal,
  noteReversal,
  type ReversalRow,
  reversalsOf,
} from "../storage/reversals";
import { stripeFailure } from "../stripe/client";
import { createCreditNote, findCreditNote } from "../stripe/credit-notes";
import { type MoneyBack, purchaseIdOfPayment, readDispute, readRefund } from "../stripe/refunds";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../units/duration";
import { centsToMicros } from "../units/money";
import { recordCreditNote } from "./invoices";
import { reachOrganization } from "./ledgers";
import { ourStripe } from "./our-stripe";
import { reversalKeys } from "./purchase-keys";
import { settlePurchase } from "./settle";

/** Reversals looked at in one run of the cron. */
const REVERSALS_A_RUN = 20;
/** When one that was cut off is taken up again. */
const SOON_MS = MINUTE_MS;
/** How often Stripe is asked about one that may still change, should its event not come. */
const LATER_MS = 12 * HOUR_MS;
/** A refund that has not failed by now has arrived. */
const REFUND_FINAL_MS = 90 * DAY_MS;

/**
 * Takes back the credit of a refund, or gives it back when the refund has failed. Stripe is asked how it stands, so that events
 * may come twice, in any order or never. The intent in D1 says how much, then the ledger has the entry under the
 * refund's key, then D1 the acknowledgement. Throws when any of them cannot be asked: then come again.
 */
export async function reverseRefund(env: Bindings, refund_id: string): Promise<"reversed" | "not_ours"> {
  const refund = await readRefund(ourStripe(env), refund_id);
  return refund ? reverse(env, refund, false) : "not_ours";
}

/** As `reverseRefund`, for the money that a dispute withdraws and, when it is won, brings back. An inquiry moves none. */
export async function reverseDispute(env: Bindings, dispute_id: string): Promise<"reversed" | "not_ours"> {
  const dispute = await readDispute(ourStripe(env), dispute_id);
  return dispute ? reverse(env, dispute, dispute.is_open) : "not_ours";
}

/** The cron's part: reversals that were cut off, and those that may have changed without an event that reached us. */
export async function finishReversals(env: Bindings): Promise<void> {
  const db = openDatabase(env);
  for (const { id, kind } of await listToLookAt(db, Date.now(), REVERSALS_A_RUN)) {
    await noteReversal(db, id, { look_again_at_ms: Date.now() + SOON_MS });
    try {
      if (kind === "refund") await reverseRefund(env, id);
      else await reverseDispute(env, id);
    } catch (error) {
      console.error(JSON.stringify({ event: "sweep_failed", what: kind, id, error: String(error) }));
    }
  }
}

async function reverse(env: Bindings, money: MoneyBack, is_open: boolean): Promise<"reversed" | "not_ours"> {
  const purchase = await creditedPurchase(env, money);
  if (!purchase) return "not_ours";
  const db = openDatabase(env);
  const known = await findReversal(db, money.id);
  // Also of an inquiry, and of a dispute that finds nothing left to take: whoever objects is not charged again by itself.
  if (money.is_back || is_open) await pauseTopUp(env, purchase, money);
  if (!known && !money.is_back) return "reversed";
  const row = known ?? (await begin(env, purchase, money));
  await bring(env, row, money.is_back, is_open);
  if (row.credit_note_id) await recordCreditNote(env, row.credit_note_id);
  return "reversed";
}

async function pauseTopUp(
  env: Bindings,
  { organization_id }: PurchaseRow,
  { id, kind }: MoneyBack,
): Promise<void> {
  const organization = await reachOrganization(env, organization_id);
  await organization?.ledger.ask(async (object) => object.pauseTopUp(`${kind}:${id}:heard`, kind));
}

/**
 * Writes down how much credit is to be taken. What has come back at Stripe without our having heard of it comes first: as
 * long as it counts, too little would be left for this one to take.
 */
async function begin(env: Bindings, purchase: PurchaseRow, money: MoneyBack): Promise<ReversalRow> {
  const db = openDatabase(env);
  const note = money.kind === "refund" ? await noteOf(env, purchase, money) : null;
  for (const other of await reversalsOf(db, [purchase.id])) {
    if (other.id === money.id || other.status === "returned") continue;
    const stripe = ourStripe(env);
    const now = await (other.kind === "refund"
      ? readRefund(stripe, other.id)
      : readDispute(stripe, other.id));
    if (now && !now.is_back) await bring(env, other, false, false);
  }
  return insertReversal(db, {
    ...money,
    purchase_id: purchase.id,
    note,
    created_at_ms: Date.now(),
    look_again_at_ms: Date.now() + SOON_MS,
  });
}

/** Brings a reversal to where it belongs: its credit taken, or taken and given back. */
async function bring(env: Bindings, begun: ReversalRow, is_back: boolean, is_open: boolean): Promise<void> {
  const db = openDatabase(env);
  let row = begun;
  if (row.status === "taking") row = await take(env, row);
  if (!is_back && row.status === "taken") row = await moveReversal(db, row.id, "taken", "returning");
  if (row.status === "returning") row = await giveBack(env, row);
  const is_final = row.kind === "refund" ? Date.now() - row.created_at_ms > REFUND_FINAL_MS : !is_open;
  const is_done = is_final || row.status === "returned";
  await noteReversal(db, row.id, { look_again_at_ms: is_done ? null : Date.now() + LATER_MS });
}

/** The purchase that the money is of; null when it is none of ours, or one that has brought no credit for good. */
async function creditedPurchase(
  env: Bindings,
  { payment_intent_id }: MoneyBack,
): Promise<PurchaseRow | null> {
  if (payment_intent_id === null) return null;
  const known = await findPurchaseByStripeId(openDatabase(env), { payment_intent: payment_intent_id });
  const id = known?.id ?? (await purchaseIdOfPayment(ourStripe(env), payment_intent_id));
  if (!id) return null;
  const purchase = await settlePurchase(env, id);
  // It was never credited and people look after it: nothing is to be taken.
  if (purchase?.status === "mismatch") return null;
  if (purchase?.status !== "credited") throw new Error(`Purchase ${id} is not credited: its reversal waits.`);
  return purchase;
}

/**
 * The credit note of a refund: the one that names it, one that still stands for a refund of the same amount which has failed,
 * or a new one. Null when Stripe makes none, because notes of failed refunds fill the invoice: the refund then counts in
 * proportion, and people have to see to the document.
 */
async function noteOf(env: Bindings, purchase: PurchaseRow, { id, gross_cents }: MoneyBack) {
  const stripe = ourStripe(env);
  const invoice_id = purchase.stripe_invoice_id;
  if (!invoice_id) return null;
  const found =
    (await findCreditNote(stripe, invoice_id, ({ refund_ids }) => refund_ids.includes(id))) ??
    (await findStandingNote(openDatabase(env), purchase.id, gross_cents)) ??
    (await newNote(env, purchase, { id, gross_cents, invoice_id }));
  return found && { id: found.id, net_cents: found.net_cents };
}

async function newNote(
  env: Bindings,
  purchase: PurchaseRow,
  { id, gross_cents, invoice_id }: { id: string; gross_cents: number; invoice_id: string },
) {
  const metadata = { purchase_id: purchase.id, organization_id: purchase.organization_id };
  const note = { invoice_id, gross_cents, refund_id: id, metadata };
  try {
    return await createCreditNote(ourStripe(env), note, `refund:${id}:credit_note`);
  } catch (error) {
    const failure = stripeFailure(error);
    if (failure.kind !== "refused") throw error;
    console.error(JSON.stringify({ event: "credit_note_missing", refund_id: id, ...failure }));
    return null;
  }
}

async function take(env: Bindings, row: ReversalRow): Promise<ReversalRow> {
  await post(env, row, reversalKeys(row).take, -row.net_cents);
  return moveReversal(openDatabase(env), row.id, "taking", "taken", { taken_at_ms: Date.now() });
}

async function giveBack(env: Bindings, row: ReversalRow): Promise<ReversalRow> {
  await post(env, row, reversalKeys(row).give_back, row.net_cents);
  return moveReversal(openDatabase(env), row.id, "returning", "returned", { returned_at_ms: Date.now() });
}

async function post(env: Bindings, row: ReversalRow, key: string, net_cents: number): Promise<void> {
  if (net_cents === 0) return;
  const organization = await reachOrganization(env, row.organization_id);
  const posted = await organization?.ledger.ask(async (object) =>
    object.post({ key, kind: row.kind, amount_micros: centsToMicros(net_cents), reason: row.kind }),
  );
  if (posted?.outcome !== "posted") throw new Error(`Reversal ${row.id} could not be posted.`);
}
