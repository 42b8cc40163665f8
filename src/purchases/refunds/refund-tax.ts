import { readyToBuy } from "../../customers/billing-profile";
import { processRows } from "../../customers/process-rows";
import { requireStripe } from "../../customers/require-stripe";
import type { Bindings } from "../../env";
import type { Actor } from "../../organizations/actor";
import { audited } from "../../organizations/audit-log";
import { type InProgress, withRequestLockOf } from "../../organizations/request-lock";
import { openDatabase } from "../../storage/database";
import { findInvoice } from "../../storage/purchases/invoices";
import { findPurchase, type PurchaseRow } from "../../storage/purchases/purchases";
import { counted, reversalsOf } from "../../storage/purchases/reversals";
import {
  beginTaxRefund,
  claimTaxRefund,
  findTaxRefund,
  listUnfinishedTaxRefunds,
  retryTaxRefund,
  type TaxRefundRow,
  updateTaxRefund,
  wasRegisterAway,
} from "../../storage/purchases/tax-refunds";
import { stripeFailure } from "../../stripe/client";
import { createCreditNote, findCreditNote, type IssuedCreditNote } from "../../stripe/credit-notes";
import { purchaseMetadata } from "../../stripe/purchase-metadata";
import { createRefund, disputesOf, refundsOf } from "../../stripe/refunds";
import {
  closeReplacement,
  draftReplacement,
  openReplacement,
  type Replaced,
} from "../../stripe/replacement-invoice";
import { abandonTopUpInvoice } from "../../stripe/top-up-invoice";
import { REVERSE_CHARGE_FOOTER } from "../../tax/decide-tax";
import type { AuditFact } from "../../units/audit-fact";
import { log } from "../../units/log";
import { isRefused, type Refusal, refuse } from "../../units/refusal";
import { recordCreditNote, recordInvoice } from "../invoices";
import { taxOn } from "../start-checkout";
import { noSuchPurchase } from "./refund-parts";
import { reverseRefund } from "./reversals";
import { hasFailed, looksLike, TAX_ONLY } from "./tax-refunds";

/** Refunds of tax that one run of the cron brings to their end. */
const TAX_REFUNDS_PER_RUN = 10;

interface TaxRefundOrder {
  organization_id: string;
  purchase_id: string;
  reason: string;
}

type TaxRefundRefusal = Refusal<"not_found" | "tax_not_refundable" | "payments_unavailable">;

export type TaxRefundAnswer =
  | InProgress
  | TaxRefundRefusal
  | { outcome: "refunded"; tax_refund: TaxRefundRow };

/** A purchase that was paid by card and invoiced. */
type Invoiced = PurchaseRow & Replaced & { stripe_invoice_id: string; stripe_payment_intent_id: string };

/**
 * Gives back, and audits, the VAT of a purchase that was charged only because the register of VAT IDs was away: the credit stays. Stripe
 * makes no credit note of tax alone for an invoice that it has taxed itself. So the whole invoice is credited, its tax as
 * the refund and its net as paid elsewhere: by a new invoice with reverse charge. What is done is written down step by
 * step, so that a repeat after any failure is the same refund. One that has failed is made again.
 */
export async function refundTax(
  env: Bindings,
  actor: Actor,
  order: TaxRefundOrder,
): Promise<TaxRefundAnswer> {
  const { organization_id, ...detail } = order;
  return audited(env, actor, { action: "purchase.tax_refund", organization_id, detail }, (fact) =>
    advanceTaxRefund(env, order, fact),
  );
}

/** From where it stands: as it was asked for, or as it was cut off. */
async function advanceTaxRefund(
  env: Bindings,
  order: TaxRefundOrder,
  fact: AuditFact | null = null,
): Promise<TaxRefundAnswer> {
  const { organization_id, purchase_id } = order;
  const purchase = await findPurchase(openDatabase(env), purchase_id);
  if (purchase?.organization_id !== organization_id) return noSuchPurchase();
  const work = () => refundAlone(env, purchase, order, fact);
  return withRequestLockOf(
    env,
    { organization_id, scope: "refund", request_key: `${purchase_id}:tax` },
    work,
  );
}

/** The cron's part: those that were cut off. */
export async function finishTaxRefunds(env: Bindings, until_ms = Number.POSITIVE_INFINITY): Promise<void> {
  const rows = await listUnfinishedTaxRefunds(openDatabase(env), TAX_REFUNDS_PER_RUN);
  const idOf = (row: TaxRefundRow) => row.purchase_id;
  await processRows(env, { rows, until_ms, what: "tax_refund", idOf }, (row) => advanceTaxRefund(env, row));
}

async function refundAlone(
  env: Bindings,
  purchase: PurchaseRow,
  { reason }: TaxRefundOrder,
  fact: AuditFact | null,
): Promise<TaxRefundAnswer> {
  const db = openDatabase(env);
  try {
    const invoiced = await asInvoiced(env, purchase);
    if (!invoiced) return notRefundable("It was not credited, or has no invoice and no payment by card yet.");
    const known = await findTaxRefund(db, purchase.id);
    if (known && !known.is_refused) return await carryOut(env, invoiced, known);
    const refusal = await refusalOf(env, invoiced);
    if (refusal) return refusal;
    const { id: purchase_id, organization_id, tax_cents } = invoiced;
    const order = { purchase_id, organization_id, tax_cents: tax_cents ?? 0, reason };
    const begun = await beginTaxRefund(db, { ...order, created_at_ms: Date.now() }, fact);
    return begun ? await carryOut(env, invoiced, begun) : notRefundable(WENT_BACK);
  } catch (error) {
    return afterFailure(env, purchase.id, error);
  }
}

const WENT_BACK = "Some of its money went back already, or is about to.";

function notRefundable(message: string): TaxRefundRefusal {
  return refuse("tax_not_refundable", { message, param: "purchase_id" });
}

/** Null: there is nothing to give back from, or nothing yet. */
async function asInvoiced(env: Bindings, purchase: PurchaseRow): Promise<Invoiced | null> {
  const { status, stripe_invoice_id, stripe_payment_intent_id, organization_id, tax_decision } = purchase;
  if (status !== "credited" || stripe_invoice_id === null || stripe_payment_intent_id === null) return null;
  const invoice = await findInvoice(openDatabase(env), organization_id, stripe_invoice_id);
  if (!invoice?.number) return null;
  const decided = { ...tax_decision, footer: REVERSE_CHARGE_FOOTER };
  const paid = { ...purchase, stripe_invoice_id, stripe_payment_intent_id, tax_decision: decided };
  return { ...paid, replaced_number: invoice.number };
}

/** Why the tax may not go back, null when it may. */
async function refusalOf(env: Bindings, purchase: Invoiced): Promise<TaxRefundRefusal | null> {
  const { id, tax_cents, tax_decision, stripe_customer_id, balance_cents, resolution } = purchase;
  if (!tax_cents || !wasRegisterAway(purchase))
    return notRefundable("Its VAT was not charged because the VAT ID could not be checked.");
  if (balance_cents !== null || resolution !== null)
    return notRefundable("It was paid otherwise than it was asked for.");
  const buyer = await readyToBuy(env, purchase.organization_id);
  if (isRefused(buyer))
    return buyer.code === "payments_unavailable"
      ? refuse("payments_unavailable")
      : notRefundable(buyer.message);
  const { vat_id, country } = buyer.profile;
  if (vat_id !== tax_decision.vat_id || country !== tax_decision.country)
    return notRefundable("The billing profile has another VAT ID or country now.");
  if (taxOn(env, buyer, purchase.net_cents, Date.now()).treatment !== "reverse_charge")
    return notRefundable("The register has not confirmed the VAT ID, or reverse charge would not apply.");
  if (buyer.stripe_customer_id !== stripe_customer_id)
    return notRefundable("It was bought by another customer at Stripe.");
  const stripe = requireStripe(env);
  const { stripe_payment_intent_id: payment_intent_id } = purchase;
  const went_back =
    counted(await reversalsOf(openDatabase(env), [id])).length > 0 ||
    (await refundsOf(stripe, payment_intent_id)).some(({ is_back }) => is_back) ||
    (await disputesOf(stripe, payment_intent_id)).length > 0;
  return went_back ? notRefundable(WENT_BACK) : null;
}

async function carryOut(env: Bindings, purchase: Invoiced, begun: TaxRefundRow): Promise<TaxRefundAnswer> {
  const db = openDatabase(env);
  if (await hasFailed(env, begun)) await retryTaxRefund(db, begun);
  let row = (await findTaxRefund(db, purchase.id)) ?? begun;
  if (row.finished_at_ms !== null) return { outcome: "refunded", tax_refund: row };
  const stripe = requireStripe(env);
  const key = `tax_refund:${purchase.id}:${row.attempt}`;
  const invoice_id = row.invoice_id ?? (await draftReplacement(stripe, purchase, key));
  if (row.invoice_id === null) row = await updateTaxRefund(db, row, { invoice_id });
  const { wrong } = await openReplacement(stripe, purchase, invoice_id, key);
  if (wrong !== null) return abandon(env, row, `The invoice without VAT would be wrong: ${wrong}.`);
  const refund_id = row.refund_id ?? (await refundAtStripe(env, purchase, row, key));
  await reverseRefund(env, refund_id);
  const credit_note_id =
    row.credit_note_id ?? (await creditNoteOf(env, purchase, { ...row, refund_id }, key));
  await updateTaxRefund(db, row, { credit_note_id });
  await recordCreditNote(env, credit_note_id);
  await closeReplacement(stripe, invoice_id, key);
  await recordInvoice(env, purchase.id, invoice_id);
  return {
    outcome: "refunded",
    tax_refund: await updateTaxRefund(db, row, { finished_at_ms: Date.now() }),
  };
}

/** The refund at Stripe. It is looked for first: Stripe forgets after a day what was made under a key. */
async function refundAtStripe(
  env: Bindings,
  purchase: Invoiced,
  row: TaxRefundRow,
  key: string,
): Promise<string> {
  const stripe = requireStripe(env);
  const { stripe_payment_intent_id: payment_intent_id } = purchase;
  const found = (await refundsOf(stripe, payment_intent_id)).find((refund) => looksLike(refund, row));
  const metadata = { ...purchaseMetadata(purchase), ...TAX_ONLY };
  const asked = { payment_intent_id, gross_cents: row.tax_cents, metadata };
  const refund_id = found?.id ?? (await createRefund(stripe, asked, `${key}:refund`));
  if (!(await claimTaxRefund(openDatabase(env), purchase.id, refund_id)))
    throw new Error(`The tax of purchase ${purchase.id} was given back by another refund than ${refund_id}.`);
  return refund_id;
}

/** The credit note over the whole of the first invoice. */
async function creditNoteOf(
  env: Bindings,
  purchase: Invoiced,
  { tax_cents, refund_id }: TaxRefundRow & { refund_id: string },
  key: string,
): Promise<string> {
  const stripe = requireStripe(env);
  const { stripe_invoice_id: invoice_id, net_cents: elsewhere_cents } = purchase;
  const gross_cents = elsewhere_cents + tax_cents;
  // Also one that was made with a refund which has failed: what it says holds nonetheless.
  const isIt = (note: IssuedCreditNote) =>
    note.metadata.tax_only === TAX_ONLY.tax_only && note.gross_cents === gross_cents;
  const found = await findCreditNote(stripe, invoice_id, isIt);
  if (found) return found.id;
  const metadata = { ...purchaseMetadata(purchase), ...TAX_ONLY };
  const whole = { invoice_id, refund_id, elsewhere_cents, gross_cents, metadata };
  return (await createCreditNote(stripe, whole, `${key}:credit_note`)).id;
}

/** What Stripe will never do as long as nothing else changes: the invoice goes, and another try is a new one. */
async function abandon(env: Bindings, row: TaxRefundRow, message: string): Promise<TaxRefundRefusal> {
  if (row.refund_id !== null) return notRefundable(message);
  if (row.invoice_id !== null && row.credit_note_id === null)
    await abandonTopUpInvoice(requireStripe(env), row.invoice_id);
  const invoice_id = row.credit_note_id === null ? null : row.invoice_id;
  await updateTaxRefund(openDatabase(env), row, { is_refused: true, attempt: row.attempt + 1, invoice_id });
  return notRefundable(message);
}

async function afterFailure(env: Bindings, purchase_id: string, error: unknown): Promise<TaxRefundRefusal> {
  const failure = stripeFailure(error);
  const db = openDatabase(env);
  log.warn("tax_refund_failed", { purchase_id, kind: failure.kind, error });
  const row = await findTaxRefund(db, purchase_id);
  if (row && (failure.kind === "refused" || failure.kind === "missing"))
    return abandon(env, row, failure.message);
  if (row && failure.kind === "unknown" && failure.is_stored)
    await updateTaxRefund(db, row, { attempt: row.attempt + 1 });
  return refuse("payments_unavailable");
}
