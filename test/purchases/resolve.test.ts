import { env } from "cloudflare:workers";
import type Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { fulfilPurchase } from "../../src/purchases/fulfil";
import { openDatabase } from "../../src/storage/database";
import { findPurchase } from "../../src/storage/purchases/purchases";
import type { Json } from "../support/api/api";
import { failing, failLedger, troubleLedger, troubleMethod, well } from "../support/failures/failing-ledger";
import {
  claimingBuyer,
  drive,
  invoicesOf,
  saveCardOnPage,
  topUpView,
  turnOn,
} from "../support/purchases/auto-top-up";
import { buyAndPay, entriesOf, newBuyer, postedMicros, sessionOf, sweep } from "../support/purchases/buying";
import {
  differencesOf,
  leaveDraft,
  mixed,
  paidOtherwise,
  resolve,
  setBalance,
  watchPurchases,
} from "../support/purchases/mismatches";
import { sdkFor, standInStripe } from "../support/purchases/stripe";

const EUR = 1_000_000;

watchPurchases();

describe("a mismatch that is accepted", () => {
  test.each([-10_000, -2_000])("credits what card and a balance of %i paid together", async (cents) => {
    const { stripe, buyer, purchase_id } = await mixed(cents);
    const answer = await resolve(buyer, purchase_id, "accept");
    expect(answer).toMatchObject({
      status: 200,
      body: { status: "credited", net_cents: 5_000, gross_cents: 6_050 },
    });
    expect((await resolve(buyer, purchase_id, "accept")).body).toEqual(answer.body);
    expect((await resolve(buyer, purchase_id, "refund")).status).toBe(409);
    await stripe.controls.webhooks.deliverAll();
    expect(await entriesOf(buyer)).toEqual([["purchase", 50 * EUR]]);
    expect(await topUpView(buyer)).toMatchObject({ obstacle: null });
    expect(await differencesOf(buyer)).toEqual([]);
  });

  test("sets the sums of a Checkout purchase, which refunds and reconciliation follow", async () => {
    const { stripe, buyer, purchase_id, payment_intent_id } = await paidOtherwise();
    expect(await postedMicros(buyer)).toBe(0);
    const { body } = await resolve(buyer, purchase_id, "accept");
    expect(body).toMatchObject({ status: "credited", net_cents: 4_000, tax_cents: 840, gross_cents: 4_840 });
    expect(await differencesOf(buyer)).toEqual([]);
    stripe.controls.refund(payment_intent_id, { amount_cents: 2_420 });
    await stripe.controls.webhooks.deliverAll();
    expect(await postedMicros(buyer)).toBe(20 * EUR);
  });

  test("of which a part has gone back already takes that part at once", async () => {
    const { stripe, buyer, purchase_id, payment_intent_id } = await paidOtherwise();
    stripe.controls.refund(payment_intent_id, { amount_cents: 2_420 });
    await stripe.controls.webhooks.deliverAll();
    expect(await entriesOf(buyer)).toEqual([]);
    await resolve(buyer, purchase_id, "accept");
    expect(await entriesOf(buyer)).toEqual([
      ["purchase", 40 * EUR],
      ["refund", -20 * EUR],
    ]);
  });

  test("while its ledger is away is credited by the cron, once", async () => {
    const { buyer, purchase_id } = await paidOtherwise();
    const mend = failLedger(buyer.id);
    expect((await resolve(buyer, purchase_id, "accept")).status).toBe(503);
    mend();
    expect((await findPurchase(openDatabase(env), purchase_id))?.resolution).toBeNull();
    const mend_credit = troubleMethod(buyer.id, "post", failing("Internal error (made by the test)"));
    expect((await resolve(buyer, purchase_id, "accept")).status).toBe(503);
    mend_credit();
    expect((await findPurchase(openDatabase(env), purchase_id))?.resolution).toBe("accept");
    await Promise.all([sweep(), resolve(buyer, purchase_id, "accept"), fulfilPurchase(env, purchase_id)]);
    expect(await entriesOf(buyer)).toEqual([["purchase", 40 * EUR]]);
    expect(await findPurchase(openDatabase(env), purchase_id)).toMatchObject({
      ...{ status: "credited", resolved_at_ms: expect.any(Number) },
    });
  });

  test.each<[string, (session: Stripe.Checkout.Session) => unknown]>([
    ["in another currency", (session) => Object.assign(session, { currency: "usd" })],
    ["in another mode", (session) => Object.assign(session, { livemode: true })],
    ["for another purchase", ({ metadata }) => Object.assign(metadata ?? {}, { purchase_id: "pur_other" })],
  ])("but was paid %s is refused, and may be closed", async (_, spoil) => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { purchase_id } = await buyAndPay(stripe, buyer);
    spoil(sessionOf(stripe, purchase_id));
    await fulfilPurchase(env, purchase_id);
    expect((await resolve(buyer, purchase_id, "accept")).status).toBe(422);
    expect((await resolve(buyer, purchase_id, "close")).body.status).toBe("closed");
    expect(await entriesOf(buyer)).toEqual([]);
  });
});

describe("a mismatch that is closed", () => {
  test("moves no money, and no evidence changes that any more", async () => {
    const { stripe, buyer, purchase_id } = await paidOtherwise(5_001);
    await saveCardOnPage(stripe, buyer);
    await turnOn(buyer);
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "purchase_mismatch" });
    expect((await resolve(buyer, purchase_id, "close")).body.status).toBe("closed");
    expect((await resolve(buyer, purchase_id, "close")).status).toBe(200);
    const session = sessionOf(stripe, purchase_id);
    Object.assign(session, { amount_subtotal: 5_000, amount_total: 6_050 });
    Object.assign(session.total_details ?? {}, { amount_tax: 1_050 });
    await stripe.controls.webhooks.deliverAll();
    await fulfilPurchase(env, purchase_id);
    expect(await entriesOf(buyer)).toEqual([]);
    await env.LEDGER.getByName(buyer.id).health();
    expect((await topUpView(buyer)).claim).not.toBeNull();
  });

  test.each(["close", "refund"])(
    "by %s before its ledger has heard of it frees the claim all the same",
    async (resolution) => {
      const stripe = standInStripe();
      const buyer = await claimingBuyer(stripe);
      await leaveDraft(stripe, buyer);
      const [draft] = invoicesOf(stripe, buyer.claim);
      await setBalance(stripe, -10_000);
      await sdkFor(stripe).invoices.finalizeInvoice(draft?.id ?? "", { auto_advance: false });
      const { mend } = troubleLedger(buyer.id, well, well, failing("Internal error (made by the test)"));
      await expect(drive(buyer)).rejects.toThrow();
      mend();
      const { purchase_id } = buyer.claim;
      expect((await resolve(buyer, purchase_id, resolution)).status).toBe(200);
      const { claim } = await topUpView(buyer);
      expect(claim?.purchase_id).not.toBe(purchase_id);
    },
  );

  test("and of two who resolve it at once otherwise one is refused", async () => {
    const { buyer, purchase_id } = await paidOtherwise();
    const answers = await Promise.all([
      resolve(buyer, purchase_id, "close"),
      resolve(buyer, purchase_id, "accept"),
      resolve(buyer, purchase_id, "refund"),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });
});

test("only a mismatch of this organization can be resolved", async () => {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  const { purchase_id } = await buyAndPay(stripe, buyer);
  expect((await resolve(buyer, purchase_id, "accept")).status).toBe(422);
  expect((await resolve(await newBuyer(), purchase_id, "close")).status).toBe(404);
  const { body } = (await resolve(buyer, purchase_id, "forget")) as { body: Json };
  expect(body.error.param).toBe("resolution");
});
