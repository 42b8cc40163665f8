import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import type { InvoiceDocument, InvoiceParty, InvoicePayment } from "./invoice-document.ts";

/** All that stands on the file of an invoice that has its number. */
export function documentOfInvoice(world: World, invoice: Stripe.Invoice): InvoiceDocument {
  return {
    ...partiesOf(world, invoice),
    ...amountsOf(invoice.total_taxes ?? [], invoice.total, invoice.total_excluding_tax ?? invoice.total),
    kind: "invoice",
    number: invoice.number ?? invoice.id,
    issued_at_ms: (invoice.effective_at ?? invoice.created) * 1_000,
    corrects: null,
    payment: paymentOf(invoice),
    currency: invoice.currency.toUpperCase(),
    lines: invoice.lines.data.map(({ description, quantity, amount }) => ({
      description: description ?? "",
      quantity: quantity ?? 1,
      unit_net_cents: amount / (quantity ?? 1),
      net_cents: amount,
    })),
    notes: [invoice.footer ?? ""].filter((note) => note !== ""),
  };
}

/** All that stands on the file of a credit note. */
export function documentOfCreditNote(world: World, note: Stripe.CreditNote): InvoiceDocument {
  const invoice = world.store.get("invoice", note.invoice as string);
  const net_cents = note.total_excluding_tax ?? note.total;
  return {
    ...documentOfInvoice(world, invoice),
    ...amountsOf(note.total_taxes ?? [], note.total, net_cents),
    kind: "credit_note",
    number: note.number,
    issued_at_ms: (note.effective_at ?? note.created) * 1_000,
    corrects: {
      number: invoice.number ?? invoice.id,
      issued_at_ms: (invoice.effective_at ?? invoice.created) * 1_000,
    },
    payment:
      note.refunds.length > 0
        ? { state: "refunded", refunded_at_ms: note.created * 1_000 }
        : { state: "credited" },
    lines: [
      { description: note.memo ?? "Credit given back", quantity: 1, unit_net_cents: net_cents, net_cents },
    ],
  };
}

function partiesOf(
  { settings }: World,
  invoice: Stripe.Invoice,
): { seller: InvoiceParty; buyer: InvoiceParty } {
  return {
    seller: {
      ...documentOfParty(settings.seller_name, settings.seller_address),
      vat_id: settings.seller_vat_id,
    },
    buyer: {
      ...documentOfParty(invoice.customer_name ?? "", invoice.customer_address),
      vat_id: invoice.customer_tax_ids?.[0]?.value ?? null,
      email: invoice.customer_email,
    },
  };
}

/** Name and address as they are printed, without VAT ID and e-mail address. */
export function documentOfParty(name: string, address: Stripe.Address | null): InvoiceParty {
  const party = { name, vat_id: null, email: null };
  if (!address) return { ...party, address_lines: [] };
  const { line1, line2, postal_code, city, state, country } = address;
  const town = [postal_code, city].filter(Boolean).join(" ");
  const named = country && new Intl.DisplayNames("en", { type: "region" }).of(country);
  const address_lines = [line1, line2, town, state, named].filter((line): line is string => Boolean(line));
  return { ...party, address_lines };
}

type NamedTax = { taxability_reason: string; tax_rate_details?: { tax_rate: unknown } | null };

function amountsOf(taxes: readonly NamedTax[], gross_cents: number, net_cents: number) {
  const [tax] = taxes;
  return {
    net_cents,
    tax_cents: gross_cents - net_cents,
    gross_cents,
    tax_rate_basis_points: rateOfTax(tax),
    reverse_charge: tax?.taxability_reason === "reverse_charge",
  };
}

/** The rate of a tax, in basis points: the stand-in names its rates after their country and that. */
export function rateOfTax(tax: NamedTax | undefined): number {
  return Number(/_(\d+)$/.exec(String(tax?.tax_rate_details?.tax_rate ?? ""))?.[1] ?? 0);
}

function paymentOf({ status, status_transitions, due_date, created }: Stripe.Invoice): InvoicePayment {
  if (status === "paid")
    return { state: "paid", paid_at_ms: (status_transitions.paid_at ?? created) * 1_000 };
  if (status === "void") return { state: "void" };
  return { state: "due", due_at_ms: (due_date ?? created) * 1_000 };
}
