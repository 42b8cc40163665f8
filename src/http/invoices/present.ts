import type { z } from "zod";
import type { InvoiceRow } from "../../storage/purchases/invoices";
import { isoTime } from "../../units/duration";
import type { invoiceSchema } from "./schema";

/** An invoice or credit note as the API shows it, in cents. */
export function invoiceBody(row: InvoiceRow): z.input<typeof invoiceSchema> {
  return {
    id: row.id,
    kind: row.kind,
    status: row.status,
    number: row.number,
    purchase_id: row.purchase_id,
    corrects: row.corrects_invoice_id,
    currency: row.currency as "EUR",
    net_cents: row.net_cents,
    tax_cents: row.tax_cents,
    gross_cents: row.gross_cents,
    rate_percent: row.rate_basis_points / 100,
    reverse_charge: row.reverse_charge,
    issued_at: isoTime(row.issued_at_ms),
  };
}
