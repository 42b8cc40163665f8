import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { invalid, notPlayed } from "../core/errors.ts";
import { idOf } from "../core/store.ts";
import { taxShare } from "../core/tax.ts";
import { missingParameter } from "../core/validate.ts";
import { moveBalance } from "../customers/balances.ts";
import { moneyText } from "../documents/invoice-document.ts";
import { refund } from "../payments/refunds.ts";
import { type Credited, newCreditNote } from "./credit-note-resource.ts";
import { changeAmountDue, paymentsOf } from "./states.ts";

export type CreditNoteParameters = Stripe.CreditNoteCreateParams;

/** Where the money of a paid invoice goes: refunds that were made, and one that is to be made now. */
interface MoneyBack {
  linked: { refund: string; amount_refunded: number }[];
  refund_cents: number;
  /** What goes to the customer's balance. */
  credit_cents: number;
}

/**
 * Corrects a finalized invoice by an amount with its tax. What corrects a paid one must say where the money goes: refunds
 * that were made, a refund that is made now, or outside of Stripe, together exactly its total.
 */
export function createCreditNote(world: World, parameters: CreditNoteParameters): Stripe.CreditNote {
  const { invoice, credited, money } = examined(world, parameters);
  const made = money.refund_cents > 0 ? [refundNow(world, invoice, parameters, money.refund_cents)] : [];
  const refunds = [...money.linked, ...made];
  const count = notesOf(world, invoice.id).length + 1;
  const note = newCreditNote(world, { invoice, parameters, credited, refunds, count });
  world.add("credit_note", note);
  if (money.credit_cents > 0) {
    const customer = world.store.get("customer", invoice.customer as string);
    const about = { type: "credit_note", credit_note: note.id, invoice: invoice.id } as const;
    note.customer_balance_transaction = moveBalance(world, customer, -money.credit_cents, about).id;
  }
  if (note.type === "post_payment") invoice.post_payment_credit_notes_amount += note.total;
  else {
    invoice.pre_payment_credit_notes_amount += note.total;
    changeAmountDue(world, invoice, -note.total);
  }
  world.emit("credit_note.created", note);
  return note;
}

/** What a credit note would come to, without making it. */
export function previewCreditNote(world: World, parameters: CreditNoteParameters): Stripe.CreditNote {
  const { invoice, credited, money } = examined(world, parameters);
  const count = notesOf(world, invoice.id).length + 1;
  return newCreditNote(world, { invoice, parameters, credited, refunds: money.linked, count });
}

/** All credit notes of an invoice, void ones too, oldest first. */
function notesOf(world: World, invoice_id: string): Stripe.CreditNote[] {
  return world.store.all("credit_note").filter(({ invoice }) => invoice === invoice_id);
}

/** Only what corrects an invoice that is not paid can be made undone. */
export function voidCreditNote(world: World, id: string): Stripe.CreditNote {
  const note = world.named("credit_note", id);
  if (note.status === "void") throw invalid("This credit note is already void.");
  const invoice = world.store.get("invoice", note.invoice);
  if (invoice.status !== "open")
    throw invalid(
      `You can only void a credit note on an open invoice; this one's invoice is ${invoice.status}.`,
    );
  note.status = "void";
  note.voided_at = world.seconds();
  invoice.pre_payment_credit_notes_amount -= note.total;
  changeAmountDue(world, invoice, note.total);
  world.emit("credit_note.voided", note);
  return note;
}

function examined(world: World, parameters: CreditNoteParameters) {
  if (!parameters.invoice) throw missingParameter("invoice");
  const invoice = world.referred("invoice", parameters.invoice, "invoice");
  if (invoice.status !== "paid" && invoice.status !== "open")
    throw invalid(
      `You can only create credit notes for open or paid invoices. This one is ${invoice.status}.`,
      {
        param: "invoice",
      },
    );
  const credited = creditedBy(world, invoice, parameters);
  const left_cents = invoice.total - standing(world, invoice.id).total_cents;
  if (credited.total_cents < 1) throw invalid("Invalid positive integer", { param: "amount" });
  if (credited.total_cents > left_cents)
    throw invalid(
      `The credit note's total ${moneyText(credited.total_cents, invoice.currency)} exceeds what is left of the invoice, ${moneyText(left_cents, invoice.currency)}.`,
      { param: "amount" },
    );
  return { invoice, credited, money: moneyFor(world, invoice, parameters, credited.total_cents) };
}

/** What the invoice's credit notes that stand have credited already. */
function standing(world: World, invoice_id: string): { total_cents: number; tax_cents: number } {
  const notes = notesOf(world, invoice_id).filter(({ status }) => status === "issued");
  const total_cents = notes.reduce((sum, { total }) => sum + total, 0);
  return { total_cents, tax_cents: total_cents - notes.reduce((sum, { subtotal }) => sum + subtotal, 0) };
}

/** Net and tax by a total, whose tax is its share of the invoice's and the last time the rest; or by lines. */
function creditedBy(
  world: World,
  invoice: Stripe.Invoice,
  { amount, lines }: CreditNoteParameters,
): Credited {
  if (lines) return creditedLines(invoice, lines);
  if (amount === undefined) throw missingParameter("amount");
  const before = standing(world, invoice.id);
  const tax_of_invoice = (invoice.total_taxes ?? []).reduce((sum, tax) => sum + tax.amount, 0);
  const is_last = before.total_cents + amount === invoice.total;
  const tax_cents = is_last
    ? tax_of_invoice - before.tax_cents
    : taxShare(amount, tax_of_invoice, invoice.total);
  return { total_cents: amount, tax_cents, lines: null };
}

function creditedLines(invoice: Stripe.Invoice, lines: NonNullable<CreditNoteParameters["lines"]>): Credited {
  const credited = lines.map(({ type, invoice_line_item, amount, quantity }, index) => {
    if (type !== "invoice_line_item") throw notPlayed("lines of their own", `lines[${index}][type]`);
    const line = invoice.lines.data.find(({ id }) => id === invoice_line_item);
    if (!line) throw invalid(`The invoice has no line '${invoice_line_item}'.`, { param: `lines[${index}]` });
    if (quantity !== undefined) throw notPlayed("quantities of lines", `lines[${index}][quantity]`);
    const net_cents = amount ?? line.amount;
    if (net_cents > line.amount)
      throw invalid(`The line was only ${moneyText(line.amount, line.currency)}.`, {
        param: `lines[${index}]`,
      });
    const tax_of_line = (line.taxes ?? []).reduce((sum, tax) => sum + tax.amount, 0);
    return { line, net_cents, tax_cents: taxShare(net_cents, tax_of_line, line.amount) };
  });
  const net_cents = credited.reduce((sum, one) => sum + one.net_cents, 0);
  const tax_cents = credited.reduce((sum, one) => sum + one.tax_cents, 0);
  return { total_cents: net_cents + tax_cents, tax_cents, lines: credited };
}

function moneyFor(
  world: World,
  invoice: Stripe.Invoice,
  parameters: CreditNoteParameters,
  total_cents: number,
): MoneyBack {
  const { refund_amount = 0, credit_amount = 0, out_of_band_amount = 0, refunds = [] } = parameters;
  const linked = refunds.map((one, index) => linkedRefund(world, invoice, one, `refunds[${index}]`));
  const linked_cents = linked.reduce((sum, { amount_refunded }) => sum + amount_refunded, 0);
  const back_cents = linked_cents + refund_amount + credit_amount + out_of_band_amount;
  if (invoice.status === "open" && back_cents > 0)
    throw invalid("Nothing was paid of this invoice yet, so that nothing can be given back.");
  if (invoice.status === "paid" && back_cents !== total_cents)
    throw invalid(
      "The sum of credit amount, refund amount, and out of band amount must equal the post payment credit note amount.",
    );
  return { linked, refund_cents: refund_amount, credit_cents: credit_amount };
}

/** A refund of the invoice's own payment, as far as no other credit note has it already. */
function linkedRefund(
  world: World,
  invoice: Stripe.Invoice,
  { refund: id, amount_refunded, type = "refund" }: NonNullable<CreditNoteParameters["refunds"]>[number],
  param: string,
) {
  if (type !== "refund") throw notPlayed("payment records", `${param}[type]`);
  if (!id) throw missingParameter(`${param}[refund]`);
  const found = world.referred("refund", id, `${param}[refund]`);
  if (idOf(found.payment_intent) !== paidBy(world, invoice))
    throw invalid(`The refund ${id} is not of this invoice's payment.`, { param: `${param}[refund]` });
  const elsewhere = world.store
    .all("credit_note")
    .flatMap((note) => (note.status === "issued" ? note.refunds : []))
    .filter((one) => one.refund === id);
  const left_cents = elsewhere.reduce((left, one) => left - one.amount_refunded, found.amount);
  const asked_cents = amount_refunded ?? found.amount;
  if (asked_cents > left_cents)
    throw invalid(`Of the refund ${id} only ${moneyText(left_cents, found.currency)} has no credit note.`, {
      param: `${param}[amount_refunded]`,
    });
  return { refund: found.id, amount_refunded: asked_cents };
}

function paidBy(world: World, invoice: Stripe.Invoice): string {
  const payment = paymentsOf(world, invoice.id).find(({ status }) => status === "paid");
  return idOf(payment?.payment.payment_intent) ?? "";
}

function refundNow(
  world: World,
  invoice: Stripe.Invoice,
  { reason }: CreditNoteParameters,
  amount_cents: number,
) {
  const payment_intent = paidBy(world, invoice);
  if (!payment_intent) throw invalid("This invoice was not paid by card, so that nothing can be refunded.");
  const why = reason === "duplicate" || reason === "fraudulent" ? reason : "requested_by_customer";
  const made = refund(world, { payment_intent, amount_cents, reason: why, metadata: {} });
  return { refund: made.id, amount_refunded: amount_cents };
}
