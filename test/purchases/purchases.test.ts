import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { reconcile } from "../../src/admin/reconcile";
import { fulfilPurchase } from "../../src/purchases/fulfil";
import { api } from "../support/api/api";
import { adminKey } from "../support/api/organizations";
import {
  AMSTERDAM,
  bought,
  buy,
  buyAndPay,
  comeBack,
  DECLINED_CARD,
  entriesOf,
  GOOD_CARD,
  newBuyer,
  postedMicros,
  purchaseOf,
  sessionOf,
  storedStatus,
  sweep,
} from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const EUR_50 = 50_000_000;

describe("a purchase", () => {
  test("is opened with its VAT, paid, and the net amount is there by the webhook", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const created = await buy(buyer, { net_cents: 5_000 });
    expect(created.body).toMatchObject({
      status: "open",
      net_cents: 5_000,
      tax_cents: 1_050,
      gross_cents: 6_050,
    });
    expect(created.body.pay_url).toContain("https://stripe.test/c/pay/");
    stripe.controls.payCheckout(sessionOf(stripe, created.body.id).id, { card: GOOD_CARD });
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(EUR_50);
    expect(await purchaseOf(buyer, created.body.id)).toMatchObject({
      status: "credited",
      tax_cents: 1_050,
      gross_cents: 6_050,
      pay_url: null,
    });
  });

  test("lets the organization call out within two seconds of the webhook", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const body = { to: "+4930901820", from: "anonymous" };
    expect((await api("POST", "/api/v1/calls/outbound", { key: buyer.key, body })).status).toBe(402);
    await buyAndPay(stripe, buyer);
    await stripe.controls.webhooks.deliver({ only: ({ type }) => type === "checkout.session.completed" });
    const authorize = { organization_id: buyer.id, call_id: "first", direction: "outbound", ...body };
    const answer = await api("POST", "/api/v1/edge/calls/authorize", {
      key: buyer.edge_key,
      body: authorize,
    });
    expect(answer.body.decision).toBe("allow");
  });

  test("is credited by the return page when no webhook comes", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { purchase_id } = await buyAndPay(stripe, buyer, {
      return_url: "https://app.example.com/billing?tab=1",
    });
    const answer = await comeBack(sessionOf(stripe, purchase_id));
    expect(answer.status).toBe(303);
    expect(answer.headers.get("Location")).toBe(
      `https://app.example.com/billing?tab=1&purchase_id=${purchase_id}&purchase_status=credited`,
    );
    expect(await postedMicros(buyer)).toBe(EUR_50);
  });

  test("is credited by the cron when neither webhook nor browser comes", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    await buyAndPay(stripe, buyer);
    await sweep();
    expect(await postedMicros(buyer)).toBe(EUR_50);
  });

  test("is credited by being read", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { purchase_id } = await buyAndPay(stripe, buyer);
    await env.DB.prepare("UPDATE purchases SET checked_at_ms = 0").run();
    expect((await purchaseOf(buyer, purchase_id)).status).toBe("credited");
  });

  test("is credited once, whoever settles it, at once and again", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { purchase_id } = await buyAndPay(stripe, buyer);
    const session = sessionOf(stripe, purchase_id);
    await Promise.all([
      fulfilPurchase(env, purchase_id),
      fulfilPurchase(env, purchase_id),
      comeBack(session),
      stripe.controls.webhooks.deliver({ times: 2, order: "reversed" }),
    ]);
    await sweep();
    await stripe.controls.webhooks.deliverAll();
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
  });

  test("that is not paid ends when its page closes, and nothing is credited", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { body } = await buy(buyer);
    expect(stripe.controls.payCheckout(sessionOf(stripe, body.id).id, { card: DECLINED_CARD }).status).toBe(
      "declined",
    );
    await stripe.controls.webhooks.deliverAll();
    expect(await purchaseOf(buyer, body.id)).toMatchObject({
      status: "open",
      failure: { code: "generic_decline", message: "Your card was declined." },
    });
    stripe.controls.expireCheckout(sessionOf(stripe, body.id).id);
    await stripe.controls.webhooks.deliverAll();
    expect((await purchaseOf(buyer, body.id)).status).toBe("expired");
    expect(await postedMicros(buyer)).toBe(0);
  });

  test("of a closed organization is refused", async () => {
    standInStripe();
    const buyer = await newBuyer();
    await env.DB.prepare("UPDATE organizations SET state = 'closed' WHERE id = ?").bind(buyer.id).run();
    expect((await buy(buyer)).body.error.code).toBe("organization_closed");
  });

  test.each([999, 500_001])("of %i cents is out of bounds", async (net_cents) => {
    standInStripe();
    const answer = await buy(await newBuyer(), { net_cents });
    expect(answer).toMatchObject({ status: 422, body: { error: { param: "net_cents" } } });
  });
});

describe("two tabs, or a repeat", () => {
  test("with one key are one purchase on one page", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const answers = await Promise.all([1, 2, 3].map(() => buy(buyer, {}, { idempotency_key: "same" })));
    const opened = answers.filter(({ status }) => status === 201);
    expect(new Set(opened.map(({ body }) => body.id)).size).toBe(1);
    expect(stripe.controls.find("checkout.session")).toHaveLength(1);
    expect((await buy(buyer, {}, { idempotency_key: "same" })).body.id).toBe(opened[0]?.body.id);
  });

  test("with one key and another amount are refused", async () => {
    standInStripe();
    const buyer = await newBuyer();
    await buy(buyer, {}, { idempotency_key: "same" });
    const other = await buy(buyer, { net_cents: 6_000 }, { idempotency_key: "same" });
    expect(other).toMatchObject({ status: 409, body: { error: { code: "idempotency_conflict" } } });
  });
});

describe("evidence", () => {
  test.each([
    ["another amount", (session: Session) => Object.assign(session, { amount_subtotal: 4_999 })],
    ["another currency", (session: Session) => Object.assign(session, { currency: "usd" })],
    ["another customer", (session: Session) => Object.assign(session, { customer: "cus_somebody_else" })],
    ["another mode of the account", (session: Session) => Object.assign(session, { livemode: true })],
    ["another purchase", (session: Session) => Object.assign(session, { metadata: {} })],
  ])("of %s credits nothing and is marked for people", async (_, change) => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { purchase_id } = await buyAndPay(stripe, buyer);
    change(sessionOf(stripe, purchase_id));
    await fulfilPurchase(env, purchase_id);
    expect(await storedStatus(purchase_id)).toBe("mismatch");
    expect(await postedMicros(buyer)).toBe(0);
  });

  test("of money that came after the purchase had ended is money: it is credited", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { purchase_id } = await buyAndPay(stripe, buyer);
    await env.DB.prepare("UPDATE purchases SET status = 'expired' WHERE id = ?").bind(purchase_id).run();
    await stripe.controls.webhooks.deliverAll();
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
  });

  test("a credited purchase never goes back, whatever comes late", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { purchase_id, session_id } = await bought(stripe, buyer);
    await stripe.controls.sendEvent("checkout.session.expired", {
      id: session_id,
      metadata: { purchase_id },
    });
    await stripe.controls.sendEvent("checkout.session.async_payment_failed", {
      id: session_id,
      metadata: { purchase_id },
    });
    expect(await storedStatus(purchase_id)).toBe("credited");
  });
});

test.each([
  ["another rate than ours waits for a person, who is told of both", 0, "mismatch", 0],
  ["a cent more, by which roundings may differ, is credited", 949, "credited", EUR_50],
])("a purchase that Stripe has taxed by %s", async (_, decided_cents, status, credited_micros) => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const stripe = standInStripe();
  const buyer = await newBuyer({
    ...AMSTERDAM,
    address: { ...AMSTERDAM.address, country: "DE", postal_code: "10115" },
  });
  const created = await buy(buyer);
  expect(created.body.tax).toMatchObject({ treatment: "destination", reason: "no_vat_id", rate_percent: 19 });
  await env.DB.prepare("UPDATE purchases SET tax_decision = json_set(tax_decision, '$.tax_cents', ?)")
    .bind(decided_cents)
    .run();
  stripe.controls.payCheckout(sessionOf(stripe, created.body.id).id, { card: GOOD_CARD });
  await stripe.controls.webhooks.deliverAll();
  // However often it is looked at.
  await sweep();
  expect(await purchaseOf(buyer, created.body.id)).toMatchObject({ status });
  expect(await postedMicros(buyer)).toBe(credited_micros);
});

test("other VAT than was decided is credited when a person accepts it, with the sums that were paid", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const stripe = standInStripe();
  const buyer = await newBuyer();
  const { id } = (await buy(buyer)).body;
  await env.DB.prepare(
    "UPDATE purchases SET tax_decision = json_set(tax_decision, '$.tax_cents', 1000)",
  ).run();
  stripe.controls.payCheckout(sessionOf(stripe, id).id, { card: GOOD_CARD });
  await stripe.controls.webhooks.deliverAll();
  expect((await purchaseOf(buyer, id)).status).toBe("mismatch");
  const reason = await env.DB.prepare("SELECT failure_message FROM purchases WHERE id = ?").bind(id).first();
  expect(reason).toEqual({
    failure_message: "tax: 1000 cents were decided (21 % for NL), 1050 were charged.",
  });
  const path = `/api/v1/admin/organizations/${buyer.id}/purchases/${id}/resolve`;
  const body = { resolution: "accept", reason: "The rate has changed" };
  expect((await api("POST", path, { key: await adminKey(), body })).status).toBe(200);
  expect(await purchaseOf(buyer, id)).toMatchObject({
    status: "credited",
    tax_cents: 1_050,
    gross_cents: 6_050,
  });
  expect(await postedMicros(buyer)).toBe(EUR_50);
  const report = await reconcile(env, Date.now() + 3_600_000);
  expect(report?.differences.filter(({ organization_id }) => organization_id === buyer.id)).toEqual([]);
});

type Session = ReturnType<typeof sessionOf>;
