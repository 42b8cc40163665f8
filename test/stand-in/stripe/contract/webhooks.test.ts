import { describe, expect, test } from "vitest";
import { signatureHeader } from "../core/webhooks";
import { newCustomer, sessionFor, VISA } from "./purchases";
import { errorOf, eventsOf, openAccount, playAccount, played, WEBHOOK_SECRET } from "./suite";

/** An account on which EUR 50.00 of credit was just paid, so that events wait. */
async function paidSession() {
  const account = playAccount();
  const customer = (await newCustomer(account.stripe)).id;
  const { id } = await account.stripe.checkout.sessions.create(sessionFor(customer));
  account.controls.webhooks.drop();
  account.controls.payCheckout(id, { card: VISA });
  return { ...account, session_id: id };
}

test("what happened can be listed by kind and read", async () => {
  const stripe = openAccount();
  const { id } = await newCustomer(stripe);
  const { data } = await stripe.events.list({ type: "customer.created", limit: 20 });
  const event = data.find((one) => Reflect.get(one.data.object, "id") === id);
  expect(event).toMatchObject({ object: "event", type: "customer.created", livemode: false });
  expect((await stripe.events.retrieve(event?.id ?? "")).id).toBe(event?.id);
  const both = await stripe.events.list({ types: ["customer.created", "customer.updated"], limit: 1 });
  expect(both.data[0]?.type).toMatch(/^customer\./);
  expect((await errorOf(stripe.events.retrieve("evt_nothing"))).statusCode).toBe(404);
});

describe("events", () => {
  played("are signed so that the SDK takes them, with the thing as it was then", async () => {
    const { controls, endpoint, session_id } = await paidSession();
    await controls.webhooks.settled();
    const events = await eventsOf(endpoint.requests);
    const completed = events.find(({ type }) => type === "checkout.session.completed");
    expect(completed).toMatchObject({
      object: "event",
      api_version: "2026-10-28.endive",
      livemode: false,
      data: { object: { id: session_id, payment_status: "paid", status: "complete" } },
    });
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  played("tell of all that a payment leads to", async () => {
    const { controls, endpoint } = await paidSession();
    await controls.webhooks.settled();
    const types = (await eventsOf(endpoint.requests)).map(({ type }) => type);
    expect(types).toEqual([
      "payment_intent.created",
      "charge.succeeded",
      "payment_intent.succeeded",
      "invoice.created",
      "invoice.finalized",
      "invoice_payment.paid",
      "invoice.updated",
      "invoice.paid",
      "invoice.payment_succeeded",
      "checkout.session.completed",
    ]);
  });

  played("name the request that they come from, and what was changed", async () => {
    const { stripe, controls } = playAccount();
    const { id } = await newCustomer(stripe);
    await stripe.customers.update(id, { name: "Another name" }, { idempotencyKey: "change" });
    const event = controls.webhooks.held().at(-1);
    expect(event).toMatchObject({
      type: "customer.updated",
      request: { idempotency_key: "change" },
      data: { previous_attributes: { name: "Example Trading" }, object: { name: "Another name" } },
    });
  });

  played("that are changed on the way, or signed by somebody else, are refused by the SDK", async () => {
    const { controls, endpoint } = await paidSession();
    await controls.webhooks.settled();
    const [request] = endpoint.requests;
    if (!request) throw new Error("Nothing was sent.");
    const text = await request.clone().text();
    const changed = new Request(request, { body: text.replace("eur", "usd") });
    await expect(eventsOf([changed])).rejects.toThrow("signature");
    const seconds = Math.floor(Date.now() / 1_000);
    for (const signature of [
      await signatureHeader("whsec_of_somebody_else", seconds, text),
      await signatureHeader(WEBHOOK_SECRET, seconds - 600, text),
    ]) {
      const headers = { "Stripe-Signature": signature };
      const forged = new Request(request.url, { method: "POST", headers, body: text });
      await expect(eventsOf([forged])).rejects.toThrow();
    }
  });
});

describe("on the way events", () => {
  played("wait while they are held, and come in the order in which they were made", async () => {
    const { controls, endpoint } = await paidSession();
    controls.webhooks.mode = "hold";
    expect(await controls.webhooks.settled()).toBe(0);
    expect(endpoint.requests).toEqual([]);
    const held = controls.webhooks.held().map(({ id }) => id);
    expect(await controls.webhooks.deliver()).toBe(held.length);
    expect((await eventsOf(endpoint.requests)).map(({ id }) => id)).toEqual(held);
    expect(controls.webhooks.held()).toEqual([]);
  });

  played("may come twice, in another order, and only some of them", async () => {
    const { controls, endpoint } = await paidSession();
    const only = ({ type }: { type: string }) => type.startsWith("payment_intent.");
    await controls.webhooks.deliver({ only, times: 2, order: "reversed" });
    expect((await eventsOf(endpoint.requests)).map(({ type }) => type)).toEqual([
      "payment_intent.succeeded",
      "payment_intent.succeeded",
      "payment_intent.created",
      "payment_intent.created",
    ]);
    expect(controls.webhooks.held().some(only)).toBe(false);
  });

  played("may be lost, and are still in the list of those that did not come", async () => {
    const { stripe, controls, endpoint } = playAccount();
    controls.webhooks.mode = "drop";
    await newCustomer(stripe);
    controls.webhooks.mode = "deliver";
    await newCustomer(stripe);
    await controls.webhooks.settled();
    expect(endpoint.requests).toHaveLength(1);
    expect((await stripe.events.list({ delivery_success: false })).data).toMatchObject([
      { pending_webhooks: 1 },
    ]);
    expect((await stripe.events.list({ delivery_success: true })).data).toMatchObject([
      { pending_webhooks: 0 },
    ]);
  });

  played("that are not taken come again, less and less often", async () => {
    const { stripe, controls, endpoint } = playAccount();
    await newCustomer(stripe);
    endpoint.status = 500;
    expect(await controls.webhooks.settled()).toBe(1);
    expect(await controls.webhooks.settled()).toBe(0);
    controls.advance(5_000);
    expect(await controls.webhooks.settled()).toBe(1);
    controls.advance(5_000);
    expect(await controls.webhooks.settled()).toBe(0);
    endpoint.status = 200;
    controls.advance(30_000);
    expect(await controls.webhooks.settled()).toBe(1);
    const events = await eventsOf(endpoint.requests);
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
    expect(controls.webhooks.held()).toEqual([]);
  });

  played("find no endpoint at all: they wait, and nothing else is hurt", async () => {
    const { stripe, controls } = playAccount({ send: () => Promise.reject(new TypeError("Refused.")) });
    await newCustomer(stripe);
    expect(await controls.webhooks.settled()).toBe(1);
    expect(controls.webhooks.held()).toHaveLength(1);
    await expect(controls.webhooks.deliverAll()).rejects.toThrow("Not taken: customer.created");
  });

  played("can be sent once more after they were taken", async () => {
    const { controls, endpoint } = await paidSession();
    const [first] = controls.webhooks.held();
    await controls.webhooks.settled();
    const before = endpoint.requests.length;
    expect((await controls.webhooks.redeliver(first?.id ?? "")).status).toBe(200);
    const [again] = await eventsOf(endpoint.requests.slice(before));
    expect(again?.id).toBe(first?.id);
  });

  played("of a test's own making are signed too", async () => {
    const { controls, endpoint } = playAccount();
    await controls.sendEvent("invoice.paid", { id: "in_of_nobody", object: "invoice" }, { livemode: true });
    expect(await eventsOf(endpoint.requests)).toMatchObject([
      { type: "invoice.paid", livemode: true, data: { object: { id: "in_of_nobody" } } },
    ]);
  });

  played("are forgotten after thirty days", async () => {
    const { stripe, controls } = playAccount();
    await newCustomer(stripe);
    await controls.webhooks.settled();
    controls.advance(31 * 24 * 60 * 60 * 1_000);
    expect((await stripe.events.list()).data).toEqual([]);
  });
});
