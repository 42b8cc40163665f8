import type Stripe from "stripe";

export const VISA = "4242424242424242";
export const ALWAYS_ASKS = "4000002760003184";
export const ASKS_ONCE = "4000002500003155";
export const DECLINED = "4000000000000002";

const ADDRESSES: Record<string, Stripe.AddressParam> = {
  NL: { line1: "Damrak 1", postal_code: "1012 LG", city: "Amsterdam", country: "NL" },
  DE: { line1: "Torstrasse 1", postal_code: "10119", city: "Berlin", country: "DE" },
  CH: { line1: "Bahnhofstrasse 1", postal_code: "8001", city: "Zürich", country: "CH" },
  ES: { line1: "Calle Mayor 1", postal_code: "35001", city: "Las Palmas", country: "ES" },
};

/** A company in that country. ES is on the Canary Islands, which are outside of the EU's VAT. */
export function newCustomer(stripe: Stripe, country = "NL"): Promise<Stripe.Customer> {
  const address = ADDRESSES[country];
  return stripe.customers.create({ name: "Example Trading", email: "billing@example.com", address });
}

/** What a purchase of EUR 50.00 of credit asks Checkout for. */
export function sessionFor(
  customer: string,
  change: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Stripe.Checkout.SessionCreateParams {
  const price_data = {
    currency: "eur",
    unit_amount: 5_000,
    tax_behavior: "exclusive",
    product_data: { name: "Prepaid call credit" },
  };
  return {
    mode: "payment",
    customer,
    line_items: [{ quantity: 1, price_data }],
    automatic_tax: { enabled: true },
    adaptive_pricing: { enabled: false },
    allowed_payment_method_types: ["card"],
    invoice_creation: {
      enabled: true,
      invoice_data: { footer: "A footer", metadata: { purchase_id: "pur_1" } },
    },
    payment_intent_data: { metadata: { purchase_id: "pur_1" } },
    success_url: "https://example.com/done?session_id={CHECKOUT_SESSION_ID}",
    cancel_url: "https://example.com/cancelled",
    ...change,
  };
}

/** A draft of EUR 50.00 with automatic tax, for an auto top-up. */
export async function draftFor(stripe: Stripe, customer: string): Promise<string> {
  const { id = "" } = await stripe.invoices.create({
    customer,
    currency: "eur",
    collection_method: "charge_automatically",
    auto_advance: false,
    automatic_tax: { enabled: true },
    pending_invoice_items_behavior: "exclude",
    metadata: { purchase_id: "pur_1" },
  });
  const item = { customer, invoice: id, currency: "eur", amount: 5_000, description: "Prepaid call credit" };
  await stripe.invoiceItems.create({ ...item, tax_behavior: "exclusive" });
  return id;
}

/** An open invoice of EUR 50.00 and its tax, for a customer in that country. */
export async function openInvoice(stripe: Stripe, country = "NL"): Promise<Stripe.Invoice & { id: string }> {
  const customer = await newCustomer(stripe, country);
  const id = await draftFor(stripe, customer.id);
  return { ...(await stripe.invoices.finalizeInvoice(id, { auto_advance: false })), id };
}

/** As `openInvoice`, paid with a card that succeeds. */
export async function paidInvoice(stripe: Stripe, country = "NL") {
  const { id, customer } = await openInvoice(stripe, country);
  const card = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer as string });
  const invoice = await stripe.invoices.pay(id, { payment_method: card.id, expand: ["payments"] });
  return { invoice_id: id, invoice, payment_intent: paymentOf(invoice) };
}

/** The PaymentIntent of an invoice that was read with its payments. */
export function paymentOf({ payments }: Stripe.Invoice): string {
  return String(payments?.data[0]?.payment.payment_intent);
}
