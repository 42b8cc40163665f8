import type { z } from "zod";
import { isPayable } from "../../storage/purchases/purchase-state";
import type { PurchaseRow } from "../../storage/purchases/purchases";
import type { TaxDecision } from "../../tax/decide-tax";
import { isoTime, isoTimeOrNull } from "../../units/duration";
import type { purchaseSchema, taxSchema } from "./schema";

type TaxBody = z.input<typeof taxSchema>;

/** How something is taxed, for people and programs. */
export function taxBody(
  tax: Pick<TaxDecision, "rate_basis_points"> & { treatment: string; reason: string },
): TaxBody {
  return {
    treatment: tax.treatment as TaxBody["treatment"],
    reason: tax.reason,
    rate_percent: tax.rate_basis_points / 100,
  };
}

/** A purchase as the API shows it: none of Stripe's ids, and where to pay only while that can be done. */
export function purchaseBody(row: PurchaseRow): z.input<typeof purchaseSchema> {
  const tax_cents = row.tax_cents ?? row.tax_decision.tax_cents;
  return {
    id: row.id,
    kind: row.kind,
    status: row.status,
    currency: row.currency as "EUR",
    net_cents: row.net_cents,
    tax_cents,
    gross_cents: row.gross_cents ?? row.net_cents + tax_cents,
    tax: taxBody(row.tax_decision),
    pay_url: isPayable(row.status) ? row.pay_url : null,
    failure: row.failure_code === null ? null : { code: row.failure_code, message: row.failure_message },
    created_at: isoTime(row.created_at_ms),
    expires_at: isoTime(row.expires_at_ms),
    credited_at: isoTimeOrNull(row.credited_at_ms),
  };
}
