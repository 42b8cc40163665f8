/** A company or person on an invoice. Lines of an address are printed as they are, in any European script. */
export interface InvoiceParty {
  name: string;
  address_lines: string[];
  vat_id: string | null;
  email: string | null;
}

interface InvoiceDocumentLine {
  description: string;
  quantity: number;
  unit_net_cents: number;
  net_cents: number;
}

/** What has become of the money. A credit note is `refunded`, or `credited` when nothing was paid back. */
export type InvoicePayment =
  | { state: "due"; due_at_ms: number }
  | { state: "paid"; paid_at_ms: number }
  | { state: "void" }
  | { state: "refunded"; refunded_at_ms: number }
  | { state: "credited" };

/**
 * All that stands on an invoice or a credit note (Article 226 of Directive 2006/112/EC), ready to be printed. Amounts
 * are never negative: a credit note says by its title that they are given back.
 */
export interface InvoiceDocument {
  kind: "invoice" | "credit_note";
  number: string;
  issued_at_ms: number;
  /** The invoice that a credit note corrects, null on an invoice. */
  corrects: { number: string; issued_at_ms: number } | null;
  payment: InvoicePayment;
  seller: InvoiceParty;
  buyer: InvoiceParty;
  /** ISO 4217, such as EUR. Its cents are what all amounts are in. */
  currency: string;
  lines: InvoiceDocumentLine[];
  net_cents: number;
  /** 2,550 is 25.5 %. */
  tax_rate_basis_points: number;
  tax_cents: number;
  gross_cents: number;
  /** Whether the buyer owes the VAT. It is then said beside the rate, whatever the notes say. */
  reverse_charge: boolean;
  /** What stands below the amounts, a paragraph each: the invoice's description and footer. */
  notes: string[];
}

/** An amount as people read it: €1,234.50. */
export function moneyText(cents: number, currency: string): string {
  return new Intl.NumberFormat("en-IE", { style: "currency", currency }).format(cents / 100);
}

/** A day in UTC: 24 November 2026. */
export function dayText(at_ms: number): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(at_ms);
}

/** A rate in basis points as a percentage without needless decimals: 25.5%. */
export function rateText(basis_points: number): string {
  return `${basis_points / 100}%`;
}
