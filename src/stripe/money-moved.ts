import type Stripe from "stripe";
import { SECOND_MS } from "../units/duration";
import { expectObject } from "./client";
import { isOurs } from "./purchase-metadata";
import { disputeMoney, type MoneyBack, refundMoney } from "./refunds";

/** A span of time, in milliseconds, `until_ms` not included. */
export interface Span {
  from_ms: number;
  until_ms: number;
}

/** A payment that names one of our purchases. */
export interface PaidObject {
  /** The Checkout session, or the invoice of an auto top-up. */
  id: string;
  purchase_id: string;
  /** That it names. */
  organization_id: string | null;
  net_cents: number;
  tax_cents: number;
  gross_cents: number;
}

/** A page on which a card was entered. */
export interface CardPage {
  id: string;
  organization_id: string;
}

/** What is ours of what was paid, and of the pages on which cards were entered, begun within the span. */
export async function ownPayments(
  stripe: Stripe,
  span: Span,
  deployment: string,
): Promise<{ paid: PaidObject[]; card_pages: CardPage[] }> {
  const found: PaidObject[] = [];
  const card_pages: CardPage[] = [];
  for await (const session of stripe.checkout.sessions.list({ ...createdIn(span), status: "complete" })) {
    const { metadata, mode, payment_status, amount_subtotal, amount_total } = expectObject(
      session,
      "checkout.session",
    );
    if (!isOurs(metadata, deployment)) continue;
    const organization_id = metadata?.organization_id ?? null;
    if (mode === "setup" && organization_id) card_pages.push({ id: session.id, organization_id });
    if (!metadata?.purchase_id || payment_status !== "paid") continue;
    const gross_cents = amount_total ?? 0;
    found.push({
      id: session.id,
      purchase_id: metadata.purchase_id,
      organization_id,
      net_cents: amount_subtotal ?? 0,
      tax_cents: session.total_details?.amount_tax ?? 0,
      gross_cents,
    });
  }
  for await (const invoice of stripe.invoices.list({ ...createdIn(span), status: "paid" })) {
    const { id, metadata, total, total_excluding_tax } = expectObject(invoice, "invoice");
    // The invoice of a Checkout session is the same money once more.
    if (!id || !metadata?.purchase_id || metadata.kind !== AUTO_TOP_UP) continue;
    if (!isOurs(metadata, deployment)) continue;
    const net_cents = total_excluding_tax ?? total;
    const { purchase_id, organization_id = null } = metadata;
    const sums = { net_cents, tax_cents: total - net_cents, gross_cents: total };
    found.push({ id, purchase_id, organization_id, ...sums });
  }
  return { paid: found, card_pages };
}

/** Marks, in their metadata, the invoices that are no Checkout session's. */
export const AUTO_TOP_UP = "auto_top_up";

/** Every refund and dispute begun within the span. */
export async function moneyBack(stripe: Stripe, span: Span): Promise<MoneyBack[]> {
  const found: MoneyBack[] = [];
  for await (const refund of stripe.refunds.list(createdIn(span)))
    found.push(refundMoney(expectObject(refund, "refund")));
  for await (const dispute of stripe.disputes.list(createdIn(span)))
    found.push(disputeMoney(expectObject(dispute, "dispute")));
  return found;
}

function createdIn({ from_ms, until_ms }: Span) {
  return {
    created: { gte: Math.floor(from_ms / SECOND_MS), lt: Math.ceil(until_ms / SECOND_MS) },
    limit: 100,
  };
}
