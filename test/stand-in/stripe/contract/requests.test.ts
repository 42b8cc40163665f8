import Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { requests, stripe_version } from "../published/requests.json";
import { newCustomer, openInvoice, sessionFor } from "./purchases";
import { errorOf, IS_REAL, openAccount, playAccount, played, sdkOf } from "./suite";

const aKey = () => crypto.randomUUID();

describe("an idempotency key", () => {
  test("with the same request is one request", async () => {
    const stripe = openAccount();
    const customer = (await newCustomer(stripe)).id;
    const idempotencyKey = aKey();
    const first = await stripe.checkout.sessions.create(sessionFor(customer), { idempotencyKey });
    const again = await stripe.checkout.sessions.create(sessionFor(customer), { idempotencyKey });
    expect(again.id).toBe(first.id);
    expect((await stripe.checkout.sessions.list({ customer })).data).toHaveLength(1);
  });

  test("with other parameters, or for another address, is refused", async () => {
    const stripe = openAccount();
    const idempotencyKey = aKey();
    const { id } = await stripe.customers.create({ name: "One" }, { idempotencyKey });
    const other = await errorOf(stripe.customers.create({ name: "Two" }, { idempotencyKey }));
    expect(other).toMatchObject({ type: "StripeIdempotencyError", statusCode: 400 });
    const elsewhere = await errorOf(stripe.customers.update(id, { name: "One" }, { idempotencyKey }));
    expect(elsewhere.type).toBe("StripeIdempotencyError");
  });

  test("of a refused request is free for the right one", async () => {
    const stripe = openAccount();
    const idempotencyKey = aKey();
    const wrong = { nmae: "One" } as Stripe.CustomerCreateParams;
    expect((await errorOf(stripe.customers.create(wrong, { idempotencyKey }))).statusCode).toBe(400);
    expect((await stripe.customers.create({ name: "One" }, { idempotencyKey })).name).toBe("One");
  });

  test("of a declined payment answers the same decline, and charges nothing again", async () => {
    const stripe = openAccount();
    const { id, customer } = await openInvoice(stripe);
    const card = await stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
      customer: customer as string,
    });
    const idempotencyKey = aKey();
    const pay = () => stripe.invoices.pay(id, { payment_method: card.id }, { idempotencyKey });
    expect((await errorOf(pay())).code).toBe("card_declined");
    expect((await errorOf(pay())).code).toBe("card_declined");
    expect((await stripe.invoices.retrieve(id)).attempt_count).toBe(1);
  });

  played("is forgotten after a day", async () => {
    const { stripe, controls } = playAccount();
    const create = () => stripe.customers.create({ name: "One" }, { idempotencyKey: "one" });
    const first = await create();
    controls.advance(24 * 60 * 60 * 1_000);
    expect((await create()).id).not.toBe(first.id);
  });

  played("whose first request is under way is refused with 409", async () => {
    const { stripe, controls } = playAccount();
    controls.failNext({ kind: "409" });
    const error = await errorOf(stripe.customers.create({ name: "One" }));
    expect(error).toMatchObject({ statusCode: 409, code: "idempotency_key_in_use" });
  });
});

describe("when Stripe is in trouble", () => {
  played("its own failure stands under its key, though the work was done", async () => {
    const { stripe, controls } = playAccount();
    controls.failNext({ kind: "500_after" });
    const create = () => stripe.customers.create({ name: "One" }, { idempotencyKey: "one" });
    expect((await errorOf(create())).statusCode).toBe(500);
    expect((await errorOf(create())).statusCode).toBe(500);
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  played("an answer that was lost on the way is there for the repeat", async () => {
    const { stripe, controls } = playAccount();
    controls.failNext({ kind: "lost_after" });
    const create = () => stripe.customers.create({ name: "One" }, { idempotencyKey: "one" });
    expect((await errorOf(create())).type).toBe("StripeConnectionError");
    const { id } = await create();
    expect((await stripe.customers.list()).data.map((customer) => customer.id)).toEqual([id]);
  });

  played("an answer that never comes ends when the caller gives up, and the work was done", async () => {
    const { stripe, stand_in, controls } = playAccount();
    controls.failNext({ kind: "hang_after" });
    const impatient = sdkOf(stand_in, undefined, 50);
    expect((await errorOf(impatient.customers.create({ name: "One" }))).type).toBe("StripeConnectionError");
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  played.each([
    ["500", 500],
    ["lost", undefined],
  ] as const)("after %s nothing was done, and the SDK's repeat succeeds", async (kind, status) => {
    const { stripe, controls } = playAccount();
    controls.failNext({ kind, method: "POST", path: /customers$/, times: 2 });
    expect((await stripe.customers.list()).data).toEqual([]);
    for (let count = 0; count < 2; count++)
      expect((await errorOf(stripe.customers.create({ name: "One" }))).statusCode).toBe(status);
    expect((await stripe.customers.list()).data).toEqual([]);
    expect((await stripe.customers.create({ name: "One" })).name).toBe("One");
  });

  played("it is well again when a test says so", async () => {
    const { stripe, controls } = playAccount();
    controls.failNext({ kind: "lost", times: 100 });
    controls.clearFaults();
    expect((await stripe.customers.list()).data).toEqual([]);
  });
});

describe("at the door", () => {
  played("another key, or none, is refused", async () => {
    const { stand_in } = playAccount();
    expect((await errorOf(sdkOf(stand_in, "sk_test_of_somebody_else").customers.list())).statusCode).toBe(
      401,
    );
    const answer = await stand_in.handle(new Request("https://stripe.test/v1/customers"));
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { type: "invalid_request_error" } });
  });

  test("what is not there is a 404 with an error in it", async () => {
    const stripe = openAccount();
    const missing = await errorOf(stripe.invoices.retrieve("in_nothing"));
    expect(missing).toMatchObject({ statusCode: 404, code: "resource_missing" });
    const unknown = await errorOf(stripe.rawRequest("GET", "/v1/nothing_of_the_kind"));
    expect(unknown).toMatchObject({ statusCode: 404, type: "StripeInvalidRequestError" });
  });

  test("a parameter that means nothing is refused wherever it stands, of a list too", async () => {
    const stripe = openAccount();
    const asked = { limti: 1 } as Stripe.CustomerListParams;
    expect((await errorOf(stripe.customers.list(asked))).code).toBe("parameter_unknown");
  });

  played("another version of the API is refused", async () => {
    const { stripe } = playAccount();
    const older = { apiVersion: "2024-06-20" };
    expect((await errorOf(stripe.customers.list({}, older))).message).toContain("version");
  });

  test("a number that is none, and a value that is not one of a few, are refused by name", async () => {
    const stripe = openAccount();
    const customer = (await newCustomer(stripe)).id;
    const asked = { customer, currency: "eur", amount: "much" } as unknown as Stripe.InvoiceItemCreateParams;
    expect(await errorOf(stripe.invoiceItems.create(asked))).toMatchObject({
      statusCode: 400,
      param: "amount",
    });
    const mode = "payments" as "payment";
    const error = await errorOf(stripe.checkout.sessions.create(sessionFor(customer, { mode })));
    expect(error).toMatchObject({ statusCode: 400, param: "mode" });
  });
});

describe("a list", () => {
  test("comes in pages, the newest first, and backwards", async () => {
    const stripe = openAccount();
    const email = `${aKey()}@example.com`;
    const made: string[] = [];
    for (const name of ["One", "Two", "Three", "Four", "Five"])
      made.unshift((await stripe.customers.create({ name, email })).id);
    const found: string[] = [];
    for await (const { id } of stripe.customers.list({ email, limit: 2 })) found.push(id);
    expect(found).toEqual(made);
    const page = await stripe.customers.list({ email, limit: 2, ending_before: made[4] });
    expect(page).toMatchObject({ has_more: true, data: [{ id: made[2] }, { id: made[3] }] });
  });

  test("is narrowed by when things were made", async () => {
    const stripe = openAccount();
    const { id, created, email } = await stripe.customers.create({ email: `${aKey()}@example.com` });
    const list = (range: object) =>
      stripe.customers.list({ email: email ?? "", created: range as { gt: number } });
    expect((await list({ gte: created, lt: created + 1 })).data.map((one) => one.id)).toEqual([id]);
    expect((await list({ gt: created })).data).toEqual([]);
    expect((await list({ lt: created })).data).toEqual([]);
  });

  test("is at most a hundred long", async () => {
    expect((await errorOf(openAccount().customers.list({ limit: 101 }))).statusCode).toBe(400);
  });
});

describe("expand", () => {
  test("puts the thing where its id stands, also within a list", async () => {
    const stripe = openAccount();
    const customer = (await newCustomer(stripe)).id;
    await stripe.checkout.sessions.create(sessionFor(customer));
    const { data } = await stripe.checkout.sessions.list({ customer, expand: ["data.customer"] });
    expect(data[0]?.customer).toMatchObject({ id: customer, object: "customer" });
    const read = await stripe.customers.retrieve(customer, { expand: ["tax", "tax_ids"] });
    expect(read).toMatchObject({ tax: { automatic_tax: "supported" }, tax_ids: { data: [] } });
  });

  test("of what is no thing is refused", async () => {
    const stripe = openAccount();
    const { id } = await newCustomer(stripe);
    for (const path of ["name", "nothing"])
      expect((await errorOf(stripe.customers.retrieve(id, { expand: [path] }))).statusCode).toBe(400);
  });
});

played("a stand-in that is restored goes on where it was, wherever it is reached now", async () => {
  const before = playAccount();
  const idempotencyKey = "one";
  const customer = await before.stripe.customers.create({ name: "One" }, { idempotencyKey });
  const { hosted_invoice_url } = await openInvoice(before.stripe);
  const after = playAccount({ api_url: "https://stripe.test:8443" });
  after.stand_in.restore(JSON.parse(JSON.stringify(before.stand_in.snapshot())));
  expect((await after.stripe.customers.create({ name: "One" }, { idempotencyKey })).id).toBe(customer.id);
  const [invoice] = (await after.stripe.invoices.list()).data;
  expect(invoice?.hosted_invoice_url).toBe(hosted_invoice_url?.replace("stripe.test", "stripe.test:8443"));
  expect(after.controls.webhooks.held()).toHaveLength(before.controls.webhooks.held().length);
  expect((await openInvoice(after.stripe)).number).toBe("STANDIN-0002");
});

test("what requests may carry was taken from the SDK that is installed", () => {
  expect(stripe_version).toBe(Stripe.PACKAGE_VERSION);
  expect(Object.keys(requests).length).toBeGreaterThan(40);
  expect(IS_REAL || requests.checkout_session_create.properties).not.toHaveProperty("payment_method_types");
});
