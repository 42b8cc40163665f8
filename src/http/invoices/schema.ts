import { z } from "zod";
import { purchaseId } from "../purchases/schema";
import { currency, instant, queryInteger } from "../schema/amounts";
import { cursorQuery, nextCursor } from "../schema/cursor";

const cents = (description: string) =>
  z
    .int()
    .min(0)
    .meta({ description: `${description}, in cents.` });

/** Stripe's id of an invoice or a credit note. */
const invoiceId = z
  .string()
  .regex(/^(in|cn)_\w{1,100}$/, "Must be the id of an invoice or a credit note.")
  .meta({ examples: ["in_1Pgc75B7WZ01zgkWYv4iMwt7"] });

/** An invoice or credit note, in cents. */
export const invoiceSchema = z
  .strictObject({
    id: invoiceId,
    kind: z.enum(["invoice", "credit_note"]),
    status: z.enum(["open", "paid", "void", "issued"]),
    number: z.string().nullable(),
    purchase_id: purchaseId,
    corrects: invoiceId.nullable().meta({ description: "Of a credit note: the invoice that it corrects." }),
    currency,
    net_cents: cents("Net"),
    tax_cents: cents("VAT"),
    gross_cents: cents("Gross"),
    rate_percent: z
      .number()
      .min(0)
      .meta({ description: "VAT in per cent.", examples: [21] }),
    reverse_charge: z.boolean().meta({ description: "Whether the buyer accounts for the VAT." }),
    issued_at: instant("Its date"),
  })
  .meta({
    id: "Invoice",
    description: "An invoice, or a credit note with its amounts as they were given back.",
  });

/** A page of documents. */
export const invoicePageSchema = z
  .strictObject({
    invoices: z.array(invoiceSchema),
    has_more: z.boolean(),
    next_cursor: nextCursor,
  })
  .meta({ id: "InvoicePage" });

/** A document in the path. */
export const invoicePath = z.strictObject({ invoice_id: invoiceId });

/** Which part of the documents is asked for. */
export const invoicePageQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 100, default: 20, description: "Documents in a page." }),
  cursor: cursorQuery,
});
