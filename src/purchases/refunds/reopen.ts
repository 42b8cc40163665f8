import { requireStripe } from "../../customers/require-stripe";
import { type Bindings, readSettings } from "../../env";
import { openDatabase } from "../../storage/database";
import { reopenRefunded } from "../../storage/purchases/purchase-moves";
import type { PurchaseRow } from "../../storage/purchases/purchases";
import { refundsOf } from "../../stripe/refunds";
import { whatWasPaid } from "../../stripe/what-was-paid";
import { fulfilPurchase } from "../fulfil";
import { recordPurchaseEvent } from "../record-purchase-event";

/** Whether a person has given a purchase's money back, and the card has not got all of it: a refund of it has failed since. */
export async function lacksRefund(env: Bindings, purchase: PurchaseRow): Promise<boolean> {
  if (purchase.status !== "refunded") return false;
  const stripe = requireStripe(env);
  const paid = await whatWasPaid(stripe, purchase, readSettings(env).stripe?.is_live ?? false);
  if (!paid?.payment_intent_id) return false;
  const refunds = await refundsOf(stripe, paid.payment_intent_id);
  const back_cents = refunds.reduce((sum, { is_back, gross_cents }) => sum + (is_back ? gross_cents : 0), 0);
  return back_cents < paid.card_cents;
}

/** Opens a mismatch again whose refund has failed, and reports it to operators. Any number of times. */
export async function reopenFailedRefund(
  env: Bindings,
  purchase: PurchaseRow,
  refund_id: string,
): Promise<void> {
  if (!(await lacksRefund(env, purchase))) return;
  const what = `refund ${refund_id} has failed`;
  await recordPurchaseEvent(env, purchase, { type: "ops.purchase_mismatch", reason: what, of: refund_id });
  await reopenRefunded(openDatabase(env), purchase.id, what);
  await fulfilPurchase(env, purchase.id);
}
