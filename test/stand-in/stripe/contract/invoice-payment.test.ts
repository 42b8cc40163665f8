import { describe, expect, test } from "vitest";
import { ALWAYS_ASKS, newCustomer, openInvoice, paidInvoice, paymentOf, VISA } from "./purchases";
import { errorOf, openAccount, playAccount, played } from "./suite";

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
