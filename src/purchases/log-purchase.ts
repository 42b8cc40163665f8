import type { PurchaseRow } from "../storage/purchases/purchases";
import { log } from "../units/log";

/** Logs what happened to a purchase, with whose it is. `error` is for people: it does not mend itself. */
export function logPurchase(
  level: "warn" | "error",
  event: string,
  { id, organization_id }: PurchaseRow,
  detail: Record<string, unknown>,
): void {
  log[level](event, { purchase_id: id, organization_id, ...detail });
}
