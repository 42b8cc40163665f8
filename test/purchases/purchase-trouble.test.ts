import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { fulfilPurchase } from "../../src/purchases/fulfil";
import { failD1 } from "../support/failures/failing-d1";
import { failLedger } from "../support/failures/failing-ledger";
import {
  bought,
  buy,
  buyAndPay,
  entriesOf,
  newBuyer,
  postedMicros,
  storedStatus,
  sweep,
} from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const EUR_50 = 50_000_000;

describe("Stripe in trouble while the page is opened", () => {
  test.each(["500", "500_after", "lost", "lost_after"] as const)(
    "%s: the same key leads to one page in the end, and one payment",
    async (kind) => {
      const stripe = standInStripe();
      const buyer = await newBuyer();
      stripe.controls.failNext({ method: "POST", path: /checkout\/sessions$/, kind, times: 2 });
      const first = await buy(buyer, {}, { idempotency_key: "same" });
      expect(first.body.error.code).toBe("payments_unavailable");
      stripe.controls.clearFaults();
      const second = await buy(buyer, {}, { idempotency_key: "same" });
      expect(second.status).toBe(201);
      expect(stripe.controls.find("checkout.session")).toHaveLength(1);
    },
  );

  test("our own death after the page was made is repaired by the webhook", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { purchase_id } = await buyAndPay(stripe, buyer);
    await env.DB.prepare(
      "UPDATE purchases SET status = 'created', stripe_session_id = NULL, pay_url = NULL WHERE id = ?",
    )
      .bind(purchase_id)
      .run();
    await stripe.controls.webhooks.deliverAll();
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
  });

  test("no key at all: purchases are unavailable, and the rest works", async () => {
    standInStripe();
    const buyer = await newBuyer();
    const answer = await buy(buyer, {}, { bindings: { STRIPE_SECRET_KEY: "" } });
    expect(answer).toMatchObject({ status: 503, body: { error: { code: "purchases_unavailable" } } });
  });
});

describe("a crash between two steps of settling", () => {
  test("ledger down: paid is remembered, and the credit comes later, once", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { purchase_id } = await buyAndPay(stripe, buyer);
    const mend = failLedger(buyer.id);
    await stripe.controls.webhooks.deliver();
    expect(stripe.controls.webhooks.held().map(({ type }) => type)).toContain("checkout.session.completed");
    mend();
    expect(await storedStatus(purchase_id)).toBe("paid");
    await sweep();
    await stripe.controls.webhooks.deliverAll();
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
  });

  test("D1 down: the webhook is answered 503 and works when it comes again", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    await buyAndPay(stripe, buyer);
    const mend = failD1();
    expect(await stripe.controls.webhooks.deliver()).toBe(0);
    mend();
    await stripe.controls.webhooks.deliverAll();
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
  });

  test("credited but not acknowledged: settling again acknowledges and credits nothing", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { purchase_id } = await bought(stripe, buyer);
    await env.DB.prepare("UPDATE purchases SET status = 'paid', credited_at_ms = NULL WHERE id = ?")
      .bind(purchase_id)
      .run();
    expect((await fulfilPurchase(env, purchase_id))?.status).toBe("credited");
    expect(await entriesOf(buyer)).toEqual([["purchase", EUR_50]]);
  });

  test("Stripe away while it is asked: the event is not taken, nothing is lost", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    await buyAndPay(stripe, buyer);
    stripe.controls.failNext({ method: "GET", path: /checkout\/sessions/, kind: "lost", times: 2 });
    await stripe.controls.webhooks.deliver({ only: ({ type }) => type === "checkout.session.completed" });
    expect(await postedMicros(buyer)).toBe(0);
    stripe.controls.clearFaults();
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(EUR_50);
  });
});
