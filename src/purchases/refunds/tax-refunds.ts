import type { Bindings } from "../../env";
import { openDatabase } from "../../storage/database";
import { holdsCredit } from "../../storage/purchases/purchase-state";
import type { PurchaseRow } from "../../storage/purchases/purchases";
import { findReversal } from "../../storage/purchases/reversals";
import { claimTaxRefund, findTaxRefund, type TaxRefundRow } from "../../storage/purchases/tax-refunds";
import type { MarkedRefund } from "../../stripe/refunds";

/** What a refund of the tax alone carries. Anyone with the account may write that: it counts only with our own row. */
export const TAX_ONLY = { tax_only: "1" };

/** Whether a refund at Stripe looks like the one that this row is about. */
export function looksLike({ metadata, gross_cents, is_back }: MarkedRefund, { tax_cents }: TaxRefundRow) {
  return is_back && metadata.tax_only === TAX_ONLY.tax_only && gross_cents === tax_cents;
}

/** Whether a refund is of a purchase's tax alone, and takes no credit: it is the one that we have asked for. */
export async function isOfTax(env: Bindings, { id }: PurchaseRow, refund: MarkedRefund): Promise<boolean> {
  const db = openDatabase(env);
  const row = await findTaxRefund(db, id);
  if (!row) return false;
  if (row.refund_id !== null) return row.refund_id === refund.id;
  // Its event may come before the answer to its creation.
  return !row.is_refused && looksLike(refund, row) && claimTaxRefund(db, id, refund.id);
}

/** The refund of the tax of a purchase that has gone back, or is on its way; null when there is none. */
async function standingTaxRefund(env: Bindings, purchase_id: string): Promise<TaxRefundRow | null> {
  const db = openDatabase(env);
  const row = await findTaxRefund(db, purchase_id);
  return row && !row.is_refused && !(await hasFailed(env, row)) ? row : null;
}

/** Whether the buyer's bank did not take it. */
export async function hasFailed(env: Bindings, { refund_id }: TaxRefundRow): Promise<boolean> {
  const reversal = refund_id === null ? undefined : await findReversal(openDatabase(env), refund_id);
  return reversal !== undefined && !holdsCredit(reversal.status);
}

/** A purchase as further refunds and disputes of it are measured: when its tax has gone back alone, by its net. */
export async function asMeasured<Purchase extends PurchaseRow>(
  env: Bindings,
  purchase: Purchase,
): Promise<Purchase> {
  const is_without = (await standingTaxRefund(env, purchase.id)) !== null;
  return is_without ? { ...purchase, gross_cents: purchase.net_cents } : purchase;
}
