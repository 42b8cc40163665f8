import type Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { ALWAYS_ASKS, draftFor, newCustomer, openInvoice, paidInvoice, paymentOf, VISA } from "./purchases";
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

describe("paying an invoice", () => {
  test("with a saved card leaves the evidence that it was paid by one payment in full", async () => {
    const stripe = openAccount();
    const { invoice, invoice_id, payment_intent } = await paidInvoice(stripe);
    expect(invoice).toMatchObject({
      status: "paid",
      total: 6_050,
      amount_paid: 6_050,
      amount_remaining: 0,
      payments: { data: [{ status: "paid", amount_paid: 6_050, payment: { type: "payment_intent" } }] },
    });
    const intent = await stripe.paymentIntents.retrieve(payment_intent, { expand: ["latest_charge"] });
    expect(intent).toMatchObject({
      status: "succeeded",
      amount_received: 6_050,
      latest_charge: { paid: true },
    });
    expect(intent.metadata).toEqual({});
    const payment = { type: "payment_intent", payment_intent } as const;
    const found = await stripe.invoicePayments.list({ payment });
    expect(found.data.map((one) => one.invoice)).toEqual([invoice_id]);
    expect((await errorOf(stripe.invoices.pay(invoice_id))).message).toContain("already paid");
    expect((await errorOf(stripe.invoices.voidInvoice(invoice_id))).statusCode).toBe(400);
  });

  test("uses the customer's default card when none is named, and needs one", async () => {
    const stripe = openAccount();
    const { id, customer } = await openInvoice(stripe);
    expect((await errorOf(stripe.invoices.pay(id))).message).toContain("default_payment_method");
    const card = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer as string });
    const invoice_settings = { default_payment_method: card.id };
    await stripe.customers.update(customer as string, { invoice_settings });
    expect((await stripe.invoices.pay(id)).status).toBe("paid");
  });

  test("with a card that is declined leaves it open, and says why", async () => {
    const stripe = openAccount();
    const { id, customer } = await openInvoice(stripe);
    const card = await stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
      customer: customer as string,
    });
    const error = await errorOf(stripe.invoices.pay(id, { payment_method: card.id, off_session: true }));
    expect(error).toMatchObject({ type: "StripeCardError", statusCode: 402, code: "card_declined" });
    expect(error.decline_code).toBe("generic_decline");
    const invoice = await stripe.invoices.retrieve(id, { expand: ["payments"] });
    expect(invoice).toMatchObject({ status: "open", attempted: true, amount_remaining: 6_050 });
    const intent = await stripe.paymentIntents.retrieve(paymentOf(invoice));
    expect(intent).toMatchObject({
      status: "requires_payment_method",
      last_payment_error: { code: "card_declined" },
    });
    expect((await stripe.invoices.voidInvoice(id)).status).toBe("void");
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe("canceled");
    expect((await errorOf(stripe.invoices.pay(id, { payment_method: card.id }))).statusCode).toBe(400);
  });

  test("with a card whose holder must confirm leaves it waiting for them", async () => {
    const stripe = openAccount();
    const { id, customer } = await openInvoice(stripe);
    const asked = { customer: customer as string };
    const card = await stripe.paymentMethods.attach("pm_card_authenticationRequired", asked);
    const error = await errorOf(stripe.invoices.pay(id, { payment_method: card.id, off_session: true }));
    expect(error).toMatchObject({ type: "StripeCardError", statusCode: 402 });
    expect(["authentication_required", "invoice_payment_intent_requires_action"]).toContain(error.code);
    expect((await stripe.invoices.retrieve(id)).status).toBe("open");
  });

  test("with another customer's card is refused", async () => {
    const stripe = openAccount();
    const { id } = await openInvoice(stripe);
    const other = (await newCustomer(stripe)).id;
    const card = await stripe.paymentMethods.attach("pm_card_visa", { customer: other });
    expect((await errorOf(stripe.invoices.pay(id, { payment_method: card.id }))).statusCode).toBe(400);
  });

  test("outside of Stripe is paid without money here", async () => {
    const stripe = openAccount();
    const { id } = await openInvoice(stripe);
    await stripe.invoices.pay(id, { paid_out_of_band: true });
    const invoice = await stripe.invoices.retrieve(id, { expand: ["payments"] });
    expect(invoice.status).toBe("paid");
    expect(
      invoice.payments?.data.some(
        ({ payment, status }) => payment.type === "payment_intent" && status === "paid",
      ),
    ).toBe(false);
  });

  test("is still possible for one that was given up", async () => {
    const stripe = openAccount();
    const { id } = await openInvoice(stripe);
    expect((await stripe.invoices.markUncollectible(id)).status).toBe("uncollectible");
    expect((await stripe.invoices.voidInvoice(id)).status).toBe("void");
  });

  played.each([
    [true, "paid"],
    [false, "open"],
  ])("that waits for its holder: they answer %s on its page, and it is %s", async (passed, status) => {
    const { stripe, controls } = playAccount();
    const { id, customer } = await openInvoice(stripe);
    const asked = { customer: customer as string };
    const card = await stripe.paymentMethods.attach("pm_card_authenticationRequired", asked);
    await errorOf(stripe.invoices.pay(id, { payment_method: card.id }));
    const waiting = await stripe.invoices.retrieve(id, { expand: ["payments"] });
    const before = await stripe.paymentIntents.retrieve(paymentOf(waiting));
    expect(before).toMatchObject({ status: "requires_action", next_action: { type: "redirect_to_url" } });
    controls.authenticateInvoice(id, passed);
    expect((await stripe.invoices.retrieve(id)).status).toBe(status);
    expect(() => controls.authenticateInvoice(id, true)).toThrow("Nothing is to be confirmed");
  });

  played("can be asked to end in any decline, authentication included", async () => {
    const { stripe, controls } = playAccount();
    const { id, customer } = await openInvoice(stripe);
    const card = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer as string });
    for (const code of ["lost_card", "insufficient_funds", "authentication_required"]) {
      controls.declineNext(code);
      const error = await errorOf(stripe.invoices.pay(id, { payment_method: card.id }));
      expect(error.decline_code).toBe(code);
    }
    controls.authenticateInvoice(id, true);
    expect((await stripe.invoices.retrieve(id)).status).toBe("paid");
  });

  played("is possible on its page with another card", async () => {
    const { stripe, controls } = playAccount();
    const { id } = await openInvoice(stripe);
    expect(controls.payInvoicePage(id, ALWAYS_ASKS, false).status).toBe("open");
    expect(controls.payInvoicePage(id, VISA).status).toBe("paid");
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
