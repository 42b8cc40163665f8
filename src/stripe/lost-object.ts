import type Stripe from "stripe";
import { SECOND_MS } from "../units/duration";
import { expectObject, orNull } from "./client";
import { idOf } from "./id-of";
import { invoiceIdOfPayment } from "./invoices";
import { AUTO_TOP_UP } from "./money-moved";

/** A payment of a purchase as Stripe has it, in cents. */
interface LostPayment {
  purchase_id: string;
  kind: "checkout" | "auto_top_up";
  currency: string;
  net_cents: number;
  tax_cents: number;
  customer_id: string;
  session_id: string | null;
  invoice_id: string | null;
  created_at_ms: number;
}

/** What an id of Stripe's leads to: a payment, with the refund or dispute by which it was found, or a card's page. */
export type LostObject = { id: string; metadata: Record<string, string> } & (
  | { kind: "setup" }
  | { kind: "payment"; payment: LostPayment; reversal: { kind: "refund" | "dispute"; id: string } | null }
);

/** Null: Stripe has nothing with this id that names a purchase or an organization. */
export async function lostObject(stripe: Stripe, id: string): Promise<LostObject | null> {
  switch (/^([a-z]+)_/.exec(id)?.[1]) {
    case "cs":
      return ofSession(await orNull(stripe.checkout.sessions.retrieve(id)));
    case "in":
      return ofInvoice(stripe, await orNull(stripe.invoices.retrieve(id)));
    case "pi":
      return ofPayment(stripe, id);
    case "re":
    case "pyr": {
      const refund = await orNull(stripe.refunds.retrieve(id));
      return refund && ofReversal(stripe, "refund", refund);
    }
    case "du":
    case "dp": {
      const dispute = await orNull(stripe.disputes.retrieve(id));
      return dispute && ofReversal(stripe, "dispute", dispute);
    }
    default:
      return null;
  }
}

function ofSession(found: Stripe.Checkout.Session | null): LostObject | null {
  if (!found) return null;
  const session = expectObject(found, "checkout.session");
  const { id, metadata, mode, customer, amount_subtotal, currency, created } = session;
  if (!metadata) return null;
  if (mode === "setup") return { id, kind: "setup", metadata };
  const { purchase_id } = metadata;
  if (!purchase_id || amount_subtotal === null || !currency) return null;
  const payment: LostPayment = {
    purchase_id,
    kind: "checkout",
    currency: currency.toUpperCase(),
    net_cents: amount_subtotal,
    tax_cents: session.total_details?.amount_tax ?? 0,
    customer_id: idOf(customer) ?? "",
    session_id: id,
    invoice_id: idOf(session.invoice),
    created_at_ms: created * SECOND_MS,
  };
  return { id, kind: "payment", metadata, payment, reversal: null };
}

/** The invoice of a Checkout session leads to the session: that is what was paid. */
async function ofInvoice(stripe: Stripe, found: Stripe.Invoice | null): Promise<LostObject | null> {
  if (!found) return null;
  const invoice = expectObject(found, "invoice");
  const { id, metadata, total, total_excluding_tax, currency, created } = invoice;
  if (!id || !metadata?.purchase_id) return null;
  if (metadata.kind !== AUTO_TOP_UP) {
    const customer = idOf(invoice.customer) ?? undefined;
    for await (const session of stripe.checkout.sessions.list({ customer, limit: 100 }))
      if (expectObject(session, "checkout.session").metadata?.purchase_id === metadata.purchase_id)
        return ofSession(session);
    return null;
  }
  const net_cents = total_excluding_tax ?? total;
  const payment: LostPayment = {
    purchase_id: metadata.purchase_id,
    kind: "auto_top_up",
    currency: currency.toUpperCase(),
    net_cents,
    tax_cents: total - net_cents,
    customer_id: idOf(invoice.customer) ?? "",
    session_id: null,
    invoice_id: id,
    created_at_ms: created * SECOND_MS,
  };
  return { id, kind: "payment", metadata, payment, reversal: null };
}

async function ofPayment(stripe: Stripe, payment_intent: string): Promise<LostObject | null> {
  const { data } = await stripe.checkout.sessions.list({ payment_intent, limit: 1 });
  if (data[0]) return ofSession(data[0]);
  const invoice_id = await invoiceIdOfPayment(stripe, payment_intent);
  return invoice_id === null ? null : ofInvoice(stripe, await orNull(stripe.invoices.retrieve(invoice_id)));
}

async function ofReversal(
  stripe: Stripe,
  kind: "refund" | "dispute",
  found: Stripe.Refund | Stripe.Dispute,
): Promise<LostObject | null> {
  const payment_intent = idOf(found.payment_intent);
  const lost = payment_intent === null ? null : await ofPayment(stripe, payment_intent);
  return lost?.kind === "payment" ? { ...lost, reversal: { kind, id: found.id } } : null;
}
