import { requireStripe } from "../../customers/require-stripe";
import type { Bindings } from "../../env";
import { openDatabase } from "../../storage/database";
import type { PurchaseRow } from "../../storage/purchases/purchases";
import { findStandingNote } from "../../storage/purchases/reversals";
import { findTaxRefund } from "../../storage/purchases/tax-refunds";
import { stripeFailure } from "../../stripe/client";
import { createCreditNote, findCreditNote, type IssuedCreditNote } from "../../stripe/credit-notes";
import { purchaseMetadata } from "../../stripe/purchase-metadata";
import type { MoneyBack } from "../../stripe/refunds";
import { log } from "../../units/log";

/**
 * The credit note of a refund: the one that names it, one that still stands for a refund of the same amount which has failed,
 * or a new one. Null when Stripe makes none, because notes of failed refunds fill the invoice: the refund then counts in
 * proportion, and people have to see to the document.
 */
export async function creditNoteOf(env: Bindings, purchase: PurchaseRow, { id, gross_cents }: MoneyBack) {
  const stripe = requireStripe(env);
  const { replaced_by, invoice_id } = await invoiceOf(env, purchase);
  if (!invoice_id) return null;
  const isIt = ({ refund_ids, metadata }: IssuedCreditNote) =>
    refund_ids.includes(id) || (replaced_by !== null && metadata.refund_id === id);
  const found =
    (await findCreditNote(stripe, invoice_id, isIt)) ??
    (await findStandingNote(openDatabase(env), purchase.id, gross_cents)) ??
    (await newCreditNote(env, purchase, { id, gross_cents, invoice_id, is_elsewhere: replaced_by !== null }));
  return found && { id: found.id, net_cents: found.net_cents };
}

/** The invoice that stands for a purchase: the one that has replaced the first when its tax went back alone. */
async function invoiceOf(env: Bindings, { id, stripe_invoice_id }: PurchaseRow) {
  const tax_refund = await findTaxRefund(openDatabase(env), id);
  const replaced_by = tax_refund?.credit_note_id ? tax_refund.invoice_id : null;
  return { replaced_by, invoice_id: replaced_by ?? stripe_invoice_id };
}

/** `is_elsewhere`: the invoice was not paid by the payment that the refund is of, so that Stripe cannot connect them. */
async function newCreditNote(
  env: Bindings,
  purchase: PurchaseRow,
  {
    id,
    gross_cents,
    invoice_id,
    is_elsewhere,
  }: { id: string; gross_cents: number; invoice_id: string; is_elsewhere: boolean },
) {
  const money = is_elsewhere
    ? { elsewhere_cents: gross_cents, metadata: { ...purchaseMetadata(purchase), refund_id: id } }
    : { metadata: purchaseMetadata(purchase) };
  const note = { invoice_id, gross_cents, refund_id: id, ...money };
  try {
    return await createCreditNote(requireStripe(env), note, `refund:${id}:credit_note`);
  } catch (error) {
    const failure = stripeFailure(error);
    if (failure.kind !== "refused") throw error;
    log.error("credit_note_missing", { refund_id: id, kind: failure.kind, error });
    return null;
  }
}
