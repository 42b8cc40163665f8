import type { z } from "zod";
import { isToBalance, type ReversalRow } from "../../../storage/purchases/reversals";
import type { TaxRefundRow } from "../../../storage/purchases/tax-refunds";
import { isoTime } from "../../../units/duration";
import type { reversalSchema } from "../../purchases/schema";
import type { taxRefundSchema } from "./schema";

/** A refund of VAT as the API shows it, in cents. */
export function taxRefundBody(row: TaxRefundRow): z.input<typeof taxRefundSchema> {
  return {
    purchase_id: row.purchase_id,
    tax_cents: row.tax_cents,
    refund: row.refund_id,
    credit_note: row.credit_note_id,
    invoice: row.invoice_id,
    created_at: isoTime(row.created_at_ms),
  };
}

/** What one refund has moved: to the card, to the customer's balance at Stripe, or to both. */
export function reversalBody(rows: ReversalRow[]): z.input<typeof reversalSchema> {
  const [row] = rows;
  if (!row) throw new Error("A refund has moved nothing.");
  const sum = (of: (row: ReversalRow) => number) => rows.reduce((total, one) => total + of(one), 0);
  const to_balance = rows.find(isToBalance);
  return {
    id: row.id,
    kind: row.kind,
    status: row.status,
    purchase_id: row.purchase_id,
    net_cents: sum(({ net_cents }) => net_cents),
    gross_cents: sum(({ gross_cents }) => gross_cents),
    credit_note: row.credit_note_id,
    to_balance: to_balance ? { gross_cents: to_balance.gross_cents, credit_note: to_balance.id } : null,
    created_at: isoTime(row.created_at_ms),
  };
}
