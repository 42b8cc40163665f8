import type { Bindings } from "../env";
import { recordEvent } from "../notifications/record-event";
import type { PurchaseRow } from "../storage/purchases/purchases";

interface PurchaseEvent {
  type: "ops.tax_mismatch" | "ops.purchase_mismatch" | "ops.customer_balance";
  /** For people. */
  reason: string;
  /** What has caused it, where that can happen again. */
  of?: string;
}

/** Reports a purchase to operators, once for each purchase, type and cause. @throws LedgerUnavailable */
export function recordPurchaseEvent(
  env: Bindings,
  { id: purchase_id, organization_id, created_at_ms: occurred_at_ms }: PurchaseRow,
  { type, reason, of }: PurchaseEvent,
): Promise<void> {
  const data = { organization_id, purchase_id, reason };
  return recordEvent(env, organization_id, `${type}:${purchase_id}${of ? `:${of}` : ""}`, {
    type,
    occurred_at_ms,
    data,
  });
}
