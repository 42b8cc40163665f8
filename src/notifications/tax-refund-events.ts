import type { Bindings } from "../env";
import { openDatabase } from "../storage/database";
import type { PurchaseRow } from "../storage/purchases/purchases";
import { listTaxRefundable } from "../storage/purchases/tax-refunds";
import { recordEvent } from "./record-event";

/** Records an event for operators of each purchase whose VAT may be refunded, now that its VAT ID turns out to be valid. */
export async function reportTaxRefundable(
  env: Bindings,
  organization_id: string,
  vat_id: string,
): Promise<void> {
  for (const purchase of await listTaxRefundable(openDatabase(env), organization_id, vat_id))
    await recordTaxEvent(
      env,
      purchase,
      "valid",
      "VAT was charged while the VAT ID could not be checked. It is valid.",
    );
}

/** Records an event for operators that a refund of VAT has failed: it may be requested again. */
export async function reportTaxRefundFailed(
  env: Bindings,
  purchase: PurchaseRow,
  refund_id: string,
): Promise<void> {
  await recordTaxEvent(env, purchase, refund_id, "The refund of the VAT has failed.");
}

async function recordTaxEvent(
  env: Bindings,
  purchase: PurchaseRow,
  what: string,
  reason: string,
): Promise<void> {
  const { id: purchase_id, organization_id, tax_cents, created_at_ms: occurred_at_ms } = purchase;
  const type = "ops.tax_refundable";
  const data = { organization_id, purchase_id, tax_cents: tax_cents ?? 0, reason };
  await recordEvent(env, organization_id, `${type}:${purchase_id}:${what}`, { type, occurred_at_ms, data });
}
