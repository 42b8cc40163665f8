import { describe, expect, test } from "vitest";
import { ALWAYS_ASKS, ASKS_ONCE, DECLINED, newCustomer, sessionFor, VISA } from "./purchases";
import { errorOf, openAccount, playAccount, played } from "./suite";

describe("a session", () => {
  test.each([
    ["NL", 1_050],
    ["DE", 950],
    ["CH", 0],
    ["ES", 0],
  ])("says net, tax and gross for a customer in %s", async (country, amount_tax) => {
    const stripe = openAccount();
    const { id } = await newCustomer(stripe, country);
    const session = await stripe.checkout.sessions.create(sessionFor(id));
    expect(session).toMatchObject({
      status: "open",
      payment_status: "unpaid",
      currency: "eur",
      amount_subtotal: 5_000,
      amount_total: 5_000 + amount_tax,
      total_details: { amount_tax },
      customer: id,
      ui_mode: "hosted_page",
      livemode: false,
    });
    expect(session.url).toMatch(/^https:/);
  });

  test("charges no tax to a company of another member state with a VAT number, and does to one at home", async () => {
    const stripe = openAccount();
    for (const [country, value, amount_tax] of [
      ["DE", "DE000000000", 0],
      ["NL", "NL000000000B01", 1_050],
    ] as const) {
      const { id } = await newCustomer(stripe, country);
      await stripe.customers.createTaxId(id, { type: "eu_vat", value });
      const session = await stripe.checkout.sessions.create(sessionFor(id));
      expect(session.total_details?.amount_tax).toBe(amount_tax);
    }
  });

  test("is found by its customer, with its lines, and closes when asked", async () => {
    const stripe = openAccount();
    const customer = (await newCustomer(stripe)).id;
    const { id } = await stripe.checkout.sessions.create(
      sessionFor(customer, { metadata: { purchase_id: "pur_1" } }),
    );
    const found = await stripe.checkout.sessions.list({ customer, expand: ["data.line_items"] });
    expect(found.data).toMatchObject([{ id, metadata: { purchase_id: "pur_1" } }]);
    expect(found.data[0]?.line_items?.data).toMatchObject([{ amount_subtotal: 5_000, quantity: 1 }]);
    const lines = await stripe.checkout.sessions.listLineItems(id);
    expect(lines.data).toMatchObject([
      { object: "item", description: "Prepaid call credit", amount_tax: 1_050 },
    ]);
    expect(await stripe.checkout.sessions.expire(id)).toMatchObject({ status: "expired", url: null });
    expect((await errorOf(stripe.checkout.sessions.expire(id))).message).toContain("can be expired");
    expect((await stripe.checkout.sessions.list({ customer, status: "open" })).data).toEqual([]);
  });

  test("closes within a day, and not within half an hour", async () => {
    const stripe = openAccount();
    const customer = (await newCustomer(stripe)).id;
    const now = Math.floor(Date.now() / 1_000);
    for (const expires_at of [now + 25 * 60, now + 25 * 60 * 60]) {
      const error = await errorOf(stripe.checkout.sessions.create(sessionFor(customer, { expires_at })));
      expect(error).toMatchObject({ statusCode: 400, param: "expires_at" });
    }
    const expires_at = now + 40 * 60;
    expect((await stripe.checkout.sessions.create(sessionFor(customer, { expires_at }))).expires_at).toBe(
      expires_at,
    );
  });

  test("that saves a card asks for no money", async () => {
    const stripe = openAccount();
    const customer = (await newCustomer(stripe)).id;
    const success_url = "https://example.com/done";
    const asked = { mode: "setup", customer, currency: "eur", success_url } as const;
    const session = await stripe.checkout.sessions.create(asked);
    expect(session).toMatchObject({
      mode: "setup",
      amount_total: null,
      payment_status: "no_payment_required",
    });
    expect(session.setup_intent).toMatch(/^seti_/);
    const { currency: _, ...without } = asked;
    expect((await errorOf(stripe.checkout.sessions.create(without))).statusCode).toBe(400);
  });
});

describe("refused are", () => {
  test.each([
    [
      "payment_method_types, which the API has no more",
      { payment_method_types: ["card"] },
      "payment_method_types",
    ],
    ["a misspelled parameter", { automatic_tax: { enable: true } }, "automatic_tax[enable]"],
  ])("%s", async (_, change, param) => {
    const stripe = openAccount();
    const asked = sessionFor((await newCustomer(stripe)).id, change as never);
    const error = await errorOf(stripe.checkout.sessions.create(asked));
    expect(error).toMatchObject({
      statusCode: 400,
      type: "StripeInvalidRequestError",
      code: "parameter_unknown",
      param,
    });
  });

  test.each([
    ["a mode that there is not", { mode: "payments" }],
    ["an invoice of what is no payment", { mode: "setup", currency: "eur", line_items: undefined }],
    ["tax IDs without leave to rename the customer", { tax_id_collection: { enabled: true } }],
    ["no lines", { line_items: [] }],
    ["less than can be charged", { line_items: [lineOf(10)] }],
    ["no page to come back to", { success_url: undefined }],
    ["a customer that there is not", { customer: "cus_nobody" }],
  ])("%s", async (_, change) => {
    const stripe = openAccount();
    const asked = sessionFor((await newCustomer(stripe)).id, change as never);
    const error = await errorOf(stripe.checkout.sessions.create(asked));
    expect(error).toMatchObject({ statusCode: 400, type: "StripeInvalidRequestError" });
  });

  test("automatic tax for a customer whose place is not known", async () => {
    const stripe = openAccount();
    const { id } = await stripe.customers.create({ name: "Example Trading" });
    const error = await errorOf(stripe.checkout.sessions.create(sessionFor(id)));
    expect(error.code).toBe("customer_tax_location_invalid");
    expect(error.message).toContain(
      "Automatic tax calculation in Checkout requires a valid address on the Customer",
    );
  });

  test("changes to a customer where there is none", async () => {
    const stripe = openAccount();
    const asked = sessionFor("", { customer: undefined, customer_update: { name: "auto" } });
    expect((await errorOf(stripe.checkout.sessions.create(asked))).statusCode).toBe(400);
  });

  played("what Stripe would take and the stand-in does not play, in words of its own", async () => {
    const { stripe } = playAccount();
    const asked = sessionFor((await newCustomer(stripe)).id, { allow_promotion_codes: true });
    const error = await errorOf(stripe.checkout.sessions.create(asked));
    expect(error).toMatchObject({ code: "stand_in_cannot", param: "allow_promotion_codes" });
  });
});

describe("on the page", () => {
  played("a payment makes a charge, and an invoice with number, tax and footer", async () => {
    const { stripe, controls } = playAccount();
    const customer = (await newCustomer(stripe)).id;
    const { id } = await stripe.checkout.sessions.create(sessionFor(customer));
    expect(controls.payCheckout(id, { card: VISA })).toEqual({ status: "paid" });
    const session = await stripe.checkout.sessions.retrieve(id, {
      expand: ["payment_intent.latest_charge", "invoice"],
    });
    expect(session).toMatchObject({
      status: "complete",
      payment_status: "paid",
      url: null,
      payment_intent: {
        status: "succeeded",
        amount_received: 6_050,
        metadata: { purchase_id: "pur_1" },
        latest_charge: { paid: true, amount: 6_050, metadata: { purchase_id: "pur_1" } },
      },
      invoice: {
        status: "paid",
        number: "STANDIN-0001",
        total: 6_050,
        total_excluding_tax: 5_000,
        total_taxes: [{ amount: 1_050, taxability_reason: "standard_rated", taxable_amount: 5_000 }],
        footer: "A footer",
        metadata: { purchase_id: "pur_1" },
        customer_name: "Example Trading",
      },
    });
    expect((await stripe.paymentMethods.list({ customer })).data).toEqual([]);
  });

  played("a declined card leaves the page open for another", async () => {
    const { stripe, controls } = playAccount();
    const { id } = await stripe.checkout.sessions.create(sessionFor((await newCustomer(stripe)).id));
    const declined = controls.payCheckout(id, { card: DECLINED });
    expect(declined).toEqual({ status: "declined", message: "Your card was declined." });
    const open = await stripe.checkout.sessions.retrieve(id, { expand: ["payment_intent"] });
    expect(open).toMatchObject({
      status: "open",
      payment_status: "unpaid",
      payment_intent: {
        status: "requires_payment_method",
        last_payment_error: { decline_code: "generic_decline" },
      },
    });
    expect(controls.payCheckout(id, { card: VISA }).status).toBe("paid");
  });

  played("3-D Secure waits for the holder, who approves or refuses", async () => {
    const { stripe, controls } = playAccount();
    const { id } = await stripe.checkout.sessions.create(sessionFor((await newCustomer(stripe)).id));
    expect(controls.payCheckout(id, { card: ALWAYS_ASKS }).status).toBe("requires_action");
    expect(controls.authenticateCheckout(id, false).status).toBe("declined");
    expect(controls.payCheckout(id, { card: ALWAYS_ASKS, authenticate: true }).status).toBe("paid");
  });

  played("a card is kept when its owner was asked to, and then works without them", async () => {
    const { stripe, controls } = playAccount();
    const customer = (await newCustomer(stripe)).id;
    const asked = sessionFor(customer, { payment_intent_data: { setup_future_usage: "off_session" } });
    const { id } = await stripe.checkout.sessions.create(asked);
    controls.payCheckout(id, { card: ASKS_ONCE, authenticate: true });
    const [card] = (await stripe.paymentMethods.list({ customer })).data;
    expect(card?.card?.last4).toBe("3155");
    const { id: invoice = "" } = await stripe.invoices.create({ customer, currency: "eur" });
    await stripe.invoiceItems.create({ customer, invoice, amount: 100, currency: "eur" });
    expect((await stripe.invoices.pay(invoice, { payment_method: card?.id })).status).toBe("paid");
  });

  played("a card is kept when its owner ticks so, where the page has that box", async () => {
    const { stripe, controls } = playAccount();
    const customer = (await newCustomer(stripe)).id;
    const plain = await stripe.checkout.sessions.create(sessionFor(customer));
    expect(() => controls.payCheckout(plain.id, { card: VISA, save: true })).toThrow(
      "offers to save no card",
    );
    const saved_payment_method_options = { payment_method_save: "enabled" as const };
    const offering = await stripe.checkout.sessions.create(
      sessionFor(customer, { saved_payment_method_options }),
    );
    controls.payCheckout(offering.id, { card: VISA, save: true });
    expect((await stripe.paymentMethods.list({ customer })).data).toHaveLength(1);
  });

  played("a card is saved without a payment", async () => {
    const { stripe, controls } = playAccount();
    const customer = (await newCustomer(stripe)).id;
    const asked = {
      mode: "setup",
      customer,
      currency: "eur",
      success_url: "https://example.com/done",
    } as const;
    const { id } = await stripe.checkout.sessions.create(asked);
    expect(controls.payCheckout(id, { card: DECLINED }).status).toBe("declined");
    expect(controls.payCheckout(id, { card: ASKS_ONCE, authenticate: false }).status).toBe("declined");
    expect(controls.payCheckout(id, { card: ASKS_ONCE, authenticate: true })).toEqual({ status: "saved" });
    const session = await stripe.checkout.sessions.retrieve(id, { expand: ["setup_intent.payment_method"] });
    expect(session).toMatchObject({
      status: "complete",
      setup_intent: { status: "succeeded", payment_method: { customer, card: { last4: "3155" } } },
    });
  });

  played("nothing can be paid once it is closed, and nothing closes once it is paid", async () => {
    const { stripe, controls } = playAccount();
    const customer = (await newCustomer(stripe)).id;
    const closed = await stripe.checkout.sessions.create(sessionFor(customer));
    controls.payCheckout(closed.id, { card: DECLINED });
    await stripe.checkout.sessions.expire(closed.id);
    expect(controls.payCheckout(closed.id, { card: VISA })).toEqual({ status: "canceled" });
    const { payment_intent } = await stripe.checkout.sessions.retrieve(closed.id, {
      expand: ["payment_intent"],
    });
    expect(payment_intent).toMatchObject({ status: "canceled" });
    const paid = await stripe.checkout.sessions.create(sessionFor(customer));
    controls.payCheckout(paid.id, { card: VISA });
    expect((await errorOf(stripe.checkout.sessions.expire(paid.id))).message).toContain(
      "status of `complete`",
    );
  });

  played("it closes by itself at its time", async () => {
    const { stripe, controls } = playAccount();
    const { id } = await stripe.checkout.sessions.create(sessionFor((await newCustomer(stripe)).id));
    controls.advance(24 * 60 * 60 * 1_000);
    expect((await stripe.checkout.sessions.retrieve(id)).status).toBe("expired");
  });

  played("the invoice may come after the session is complete", async () => {
    const { stripe, controls } = playAccount();
    const { id } = await stripe.checkout.sessions.create(sessionFor((await newCustomer(stripe)).id));
    controls.invoicesWait = true;
    controls.payCheckout(id, { card: VISA });
    expect((await stripe.checkout.sessions.retrieve(id)).invoice).toBeNull();
    controls.makeInvoices();
    expect((await stripe.checkout.sessions.retrieve(id)).invoice).toMatch(/^in_/);
  });
});

function lineOf(unit_amount: number) {
  const product_data = { name: "Prepaid call credit" };
  return {
    quantity: 1,
    price_data: { currency: "eur", unit_amount, tax_behavior: "exclusive", product_data },
  };
}
