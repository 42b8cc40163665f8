import type Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { draftFor, newCustomer, openInvoice } from "./purchases";
import { errorOf, openAccount, playAccount, played } from "./suite";

describe("an invoice", () => {
  test.each([
    ["NL", 1_050, "standard_rated"],
    ["DE", 950, "standard_rated"],
    ["CH", 0, "not_collecting"],
    ["ES", 0, "not_supported"],
  ])("for a customer in %s has its tax, and says why it is so much", async (country, amount, reason) => {
    const stripe = openAccount();
    const invoice = await openInvoice(stripe, country);
    expect(invoice).toMatchObject({
      status: "open",
      total_excluding_tax: 5_000,
      total: 5_000 + amount,
      amount_remaining: 5_000 + amount,
      automatic_tax: { enabled: true, status: "complete", disabled_reason: null },
      customer_name: "Example Trading",
      customer_address: { country },
      auto_advance: false,
    });
    for (const tax of invoice.total_taxes ?? [])
      expect(tax).toMatchObject({ amount, taxability_reason: reason, tax_behavior: "exclusive" });
    expect(invoice.number).toMatch(/./);
    expect(invoice.hosted_invoice_url).toMatch(/^https:/);
    expect(invoice.invoice_pdf).toMatch(/^https:/);
  });

  test("for a company of another member state with a VAT number is under reverse charge", async () => {
    const stripe = openAccount();
    const customer = (await newCustomer(stripe, "DE")).id;
    await stripe.customers.createTaxId(customer, { type: "eu_vat", value: "DE000000000" });
    const invoice = await stripe.invoices.finalizeInvoice(await draftFor(stripe, customer));
    expect(invoice).toMatchObject({
      total: 5_000,
      total_taxes: [{ amount: 0, taxability_reason: "reverse_charge" }],
      customer_tax_ids: [{ type: "eu_vat", value: "DE000000000" }],
    });
  });

  test("keeps the customer as they were when it was finalized", async () => {
    const stripe = openAccount();
    const { id, customer } = await openInvoice(stripe);
    await stripe.customers.update(customer as string, { name: "Another name" });
    expect((await stripe.invoices.retrieve(id)).customer_name).toBe("Example Trading");
  });

  test("without a place to tax it at stays a draft without a number", async () => {
    const stripe = openAccount();
    const { id: customer } = await stripe.customers.create({ name: "Example Trading" });
    const id = await draftFor(stripe, customer);
    const error = await errorOf(stripe.invoices.finalizeInvoice(id));
    expect(error).toMatchObject({ statusCode: 400, code: "customer_tax_location_invalid" });
    expect(await stripe.invoices.retrieve(id)).toMatchObject({
      status: "draft",
      number: null,
      automatic_tax: { status: "requires_location_inputs" },
    });
    expect(await stripe.invoices.del(id)).toMatchObject({ deleted: true });
    expect((await errorOf(stripe.invoices.retrieve(id))).code).toBe("resource_missing");
  });

  test("takes no items once it is finalized, is not finalized twice and not deleted", async () => {
    const stripe = openAccount();
    const { id, customer } = await openInvoice(stripe);
    const item = { customer: customer as string, invoice: id, amount: 100, currency: "eur" };
    for (const refused of [
      () => stripe.invoiceItems.create({ ...item, tax_behavior: "exclusive" }),
      () => stripe.invoices.finalizeInvoice(id),
      () => stripe.invoices.del(id),
    ])
      expect((await errorOf(refused())).statusCode).toBe(400);
  });

  test("with automatic tax takes no item that does not say how it is taxed", async () => {
    const stripe = openAccount();
    const customer = (await newCustomer(stripe)).id;
    const id = await draftFor(stripe, customer);
    const item = { customer, invoice: id, amount: 100, currency: "eur" };
    const outcome = stripe.invoiceItems.create(item).then(() => stripe.invoices.finalizeInvoice(id));
    expect((await errorOf(outcome)).statusCode).toBe(400);
  });

  test("is found by its customer and state; its lines can be read by themselves", async () => {
    const stripe = openAccount();
    const { id, customer } = await openInvoice(stripe);
    const found = await stripe.invoices.list({ customer: customer as string, status: "open" });
    expect(found.data.map((invoice) => invoice.id)).toEqual([id]);
    expect((await stripe.invoices.list({ customer: customer as string, status: "paid" })).data).toEqual([]);
    const { data } = await stripe.invoices.listLineItems(id);
    expect(data).toMatchObject([{ object: "line_item", amount: 5_000, taxes: [{ amount: 1_050 }] }]);
  });

  test("can be looked at before it is made", async () => {
    const stripe = openAccount();
    const customer = (await newCustomer(stripe, "DE")).id;
    const invoice_items = [{ amount: 5_000, currency: "eur", tax_behavior: "exclusive" }];
    const asked = { customer, currency: "eur", automatic_tax: { enabled: true }, invoice_items };
    expect(await stripe.invoices.createPreview(asked)).toMatchObject({
      total: 5_950,
      total_excluding_tax: 5_000,
    });
    expect((await stripe.invoices.list({ customer })).data).toEqual([]);
  });
});

played("numbers have no gaps, and drafts take none", async () => {
  const { stripe } = playAccount();
  const customer = (await newCustomer(stripe)).id;
  await draftFor(stripe, customer);
  const numbers = [(await openInvoice(stripe)).number, (await openInvoice(stripe)).number];
  expect(numbers).toEqual(["STANDIN-0001", "STANDIN-0002"]);
});

played("tax is collected only where the account is registered, without a word otherwise", async () => {
  const { stripe, controls } = playAccount();
  controls.collectTaxIn(["NL"]);
  const { total, total_taxes } = await openInvoice(stripe, "DE");
  expect([total, total_taxes?.[0]?.taxability_reason]).toEqual([5_000, "not_collecting"]);
  expect(
    (await stripe.tax.registrations.list({ status: "active" })).data.map(({ country }) => country),
  ).toEqual(["NL"]);
});

describe("a balance of the customer", () => {
  const setUp = async (amount: number) => {
    const stripe = openAccount();
    const { id: customer } = await newCustomer(stripe);
    await stripe.customers.createBalanceTransaction(customer, { amount, currency: "eur" });
    const balance = async () => {
      const found = await stripe.customers.retrieve(customer);
      return found.deleted ? null : found.balance;
    };
    return { stripe, customer, balance, invoice_id: await draftFor(stripe, customer) };
  };
  const finalize = (stripe: Stripe, id: string) =>
    stripe.invoices.finalizeInvoice(id, { auto_advance: false });

  test("is used by the invoice that is finalized next, and comes back when that is void", async () => {
    const { stripe, balance, invoice_id } = await setUp(-2_000);
    const [invoice] = [await finalize(stripe, invoice_id)];
    expect(invoice).toMatchObject({
      ...{ status: "open", total: 6_050, amount_due: 4_050, amount_remaining: 4_050 },
      ...{ starting_balance: -2_000, ending_balance: 0 },
    });
    expect(await balance()).toBe(0);
    await stripe.invoices.voidInvoice(invoice_id);
    expect(await balance()).toBe(-2_000);
  });

  test("that covers the invoice pays it, without any payment, and keeps the rest", async () => {
    const { stripe, balance, invoice_id } = await setUp(-10_000);
    expect(await finalize(stripe, invoice_id)).toMatchObject({
      ...{ status: "paid", amount_due: 0, amount_paid: 0, ending_balance: -3_950 },
    });
    expect(await balance()).toBe(-3_950);
    expect((await stripe.invoicePayments.list({ invoice: invoice_id })).data).toEqual([]);
  });

  test("that is owed is added to the invoice, and too little to charge is owed with the next", async () => {
    const owed = await setUp(1_000);
    expect(await finalize(owed.stripe, owed.invoice_id)).toMatchObject({ total: 6_050, amount_due: 7_050 });
    const little = await setUp(-6_030);
    expect(await finalize(little.stripe, little.invoice_id)).toMatchObject({ status: "paid", amount_due: 0 });
    expect(await little.balance()).toBe(20);
    const { data } = await little.stripe.customers.listBalanceTransactions(little.customer);
    expect(data.map(({ type }) => type)).toEqual(["invoice_too_small", "applied_to_invoice", "adjustment"]);
  });

  test("gets what a credit note gives back to it, beside what goes to the card", async () => {
    const { stripe, customer, balance, invoice_id } = await setUp(-2_000);
    await finalize(stripe, invoice_id);
    const card = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    await stripe.invoices.pay(invoice_id, { payment_method: card.id });
    const note = { invoice: invoice_id, amount: 6_050, refund_amount: 4_050 };
    expect((await errorOf(stripe.creditNotes.create(note))).type).toBe("StripeInvalidRequestError");
    const made = await stripe.creditNotes.create({ ...note, credit_amount: 2_000 });
    expect(made.customer_balance_transaction).toEqual(expect.any(String));
    expect(await balance()).toBe(-2_000);
  });
});
