import type { Reversal } from "../../ledger/core/credit/reversal";
import { reversalKeys } from "../../ledger/core/entry-keys";
import { holdsCredit } from "../../storage/purchases/purchase-state";
import type { PurchaseRow } from "../../storage/purchases/purchases";
import type { ReversalRow } from "../../storage/purchases/reversals";
import { centsToMicros, divideHalfUp } from "../../units/money";

/** What is sold for a gross in proportion, in cents. */
export function netInProportion(
  purchase: Pick<PurchaseRow, "net_cents" | "gross_cents">,
  gross_cents: number,
): number {
  return divideHalfUp(purchase.net_cents * gross_cents, purchase.gross_cents ?? purchase.net_cents);
}

/** A purchase as its ledger takes it when some of it goes back. */
export function purchaseInMicros({ id, net_cents, gross_cents }: PurchaseRow) {
  return { id, net_micros: centsToMicros(net_cents), gross_micros: centsToMicros(gross_cents ?? net_cents) };
}

/** A reversal as the ledger takes it. */
export function inMicros(purchase: PurchaseRow, row: ReversalRow): Reversal {
  const { id, kind, gross_cents, own_net_cents, net_cents, status, moves } = row;
  const is_back = holdsCredit(status);
  // Rows from before say what was taken, which is less than its own where others held some.
  const own_cents = own_net_cents ?? Math.max(net_cents, netInProportion(purchase, gross_cents));
  return {
    id,
    kind,
    gross_micros: centsToMicros(gross_cents),
    net_micros: centsToMicros(own_cents),
    moves: is_back ? moves : Math.max(2, moves),
    is_back,
    keys: reversalKeys(row),
  };
}
