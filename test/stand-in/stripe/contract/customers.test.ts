import { describe, expect, test } from "vitest";
import { newCustomer } from "./purchases";
import { errorOf, openAccount, playAccount, played } from "./suite";

describe("a customer", () => {
  test("is made, changed and read; what is not named stays", async () => {
    const stripe = openAccount();
    const address = { line1: "Damrak 1", city: "Amsterdam", postal_code: "1012 LG", country: "NL" };
    const metadata = { organization_id: "org_1", note: "first" };
    const made = await stripe.customers.create({ name: "Example Trading", address, metadata });
    await stripe.customers.update(made.id, { name: "Example Trading B.V.", metadata: { note: "" } });
    const read = await stripe.customers.retrieve(made.id);
    expect(read).toMatchObject({ name: "Example Trading B.V.", address, livemode: false });
    expect((read as { metadata: object }).metadata).toEqual({ organization_id: "org_1" });
  });

  test("whose place cannot be told is refused when that is asked for at once", async () => {
    const stripe = openAccount();
    const tax = { validate_location: "immediately" as const };
    const error = await errorOf(stripe.customers.create({ name: "Example Trading", tax }));
    expect(error).toMatchObject({ statusCode: 400, code: "customer_tax_location_invalid" });
  });

  test("has no default card that is not their own", async () => {
    const stripe = openAccount();
    const [one, other] = [await newCustomer(stripe), await newCustomer(stripe)];
    const card = await stripe.paymentMethods.attach("pm_card_visa", { customer: one.id });
    const invoice_settings = { default_payment_method: card.id };
    expect((await errorOf(stripe.customers.update(other.id, { invoice_settings }))).statusCode).toBe(400);
    const updated = await stripe.customers.update(one.id, { invoice_settings });
    expect(updated.invoice_settings.default_payment_method).toBe(card.id);
  });

  test("keeps metadata within Stripe's bounds only", async () => {
    const stripe = openAccount();
    for (const metadata of [{ ["n".repeat(41)]: "v" }, { n: "v".repeat(501) }])
      expect((await errorOf(stripe.customers.create({ metadata }))).statusCode).toBe(400);
  });
});

describe("a tax ID", () => {
  test("is attached as it is written, checked later, and taken away", async () => {
    const stripe = openAccount();
    const { id } = await newCustomer(stripe, "DE");
    const tax_id = await stripe.customers.createTaxId(id, { type: "eu_vat", value: "DE000000000" });
    expect(tax_id).toMatchObject({ object: "tax_id", country: "DE", customer: id, value: "DE000000000" });
    expect(["pending", "verified"]).toContain(tax_id.verification?.status);
    expect((await stripe.customers.retrieveTaxId(id, tax_id.id)).id).toBe(tax_id.id);
    expect((await stripe.customers.listTaxIds(id)).data.map((one) => one.id)).toEqual([tax_id.id]);
    expect(await stripe.customers.deleteTaxId(id, tax_id.id)).toMatchObject({ deleted: true });
    expect((await stripe.customers.listTaxIds(id)).data).toEqual([]);
  });

  test.each([
    ["eu_vat", "DE12"],
    ["eu_vat", "GB123456789"],
    ["gb_vat", "DE123456788"],
    ["ch_vat", "123"],
  ] as const)("%s %s is refused by its form", async (type, value) => {
    const stripe = openAccount();
    const { id } = await newCustomer(stripe);
    const error = await errorOf(stripe.customers.createTaxId(id, { type, value }));
    expect(error).toMatchObject({ statusCode: 400, code: "tax_id_invalid", param: "value" });
  });

  played.each([
    ["DE000000000", "verified"],
    ["DE111111111", "unverified"],
    ["DE222222222", "pending"],
  ])("%s is found %s, as in Stripe's test mode", async (value, status) => {
    const { stripe, controls } = playAccount();
    const { id } = await newCustomer(stripe, "DE");
    const tax_id = await stripe.customers.createTaxId(id, { type: "eu_vat", value });
    expect(tax_id.verification?.status).toBe("pending");
    controls.advance(10_000);
    const read = await stripe.customers.retrieveTaxId(id, tax_id.id);
    expect(read.verification?.status).toBe(status);
  });

  played("whose registry was away can be found later, with an event", async () => {
    const { stripe, controls } = playAccount();
    const { id } = await newCustomer(stripe, "DE");
    const tax_id = await stripe.customers.createTaxId(id, { type: "eu_vat", value: "DE222222222" });
    for (const status of ["unavailable", "verified"] as const) controls.setTaxIdStatus(tax_id.id, status);
    const events = controls.find("event", ({ type }) => type === "customer.tax_id.updated");
    expect(events.map(({ data }) => Reflect.get(data.object, "verification").status)).toEqual([
      "unavailable",
      "verified",
    ]);
  });
});

describe("a card", () => {
  test("is attached, listed, and once detached good for nothing more", async () => {
    const stripe = openAccount();
    const customer = (await newCustomer(stripe)).id;
    const card = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    expect(card).toMatchObject({ type: "card", customer, card: { brand: "visa", last4: "4242" } });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: card.id } });
    expect((await stripe.paymentMethods.list({ customer, type: "card" })).data.map(({ id }) => id)).toEqual([
      card.id,
    ]);
    expect((await stripe.customers.listPaymentMethods(customer)).data.map(({ id }) => id)).toEqual([card.id]);
    expect((await stripe.paymentMethods.detach(card.id)).customer).toBeNull();
    expect((await stripe.paymentMethods.list({ customer, type: "card" })).data).toEqual([]);
    expect(await stripe.customers.retrieve(customer)).toMatchObject({
      invoice_settings: { default_payment_method: null },
    });
    const again = await errorOf(stripe.paymentMethods.attach(card.id, { customer }));
    expect(again.message).toContain("may not be used again");
    expect((await errorOf(stripe.paymentMethods.detach(card.id))).statusCode).toBe(400);
  });

  test("has the same fingerprint wherever it is saved", async () => {
    const stripe = openAccount();
    const fingerprints: (string | null | undefined)[] = [];
    for (let count = 0; count < 2; count++) {
      const customer = (await newCustomer(stripe)).id;
      const { card } = await stripe.paymentMethods.attach("pm_card_visa", { customer });
      fingerprints.push(card?.fingerprint);
    }
    expect(fingerprints[0]).toMatch(/\w+/);
    expect(fingerprints[1]).toBe(fingerprints[0]);
  });

  test("that is always declined is not attached", async () => {
    const stripe = openAccount();
    const customer = (await newCustomer(stripe)).id;
    const error = await errorOf(stripe.paymentMethods.attach("pm_card_visa_chargeDeclined", { customer }));
    expect(error).toMatchObject({ type: "StripeCardError", statusCode: 402, code: "card_declined" });
  });
});

test("the account says how it collects tax and where", async () => {
  const stripe = openAccount();
  expect(await stripe.tax.settings.retrieve()).toMatchObject({ object: "tax.settings", status: "active" });
  const registrations = await stripe.tax.registrations.list({ status: "active", limit: 100 });
  expect(registrations.data.length).toBeGreaterThan(0);
  expect(registrations.data.every(({ status }) => status === "active")).toBe(true);
});

test("the portal is a page of one customer", async () => {
  const stripe = openAccount();
  const customer = (await newCustomer(stripe)).id;
  const asked = { customer, return_url: "https://example.com/billing" };
  const session = await stripe.billingPortal.sessions.create(asked);
  expect(session).toMatchObject({ object: "billing_portal.session", ...asked });
  expect(session.url).toMatch(/^https:/);
});
