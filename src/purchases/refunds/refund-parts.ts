import type { PurchaseRow } from "../../storage/purchases/purchases";
import { divideHalfUp } from "../../units/money";
import { type Refusal, refuse } from "../../units/refusal";

/** A part of a purchase in cents: credit, and the money for it with its VAT. */
export interface Part {
  net_cents: number;
  gross_cents: number;
}

/**
 * What is given back for a part of a purchase, VAT included, in cents. Counted cumulatively, so that the VAT of odd parts
 * adds up: all parts up to this one have their share of the gross, and the last one takes the rest. Where a cent next
 * to that gives the credit note the very net that was asked for, that is taken: the following part makes up for it.
 * Null: more is asked for than is left. `net_cents` null: all that is left.
 */
export function grossOfPart(purchase: PurchaseRow, back: Part, net_cents: number | null): number | null {
  const whole = { net_cents: purchase.net_cents, gross_cents: purchase.gross_cents ?? purchase.net_cents };
  const left_net_cents = whole.net_cents - back.net_cents;
  const left_gross_cents = whole.gross_cents - back.gross_cents;
  if (left_gross_cents < 1 || (net_cents !== null && net_cents > left_net_cents)) return null;
  if (net_cents === null || net_cents === left_net_cents) return left_gross_cents;
  const until_here_cents = divideHalfUp((back.net_cents + net_cents) * whole.gross_cents, whole.net_cents);
  const share_cents = until_here_cents - back.gross_cents;
  const near = [share_cents, share_cents - 1, share_cents + 1];
  const wanted_cents = near.find((cents) => netOfNote(whole, cents) === net_cents) ?? share_cents;
  // With the last cent of the money the last of the credit would go.
  return Math.max(1, Math.min(wanted_cents, left_gross_cents - 1));
}

/** The net that a credit note over this gross has: Stripe takes the gross's share of the invoice's VAT, half a cent up. */
export function netOfNote(whole: Part, gross_cents: number): number {
  const tax_cents = whole.gross_cents - whole.net_cents;
  return gross_cents - divideHalfUp(Math.max(0, gross_cents) * tax_cents, whole.gross_cents);
}

export function noSuchPurchase(): Refusal<"not_found"> {
  return refuse("not_found", { message: "There is no such purchase.", param: "purchase_id" });
}
