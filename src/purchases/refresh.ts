import type { Bindings } from "../env";
import { READ_PATIENCE_MS, soonOr } from "../runtime/deadline";
import { isUnderWay } from "../storage/purchases/purchase-state";
import type { PurchaseRow } from "../storage/purchases/purchases";
import { SECOND_MS } from "../units/duration";
import { log } from "../units/log";
import { fulfilPurchase } from "./fulfil";

/** A purchase that is looked at more often than this is not asked about at Stripe each time. */
const REFRESH_INTERVAL_MS = 2 * SECOND_MS;

/** The purchase, brought up to date when it is under way; as it was last known when that cannot be done soon. */
export async function refreshPurchase(env: Bindings, purchase: PurchaseRow): Promise<PurchaseRow> {
  if (!isUnderWay(purchase.status)) return purchase;
  try {
    return (await soonOr(READ_PATIENCE_MS, () => fulfilPurchase(env, purchase.id), purchase)) ?? purchase;
  } catch (error) {
    const detail = { purchase_id: purchase.id, error };
    log.warn("fulfil_failed", detail);
    return purchase;
  }
}

/** The same for a page that polls: Stripe is asked once in `REFRESH_INTERVAL_MS` and purchase. */
export async function refreshPurchaseThrottled(env: Bindings, purchase: PurchaseRow): Promise<PurchaseRow> {
  return Date.now() - purchase.checked_at_ms >= REFRESH_INTERVAL_MS
    ? refreshPurchase(env, purchase)
    : purchase;
}
