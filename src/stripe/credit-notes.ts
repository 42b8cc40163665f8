import type Stripe from "stripe";
import { SECOND_MS } from "../units/duration";
import { expectObject, stripeFailure } from "./client";
import { idOf } from "./id-of";
import { amountsOf, type IssuedDocument } from "./invoices";

/** A credit note with the refunds that it goes with. */
export interface IssuedCreditNote extends IssuedDocument {
  kind: "credit_note";
  corrects_invoice_id: string;
  refund_ids: string[];
  metadata: Record<string, string>;
}

/**
 * What is to be credited, VAT included. `refund_id`: with a refund that was made; else one is made with it.
 * `elsewhere_cents`: what of the amount is no money of this invoice's own payment.
 */
export interface NewCreditNote {
  invoice_id: string;
  gross_cents: number;
  refund_id: string | null;
  elsewhere_cents?: number;
  metadata: Record<string, string>;
}

/** Null: Stripe has no such credit note. */
export async function readCreditNote(stripe: Stripe, id: string): Promise<IssuedCreditNote | null> {
  try {
    return issuedCreditNote(await stripe.creditNotes.retrieve(id));
  } catch (error) {
    if (stripeFailure(error).kind === "missing") return null;
    throw error;
  }
}

/** The first credit note of an invoice that stands and is the one that is looked for. */
export async function findCreditNote(
  stripe: Stripe,
  invoice_id: string,
  isIt: (note: IssuedCreditNote) => boolean,
): Promise<IssuedCreditNote | null> {
  for await (const note of standingNotes(stripe, invoice_id)) if (isIt(note)) return note;
  return null;
}

/** The credit notes of an invoice that stand, the newest first. */
export async function* standingNotes(stripe: Stripe, invoice_id: string): AsyncGenerator<IssuedCreditNote> {
  for await (const found of stripe.creditNotes.list({ invoice: invoice_id, limit: 100 })) {
    const note = issuedCreditNote(found);
    if (note.status === "issued") yield note;
  }
}

/** The same key is the same credit note, and the same refund. */
export async function createCreditNote(
  stripe: Stripe,
  { invoice_id, gross_cents, refund_id, elsewhere_cents = 0, metadata }: NewCreditNote,
  key: string,
): Promise<IssuedCreditNote> {
  const own_cents = gross_cents - elsewhere_cents;
  const own =
    refund_id === null
      ? { refund_amount: own_cents }
      : { refunds: [{ type: "refund" as const, refund: refund_id, amount_refunded: own_cents }] };
  const money = {
    ...(own_cents > 0 ? own : {}),
    ...(elsewhere_cents > 0 ? { out_of_band_amount: elsewhere_cents } : {}),
  };
  const note = await stripe.creditNotes.create(
    { invoice: invoice_id, amount: gross_cents, metadata, ...money },
    { idempotencyKey: key },
  );
  return issuedCreditNote(note);
}

/** Gives back what was paid for an invoice, to the card and to the customer's balance. The same key is the same credit note. */
export async function refundInvoiceToBalance(
  stripe: Stripe,
  back: { invoice_id: string; card_cents: number; balance_cents: number; metadata: Record<string, string> },
  key: string,
): Promise<IssuedCreditNote> {
  const { invoice_id: invoice, card_cents, balance_cents, metadata } = back;
  const note = await stripe.creditNotes.create(
    {
      ...{ invoice, metadata, amount: card_cents + balance_cents },
      ...(card_cents > 0 ? { refund_amount: card_cents } : {}),
      ...(balance_cents > 0 ? { credit_amount: balance_cents } : {}),
    },
    { idempotencyKey: key },
  );
  return issuedCreditNote(note);
}

function issuedCreditNote(found: Stripe.CreditNote): IssuedCreditNote {
  const note = expectObject(found, "credit_note");
  const { metadata, invoice, refunds } = note;
  return {
    id: note.id,
    kind: "credit_note",
    status: note.status === "void" ? "void" : "issued",
    number: note.number,
    corrects_invoice_id: idOf(invoice) ?? "",
    customer_id: idOf(note.customer),
    purchase_id: metadata?.purchase_id ?? null,
    issued_at_ms: (note.effective_at ?? note.created) * SECOND_MS,
    pdf_url: note.pdf,
    refund_ids: refunds.flatMap(({ refund }) => idOf(refund) ?? []),
    metadata: metadata ?? {},
    ...amountsOf(note as Parameters<typeof amountsOf>[0]),
  };
}
