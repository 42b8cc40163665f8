import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { sweepPurchases } from "../../src/purchases/sweep";
import { api } from "../support/api/api";
import { adminKey } from "../support/api/organizations";
import { failD1 } from "../support/failures/failing-d1";
import { failLedger } from "../support/failures/failing-ledger";
import { AMSTERDAM, bought, buyAndPay, entriesOf, newBuyer, postedMicros } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const EUR = 1_000_000;

/** A German consumer: EUR 50.00 net, 9.50 VAT, 59.50 gross. */
const GERMAN = {
  ...AMSTERDAM,
  address: { line1: "Torstr. 1", postal_code: "10115", city: "Berlin", country: "DE" },
};

async function boughtInGermany() {
  const stripe = standInStripe();
  const buyer = await newBuyer(GERMAN);
  return { stripe, buyer, ...(await bought(stripe, buyer)) };
}

describe("a refund", () => {
  test("takes back its net and has a credit note", async () => {
    const { stripe, buyer, payment_intent_id } = await boughtInGermany();
    stripe.controls.refund(payment_intent_id, { amount_cents: 1_190 });
    await stripe.controls.webhooks.deliverAll();
    expect(await entriesOf(buyer)).toEqual([
      ["purchase", 50 * EUR],
      ["refund", -10 * EUR],
    ]);
    const { body } = await api("GET", "/api/v1/invoices", { key: buyer.key });
    expect(body.invoices).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: "invoice", net_cents: 5_000, tax_cents: 950, rate_percent: 19 }),
        expect.objectContaining({
          kind: "credit_note",
          net_cents: 1_000,
          tax_cents: 190,
          gross_cents: 1_190,
        }),
      ]),
    );
  });

  test("in parts takes back exactly the whole, the last part the rest", async () => {
    const { stripe, buyer, payment_intent_id } = await boughtInGermany();
    for (const amount_cents of [1_983, 1_983, 1_984]) {
      stripe.controls.refund(payment_intent_id, { amount_cents });
      await stripe.controls.webhooks.deliverAll();
    }
    expect(await postedMicros(buyer)).toBe(0);
  });

  test("told twice, at once and in any order takes once", async () => {
    const { stripe, buyer, payment_intent_id } = await boughtInGermany();
    stripe.controls.refund(payment_intent_id, { amount_cents: 1_190 });
    stripe.controls.refund(payment_intent_id, { amount_cents: 2_380 });
    const { webhooks } = stripe.controls;
    await Promise.all([webhooks.deliver({ order: "reversed", times: 2 }), webhooks.deliver({ times: 2 })]);
    await webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(20 * EUR);
    expect(stripe.controls.find("credit_note")).toHaveLength(2);
  });

  test("that is heard of before its purchase is credited credits first and then takes", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { payment_intent_id } = await buyAndPay(stripe, buyer);
    stripe.controls.refund(payment_intent_id);
    await stripe.controls.webhooks.deliver({ order: "reversed" });
    await stripe.controls.webhooks.deliverAll();
    expect(await entriesOf(buyer)).toEqual([
      ["purchase", 50 * EUR],
      ["refund", -50 * EUR],
    ]);
  });

  test("that fails gives back exactly what it took", async () => {
    const { stripe, buyer, payment_intent_id } = await boughtInGermany();
    const refund = stripe.controls.refund(payment_intent_id, { amount_cents: 1_000 });
    await stripe.controls.webhooks.deliverAll();
    const taken = await postedMicros(buyer);
    stripe.controls.failRefund(refund.id);
    await stripe.controls.webhooks.deliverAll();
    expect(taken).toBeLessThan(50 * EUR);
    expect(await postedMicros(buyer)).toBe(50 * EUR);
  });

  test("that is on its way counts, so that the money is not spent twice", async () => {
    const { stripe, buyer, payment_intent_id } = await boughtInGermany();
    stripe.controls.refund(payment_intent_id, { status: "pending" });
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(0);
  });

  test("of credit that was used leaves a debt, and nothing is granted until it is covered", async () => {
    const { stripe, buyer, payment_intent_id } = await boughtInGermany();
    const call = { call_id: "used", direction: "outbound", from: "+4930901820", to: "+4930901821" };
    const authorize = { organization_id: buyer.id, ...call };
    const { edge_key: key } = buyer;
    expect((await api("POST", "/api/v1/edge/calls/authorize", { key, body: authorize })).body.decision).toBe(
      "allow",
    );
    const settle = { organization_id: buyer.id, duration_ms: 50_000, end_reason: "caller_hangup" };
    await api("POST", "/api/v1/edge/calls/used/settle", { key, body: settle });
    stripe.controls.refund(payment_intent_id);
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBeLessThan(0);
    const next = await api("POST", "/api/v1/edge/calls/authorize", {
      key,
      body: { ...authorize, call_id: "next" },
    });
    expect(next).toMatchObject({ status: 402, body: { decision: "reject" } });
  });

  test.each([
    ["the ledger", (id: string) => failLedger(id)],
    ["D1", () => failD1()],
  ])("with %s away waits, and is taken once when it is back", async (_, fail) => {
    const { stripe, buyer, payment_intent_id } = await boughtInGermany();
    stripe.controls.refund(payment_intent_id, { amount_cents: 1_190 });
    const mend = fail(buyer.id);
    await stripe.controls.webhooks.deliver();
    mend();
    await env.DB.prepare("UPDATE reversals SET look_again_at_ms = 0").run();
    await sweepPurchases(env);
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(40 * EUR);
    expect(stripe.controls.find("credit_note")).toHaveLength(1);
  });
});

test("a refund of money that was never credited takes nothing, and its event is done with", async () => {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  const { purchase_id, payment_intent_id } = await buyAndPay(stripe, buyer);
  const [session] = stripe.controls.find(
    "checkout.session",
    ({ metadata }) => metadata?.purchase_id === purchase_id,
  );
  Object.assign(session ?? {}, { currency: "usd" });
  stripe.controls.refund(payment_intent_id);
  await stripe.controls.webhooks.deliverAll();
  expect(await entriesOf(buyer)).toEqual([]);
});

describe("a dispute", () => {
  test("takes back its share when the money is withdrawn, and brings it back when it is won", async () => {
    const { stripe, buyer, payment_intent_id } = await boughtInGermany();
    const dispute = stripe.controls.openDispute(payment_intent_id, { amount_cents: 2_975 });
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(25 * EUR);
    stripe.controls.closeDispute(dispute.id, "won");
    await stripe.controls.webhooks.deliver({ order: "reversed" });
    await stripe.controls.webhooks.deliverAll();
    expect(await entriesOf(buyer)).toEqual([
      ["purchase", 50 * EUR],
      ["dispute", -25 * EUR],
      ["dispute", 25 * EUR],
    ]);
  });

  test("that is lost stays taken", async () => {
    const { stripe, buyer, payment_intent_id } = await boughtInGermany();
    const dispute = stripe.controls.openDispute(payment_intent_id);
    stripe.controls.closeDispute(dispute.id, "lost");
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(0);
  });

  test("that is an inquiry moves nothing until it becomes one", async () => {
    const { stripe, buyer, payment_intent_id } = await boughtInGermany();
    const inquiry = stripe.controls.openDispute(payment_intent_id, { inquiry: true });
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(50 * EUR);
    stripe.controls.escalateDispute(inquiry.id);
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(0);
  });

  test("after a refund takes no more than is left", async () => {
    const { stripe, buyer, payment_intent_id } = await boughtInGermany();
    stripe.controls.refund(payment_intent_id, { amount_cents: 2_000 });
    stripe.controls.openDispute(payment_intent_id);
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(0);
  });
});

test("a refund that is heard of before the dispute that was won takes the whole nonetheless", async () => {
  const { stripe, buyer, payment_intent_id } = await boughtInGermany();
  const dispute = stripe.controls.openDispute(payment_intent_id);
  await stripe.controls.webhooks.deliverAll();
  stripe.controls.closeDispute(dispute.id, "won");
  stripe.controls.refund(payment_intent_id);
  await stripe.controls.webhooks.deliver({ order: "reversed" });
  await stripe.controls.webhooks.deliverAll();
  expect(await postedMicros(buyer)).toBe(0);
});

describe("an operator's refund", () => {
  const refund = async (id: string, purchase_id: string, body: object, idempotency_key = "one") =>
    api("POST", `/api/v1/admin/organizations/${id}/purchases/${purchase_id}/refunds`, {
      key: await adminKey(),
      headers: { "Idempotency-Key": idempotency_key },
      body,
    });

  test("gives back a part and then all that is left", async () => {
    const { buyer, purchase_id, stripe } = await boughtInGermany();
    const part = await refund(buyer.id, purchase_id, { net_cents: 1_000, reason: "Too much" });
    expect(part).toMatchObject({
      status: 201,
      body: { net_cents: 1_000, gross_cents: 1_190, status: "taken" },
    });
    const rest = await refund(buyer.id, purchase_id, { reason: "All of it" }, "two");
    expect(rest.body).toMatchObject({ net_cents: 4_000, gross_cents: 4_760 });
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(0);
  });

  test("is made once, however often it is asked for and whatever becomes of the answers", async () => {
    const { buyer, purchase_id, stripe } = await boughtInGermany();
    const ask = () => refund(buyer.id, purchase_id, { net_cents: 1_000, reason: "Too much" });
    for (const kind of ["500_after", "lost_after"] as const) {
      stripe.controls.failNext({ method: "POST", path: /refunds$/, kind, times: 2 });
      await ask();
    }
    stripe.controls.clearFaults();
    expect((await ask()).status).toBe(201);
    await stripe.controls.webhooks.deliverAll();
    expect(stripe.controls.find("refund")).toHaveLength(1);
    expect(await postedMicros(buyer)).toBe(40 * EUR);
  });

  test("of more than is left, of what is not credited or of nothing known is refused", async () => {
    const { buyer, purchase_id, stripe } = await boughtInGermany();
    const too_much = await refund(buyer.id, purchase_id, { net_cents: 5_001, reason: "Too much" });
    expect(too_much).toMatchObject({ status: 422, body: { error: { param: "net_cents" } } });
    const unpaid = await buyAndPay(stripe, buyer);
    expect((await refund(buyer.id, unpaid.purchase_id, { reason: "Why not" })).status).toBe(422);
    const other = await newBuyer();
    expect((await refund(other.id, purchase_id, { reason: "Not theirs" })).status).toBe(404);
  });
});
