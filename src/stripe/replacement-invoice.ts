import type Stripe from "stripe";
import { PRODUCT_NAME } from "./checkout";
import { expectObject } from "./client";
import { hasBalance } from "./customers";
import { purchaseMetadata } from "./purchase-metadata";
import { abandonTopUpInvoice, type TopUpPurchase, wrongOnInvoice } from "./top-up-invoice";

/** An invoice of the same credit as another one, otherwise taxed. Its footer is that of the purchase's tax decision. */
export type Replaced = TopUpPurchase & { replaced_number: string };

/** A draft of it. The same key is the same draft. */
export async function draftReplacement(stripe: Stripe, purchase: Replaced, key: string): Promise<string> {
  const { stripe_customer_id: customer, replaced_number, tax_decision } = purchase;
  const { footer } = tax_decision;
  const invoice = await stripe.invoices.create(
    {
      customer,
      currency: purchase.currency.toLowerCase(),
      collection_method: "charge_automatically",
      auto_advance: false,
      automatic_tax: { enabled: true },
      pending_invoice_items_behavior: "exclude",
      description: `${PRODUCT_NAME}. Replaces invoice ${replaced_number}, and was paid with it.`,
      metadata: purchaseMetadata(purchase),
      rendering: { amount_tax_display: "exclude_tax" },
      ...(footer === null ? {} : { footer }),
    },
    { idempotencyKey: `${key}:invoice` },
  );
  return expectObject(invoice, "invoice").id;
}

/**
 * Finalizes it, as far as that is not done; `wrong` says what of it is not as it should be, null when it may stand. What is
 * wrong is withdrawn.
 */
export async function openReplacement(
  stripe: Stripe,
  purchase: Replaced,
  invoice_id: string,
  key: string,
): Promise<{ wrong: string | null }> {
  const { stripe_customer_id: customer, net_cents: amount } = purchase;
  const currency = purchase.currency.toLowerCase();
  let invoice = expectObject(await stripe.invoices.retrieve(invoice_id), "invoice");
  if (invoice.status === "draft") {
    const item = { customer, invoice: invoice_id, currency, amount, tax_behavior: "exclusive" } as const;
    const described = { ...item, description: PRODUCT_NAME, metadata: purchaseMetadata(purchase) };
    if (invoice.lines.data.length === 0)
      await stripe.invoiceItems.create(described, { idempotencyKey: `${key}:item` });
    if (await hasBalance(stripe, customer, purchase.currency)) return { wrong: "customer_balance" };
    const finalize = { idempotencyKey: `${key}:finalize` };
    invoice = await stripe.invoices.finalizeInvoice(invoice_id, { auto_advance: false }, finalize);
  }
  const wrong =
    invoice.status === "open" || invoice.status === "paid" ? wrongOnInvoice(invoice, purchase) : "status";
  if (wrong !== null) await abandonTopUpInvoice(stripe, invoice_id);
  return { wrong };
}

/** It was paid with the invoice that it replaces. */
export async function closeReplacement(stripe: Stripe, invoice_id: string, key: string): Promise<void> {
  const { status } = expectObject(await stripe.invoices.retrieve(invoice_id), "invoice");
  if (status !== "open") return;
  await stripe.invoices.pay(invoice_id, { paid_out_of_band: true }, { idempotencyKey: `${key}:pay` });
}
