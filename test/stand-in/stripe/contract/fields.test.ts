import { expect } from "vitest";
import { fields } from "../published/resource-fields.json";
import { newCustomer, openInvoice, paidInvoice, sessionFor, VISA } from "./purchases";
import { errorOf, playAccount, played } from "./suite";

/** Everything in an answer that says what it is. */
function resourcesIn(value: unknown): { object: string }[] {
  if (Array.isArray(value)) return value.flatMap(resourcesIn);
  if (typeof value !== "object" || value === null) return [];
  const inside = Object.values(value).flatMap(resourcesIn);
  return "object" in value && typeof value.object === "string" && value.object in fields
    ? [value as { object: string }, ...inside]
    : inside;
}

/** One of each thing that the API answers, in several states. */
async function everything(): Promise<unknown[]> {
  const { stripe, controls } = playAccount();
  const customer = await newCustomer(stripe, "DE");
  const tax_id = await stripe.customers.createTaxId(customer.id, { type: "eu_vat", value: "DE000000000" });
  const { id } = await stripe.checkout.sessions.create(sessionFor(customer.id));
  const open = await stripe.checkout.sessions.retrieve(id);
  controls.payCheckout(id, { card: "4000000000000002" });
  controls.payCheckout(id, { card: VISA });
  const asked = { mode: "setup", currency: "eur", success_url: "https://example.com" } as const;
  const setup = await stripe.checkout.sessions.create({ ...asked, customer: customer.id });
  controls.payCheckout(setup.id, { card: VISA });
  const { invoice_id, invoice, payment_intent } = await paidInvoice(stripe);
  const credit_note = await stripe.creditNotes.create({
    invoice: invoice_id,
    lines: [{ type: "invoice_line_item", invoice_line_item: invoice.lines.data[0]?.id, amount: 100 }],
    refund_amount: 121,
  });
  const waiting = await openInvoice(stripe);
  const card = await stripe.paymentMethods.attach("pm_card_threeDSecure2Required", {
    customer: waiting.customer as string,
  });
  await errorOf(stripe.invoices.pay(waiting.id, { payment_method: card.id }));
  controls.openDispute(payment_intent);
  return [
    [customer, tax_id, open, invoice, credit_note, waiting, card],
    await stripe.checkout.sessions.list({ expand: ["data.line_items", "data.setup_intent", "data.invoice"] }),
    await stripe.paymentIntents.list({ expand: ["data.latest_charge", "data.payment_method"] }),
    await stripe.invoicePayments.list(),
    await stripe.customers.createBalanceTransaction(customer.id, { amount: -100, currency: "eur" }),
    await stripe.invoiceItems.create({ customer: customer.id, amount: 100, currency: "eur" }),
    await stripe.refunds.list(),
    await stripe.disputes.list(),
    await stripe.events.list({ limit: 100 }),
    await stripe.billingPortal.sessions.create({ customer: customer.id }),
    await stripe.tax.registrations.list({ status: "all" }),
    await stripe.tax.settings.retrieve(),
  ];
}

played("every answer has every field that Stripe's own has", async () => {
  const found = resourcesIn(await everything());
  const promised = fields as Record<string, string[]>;
  const missing = found.flatMap((one) =>
    (promised[one.object] ?? []).filter((name) => !(name in one)).map((name) => `${one.object}.${name}`),
  );
  expect([...new Set(missing)]).toEqual([]);
  const seen = new Set(found.map(({ object }) => object));
  expect(Object.keys(fields).filter((object) => !seen.has(object))).toEqual([]);
});
