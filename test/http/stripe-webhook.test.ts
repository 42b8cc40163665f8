import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { app } from "../../src/http/app";
import { signatureHeader } from "../stand-in/stripe/core/webhooks";
import { buyAndPay, newBuyer, postedMicros } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const SECRET = "whsec_that_only_the_tests_know";
const URL_OF_WEBHOOK = "https://ringfence.test/api/v1/stripe/webhook";

const now = () => Math.floor(Date.now() / 1_000);

/** A paid purchase and the text of the event that would credit it. */
async function unknownPurchase() {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  await buyAndPay(stripe, buyer);
  const event = stripe.controls.webhooks.held().find(({ type }) => type === "checkout.session.completed");
  if (!event) throw new Error("No event says that it was paid.");
  return { stripe, buyer, event };
}

function send(text: string, signature: string | null, bindings: object = {}): Promise<Response> {
  const headers = {
    "Content-Type": "application/json",
    ...(signature === null ? {} : { "Stripe-Signature": signature }),
  };
  const request = new Request(URL_OF_WEBHOOK, { method: "POST", headers, body: text });
  return Promise.resolve(app.fetch(request, { ...env, ...bindings }));
}

test.each([
  ["no signature", async () => null],
  ["an empty one", async () => ""],
  ["one by an empty secret", async (text: string) => signatureHeader("\0", now(), text)],
  [
    "one by another secret",
    async (text: string) => signatureHeader("whsec_somebody_elses_secret", now(), text),
  ],
  ["one that is six minutes old", async (text: string) => signatureHeader(SECRET, now() - 360, text)],
  ["one of another text", async (text: string) => signatureHeader(SECRET, now(), `${text} `)],
  ["nonsense", async () => "t=x,v1=y"],
])("an event with %s is refused and credits nothing", async (_, sign) => {
  const { buyer, event } = await unknownPurchase();
  const text = JSON.stringify(event);
  const answer = await send(text, await sign(text));
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { param: "Stripe-Signature" } });
  expect(await postedMicros(buyer)).toBe(0);
});

test("while one secret replaces the other both sign", async () => {
  const { buyer, event } = await unknownPurchase();
  const text = JSON.stringify(event);
  const both = { STRIPE_WEBHOOK_SECRET: "whsec_the_new_one_is_here, whsec_the_old_one_is_here" };
  for (const secret of ["whsec_the_old_one_is_here", "whsec_the_new_one_is_here"])
    expect((await send(text, await signatureHeader(secret, now(), text), both)).status).toBe(200);
  expect((await send(text, await signatureHeader(SECRET, now(), text), both)).status).toBe(400);
  expect(await postedMicros(buyer)).toBe(50_000_000);
});

test("a deployment without a secret for its key does not start", async () => {
  const answer = await send("{}", "t=1,v1=0", { STRIPE_WEBHOOK_SECRET: "" });
  expect(answer.status).toBe(500);
});

test("a deployment without a key answers that it sells nothing", async () => {
  const answer = await send("{}", "t=1,v1=0", { STRIPE_SECRET_KEY: "" });
  expect(answer.status).toBe(503);
});

test("an event of the other kind of account is ignored", async () => {
  const { stripe, buyer, event } = await unknownPurchase();
  const answer = await stripe.controls.sendEvent(event.type, event.data.object, { livemode: true });
  expect(await answer.json()).toEqual({ received: true, outcome: "ignored" });
  expect(await postedMicros(buyer)).toBe(0);
});

test("a test event on a live deployment is ignored", async () => {
  const { buyer, event } = await unknownPurchase();
  const text = JSON.stringify(event);
  const live = { STRIPE_SECRET_KEY: "sk_live_00000000000000", STRIPE_API_URL: "" };
  const answer = await send(text, await signatureHeader(SECRET, now(), text), live);
  expect(await answer.json()).toEqual({ received: true, outcome: "ignored" });
  expect(await postedMicros(buyer)).toBe(0);
});

test("an event that we do not know, or that is about nothing of ours, is ignored", async () => {
  const stripe = standInStripe();
  for (const [type, object] of [
    ["product.created", { id: "prod_1", object: "product" }],
    [
      "checkout.session.completed",
      { id: "cs_test_of_another_shop", object: "checkout.session", metadata: {} },
    ],
  ] as const) {
    const answer = await stripe.controls.sendEvent(type, object);
    expect(await answer.json()).toEqual({ received: true, outcome: "ignored" });
  }
});

test("an event whose effect could not be had is to be sent again", async () => {
  const { stripe, event } = await unknownPurchase();
  stripe.controls.failNext({ method: "GET", path: /sessions/, kind: "500", times: 2 });
  const answer = await stripe.controls.sendEvent(event.type, event.data.object);
  expect(answer.status).toBe(503);
  const row = await env.DB.prepare(
    "SELECT status, attempts FROM stripe_events WHERE status = 'failed'",
  ).first();
  expect(row).toMatchObject({ status: "failed", attempts: 1 });
});

test("two events for one fact credit once", async () => {
  const { stripe, buyer, event } = await unknownPurchase();
  await stripe.controls.webhooks.deliverAll();
  const again = await stripe.controls.sendEvent(event.type, event.data.object);
  expect(await again.json()).toEqual({ received: true, outcome: "processed" });
  expect(await postedMicros(buyer)).toBe(50_000_000);
});

test("a body that is larger than any event is refused unread", async () => {
  const answer = await exports.default.fetch(URL_OF_WEBHOOK, { method: "POST", body: "x".repeat(600_000) });
  expect(answer.status).toBe(413);
});
