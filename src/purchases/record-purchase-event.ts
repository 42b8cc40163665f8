import type { Bindings } from "../env";
import { recordEvent } from "../notifications/record-event";
import type { PurchaseRow } from "../storage/purchases";

/** Tells operators of a purchase, once for each purchase and kind, and what it comes `of` when that can happen again. */
export function recordPurchaseEvent(
  env: Bindings,
  { id: purchase_id, organization_id, created_at_ms: occurred_at_ms }: PurchaseRow,
  type: "ops.tax_mismatch" | "ops.purchase_mismatch" | "ops.customer_balance",
  reason: string,
  of?: string,
): Promise<void> {
  const data = { organization_id, purchase_id, reason };
  return recordEvent(env, organization_id, `${type}:${purchase_id}${of ? `:${of}` : ""}`, {
    type,
    occurred_at_ms,
    data,
  });
}
