import { env } from "cloudflare:workers";
import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { reconcile } from "../../src/admin/reconcile";
import { EventRelay } from "../../src/ledger/object/event-relay";
import { fulfilPurchase } from "../../src/purchases/fulfil";
import { reverseRefund } from "../../src/purchases/refunds/reversals";
import { openDatabase } from "../../src/storage/database";
import { findPurchase } from "../../src/storage/purchases";
import type { StripeStandIn } from "../stand-in/stripe/stand-in";
import { type Answer, api, type Json } from "../support/api/api";
import { adminKey, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { failing, failLedger, troubleLedger, troubleMethod, well } from "../support/failures/failing-ledger";
import { notedOf, watchDriver } from "../support/ledger/auto-top-up";
import {
  chargedCents,
  claimingBuyer,
  drive,
  invoicesOf,
  saveCardOnPage,
  topUpView,
  turnOn,
} from "../support/purchases/auto-top-up";
import {
  buyAndPay,
  entriesOf,
  newBuyer,
  postedMicros,
  purchaseOf,
  sessionOf,
  sweep,
} from "../support/purchases/buying";
import { sdkFor, standInStripe } from "../support/purchases/stripe";

const EUR = 1_000_000;
const FINALIZE = /\/finalize$/;

beforeEach(() => {
  stopClock();
  watchDriver();
  // What is to be told stays where it was noted.
  vi.spyOn(EventRelay.prototype, "flush").mockResolvedValue(true);
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function resolve({ id }: TestOrganization, purchase_id: string, resolution: string): Promise<Answer> {
  const path = `/api/v1/admin/organizations/${id}/purchases/${purchase_id}/resolve`;
  return api("POST", path, { key: await adminKey(), body: { resolution, reason: "Looked into" } });
}

function customerOf(stripe: StripeStandIn): Stripe.Customer {
  const [customer] = stripe.controls.find("customer");
  if (!customer) throw new Error("There is no customer.");
  return customer;
}

function setBalance(stripe: StripeStandIn, amount: number) {
  const { id } = customerOf(stripe);
  return sdkFor(stripe).customers.createBalanceTransaction(id, { amount, currency: "eur" });
}

const noted = ({ id }: TestOrganization) => notedOf({ stub: () => env.LEDGER.getByName(id) });

/** Drives a claim as far as its draft: Stripe does not get to hear that it is to be finalized. */
async function leaveDraft(stripe: StripeStandIn, buyer: Parameters<typeof drive>[0]): Promise<void> {
  stripe.controls.failNext({ method: "POST", path: FINALIZE, kind: "lost", times: 10 });
  await drive(buyer);
  stripe.controls.clearFaults();
}

/** What reconciliation says of an organization. */
async function differencesOf({ id }: TestOrganization): Promise<unknown[]> {
  const report = await reconcile(env, Date.now() + 3_600_000);
  return (report?.differences ?? []).filter(({ organization_id }) => organization_id === id);
}

/** An auto top-up whose invoice the customer's balance has paid, in whole or in part, after we had looked at it. */
async function mixed(balance_cents: number) {
  const stripe = standInStripe();
  const buyer = await claimingBuyer(stripe);
  await leaveDraft(stripe, buyer);
  const [draft] = invoicesOf(stripe, buyer.claim);
  await setBalance(stripe, balance_cents);
  await sdkFor(stripe).invoices.finalizeInvoice(draft?.id ?? "", { auto_advance: false });
  if (-balance_cents < 6_050) stripe.controls.payInvoicePage(draft?.id ?? "", "4242424242424242");
  await drive(buyer);
  const { purchase_id } = buyer.claim;
  expect((await purchaseOf(buyer, purchase_id)).status).toBe("mismatch");
  return { stripe, buyer, purchase_id };
}

/** A purchase of EUR 50 for whose page another amount was paid than was asked for. */
async function paidOtherwise(net_cents = 4_000) {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  const paid = await buyAndPay(stripe, buyer);
  const tax = Math.round(net_cents * 0.21);
  const [intent] = stripe.controls.find("payment_intent");
  const session = sessionOf(stripe, paid.purchase_id);
  Object.assign(session, { amount_subtotal: net_cents, amount_total: net_cents + tax });
  Object.assign(session.total_details ?? {}, { amount_tax: tax });
  Object.assign(intent ?? {}, { amount_received: net_cents + tax });
  await stripe.controls.webhooks.deliverAll();
  return { stripe, buyer, ...paid };
}

describe("a balance of the customer at Stripe", () => {
  test.each([-2_000, -10_000, 1_000])(
    "of %i keeps auto top-up from charging, is told once and pauses",
    async (cents) => {
      const stripe = standInStripe();
      const buyer = await claimingBuyer(stripe);
      await setBalance(stripe, cents);
      await drive(buyer);
      await drive(buyer);
      await sweep();
      expect(chargedCents(stripe)).toEqual([]);
      expect(invoicesOf(stripe, buyer.claim)).toEqual([]);
      expect(customerOf(stripe).balance).toBe(cents);
      expect(await topUpView(buyer)).toMatchObject({
        ...{ claim: null, obstacle: "customer_balance", used_this_month_cents: 0 },
        last_failure: { code: "customer_balance" },
      });
      const { purchase_id } = buyer.claim;
      const about = (await noted(buyer)).filter(({ type }) => type === "auto_top_up.paused");
      expect(about).toEqual([
        { type: "auto_top_up.paused", data: { reason: "customer_balance", purchase_id } },
      ]);
    },
  );

  test("that comes between the look at it and the number: the invoice is void, and the balance comes back", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    await leaveDraft(stripe, buyer);
    const [draft] = invoicesOf(stripe, buyer.claim);
    await setBalance(stripe, -2_000);
    await sdkFor(stripe).invoices.finalizeInvoice(draft?.id ?? "", { auto_advance: false });
    await drive(buyer);
    expect(chargedCents(stripe)).toEqual([]);
    expect(invoicesOf(stripe, buyer.claim)).toMatchObject([{ status: "void" }]);
    expect(customerOf(stripe).balance).toBe(-2_000);
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "customer_balance" });
  });

  test("that pays the invoice is a mismatch: the claim is free, and nothing is bought until it is resolved", async () => {
    const { stripe, buyer, purchase_id } = await mixed(-10_000);
    await fulfilPurchase(env, purchase_id);
    await stripe.controls.webhooks.deliverAll();
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "purchase_mismatch" });
    await turnOn(buyer);
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "purchase_mismatch" });
    const paused = (await noted(buyer)).filter(({ type }) => type === "auto_top_up.paused");
    expect(paused).toEqual([
      { type: "auto_top_up.paused", data: { reason: "purchase_mismatch", purchase_id } },
    ]);
  });
});

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

describe("an accepted purchase that a balance has paid a part of", () => {
  async function refund({ id }: TestOrganization, purchase_id: string, key: string, net_cents?: number) {
    return api("POST", `/api/v1/admin/organizations/${id}/purchases/${purchase_id}/refunds`, {
      ...{ key: await adminKey(), headers: { "Idempotency-Key": key } },
      body: { reason: "Goodwill", ...(net_cents === undefined ? {} : { net_cents }) },
    });
  }

  async function accepted(balance_cents: number) {
    const bought = await mixed(balance_cents);
    expect((await resolve(bought.buyer, bought.purchase_id, "accept")).status).toBe(200);
    await bought.stripe.controls.webhooks.deliverAll();
    return bought;
  }

  const refunded = (stripe: StripeStandIn) => stripe.controls.find("refund").map(({ amount }) => amount);
  const notes = (stripe: StripeStandIn) => stripe.controls.find("credit_note").map(({ total }) => total);

  test.each<[string, number, number[]]>([
    ["to the card and to the balance", -2_000, [4_050]],
    ["to the balance alone where that has paid all", -10_000, []],
  ])("is given back %s, once, with credit notes that add up", async (_, balance_cents, to_card) => {
    const { stripe, buyer, purchase_id } = await accepted(balance_cents);
    const answer = await refund(buyer, purchase_id, "all");
    const balance_back_cents = 6_050 - (to_card[0] ?? 0);
    expect(answer).toMatchObject({
      status: 201,
      body: { net_cents: 5_000, gross_cents: 6_050, to_balance: { gross_cents: balance_back_cents } },
    });
    expect((await refund(buyer, purchase_id, "all")).body).toEqual(answer.body);
    await stripe.controls.webhooks.deliverAll();
    await sweep();
    expect(refunded(stripe)).toEqual(to_card);
    expect(customerOf(stripe).balance).toBe(balance_cents);
    expect(notes(stripe).reduce((sum, cents) => sum + cents, 0)).toBe(6_050);
    expect(await postedMicros(buyer)).toBe(0);
    expect(await differencesOf(buyer)).toEqual([]);
    expect((await refund(buyer, purchase_id, "more", 1)).status).toBe(422);
  });

  test("is given back in parts: the card's first, then the balance's", async () => {
    const { stripe, buyer, purchase_id } = await accepted(-2_000);
    const parts = [];
    for (const [key, net_cents] of [
      ["1", 2_000],
      ["2", 2_000],
      ["3", undefined],
    ] as const) {
      const { body } = await refund(buyer, purchase_id, key, net_cents);
      parts.push([body.gross_cents, body.to_balance?.gross_cents ?? 0]);
    }
    expect(parts).toEqual([
      [2_420, 0],
      [2_420, 790],
      [1_210, 1_210],
    ]);
    expect(refunded(stripe)).toEqual([2_420, 1_630]);
    expect(customerOf(stripe).balance).toBe(-2_000);
    expect(await postedMicros(buyer)).toBe(0);
  });

  test.each(["the operator", "Stripe's event"])(
    "is given back once when the answer of the balance's part is lost, and %s comes again",
    async (who) => {
      const { stripe, buyer, purchase_id } = await accepted(-10_000);
      const path = /\/credit_notes$/;
      stripe.controls.failNext({ method: "POST", path, kind: "500_after", times: 4 });
      expect((await refund(buyer, purchase_id, "all")).status).toBe(503);
      stripe.controls.clearFaults();
      if (who === "Stripe's event") await stripe.controls.webhooks.deliverAll();
      expect((await refund(buyer, purchase_id, "all")).status).toBe(201);
      await stripe.controls.webhooks.deliverAll();
      expect(refunded(stripe)).toEqual([]);
      expect(notes(stripe)).toEqual([6_050]);
      expect(customerOf(stripe).balance).toBe(-10_000);
      expect(await postedMicros(buyer)).toBe(0);
      expect(await differencesOf(buyer)).toEqual([]);
    },
  );
});

describe("a mismatch that is refunded", () => {
  test("gives the card's part to the card and the balance's to the balance, once, with one credit note", async () => {
    const { stripe, buyer, purchase_id } = await mixed(-2_000);
    const answer = await resolve(buyer, purchase_id, "refund");
    expect(answer).toMatchObject({ status: 200, body: { status: "refunded" } });
    expect((await resolve(buyer, purchase_id, "refund")).body).toEqual(answer.body);
    expect((await resolve(buyer, purchase_id, "accept")).body.error.code).toBe("already_resolved");
    await stripe.controls.webhooks.deliverAll();
    expect(stripe.controls.find("refund").map(({ amount }) => amount)).toEqual([4_050]);
    expect(customerOf(stripe).balance).toBe(-2_000);
    expect(stripe.controls.find("credit_note").map(({ total }) => total)).toEqual([6_050]);
    expect(await entriesOf(buyer)).toEqual([]);
    // Money that has just gone back is not charged again by itself.
    expect(await topUpView(buyer)).toMatchObject({
      claim: null,
      obstacle: "refund",
      used_this_month_cents: 0,
    });
    expect(await differencesOf(buyer)).toEqual([]);
  });

  test("gives back a balance that paid all of it", async () => {
    const { stripe, buyer, purchase_id } = await mixed(-10_000);
    expect(customerOf(stripe).balance).toBe(-3_950);
    await resolve(buyer, purchase_id, "refund");
    expect(customerOf(stripe).balance).toBe(-10_000);
    expect(stripe.controls.find("refund")).toEqual([]);
  });

  test("whose answer is lost, or that Stripe fails on, is made once", async () => {
    const { stripe, buyer, purchase_id } = await mixed(-2_000);
    const path = /\/credit_notes$/;
    stripe.controls.failNext({ method: "POST", path, kind: "500", times: 2 });
    expect((await resolve(buyer, purchase_id, "refund")).status).toBe(503);
    stripe.controls.failNext({ method: "POST", path, kind: "500_after", times: 2 });
    expect((await resolve(buyer, purchase_id, "refund")).status).toBe(503);
    await sweep();
    expect(await purchaseOf(buyer, purchase_id)).toMatchObject({ status: "refunded" });
    expect(stripe.controls.find("refund").map(({ amount }) => amount)).toEqual([4_050]);
    expect(customerOf(stripe).balance).toBe(-2_000);
  });

  test("but that Stripe refuses stays open for another resolution", async () => {
    const { stripe, buyer, purchase_id, payment_intent_id } = await paidOtherwise();
    stripe.controls.openDispute(payment_intent_id);
    expect((await resolve(buyer, purchase_id, "refund")).status).toBe(422);
    expect((await resolve(buyer, purchase_id, "close")).body.status).toBe("closed");
  });
});

describe("a refund by which a mismatch was resolved and that fails later", () => {
  test.each(["its event", "the nightly comparison"])(
    "opens it again by %s, for people to resolve",
    async (by) => {
      const { stripe, buyer, purchase_id } = await mixed(-2_000);
      await resolve(buyer, purchase_id, "refund");
      await stripe.controls.webhooks.deliverAll();
      const [first] = stripe.controls.find("refund");
      stripe.controls.failRefund(first?.id ?? "");
      if (by === "its event") await stripe.controls.webhooks.deliverAll();
      else
        expect(await differencesOf(buyer)).toEqual([
          expect.objectContaining({ kind: "refund_differs", id: first?.id }),
        ]);
      expect((await purchaseOf(buyer, purchase_id)).status).toBe("mismatch");
      expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "purchase_mismatch" });

      expect((await resolve(buyer, purchase_id, "refund")).body.status).toBe("refunded");
      await stripe.controls.webhooks.deliverAll();
      await reverseRefund(env, first?.id ?? "");
      expect((await purchaseOf(buyer, purchase_id)).status).toBe("refunded");
      const back = stripe.controls.find("refund", ({ status }) => status === "succeeded");
      expect(back.map(({ amount }) => amount)).toEqual([4_050]);
      expect(customerOf(stripe).balance).toBe(-2_000);
      expect(stripe.controls.find("credit_note").length).toBe(1);
      expect(await differencesOf(buyer)).toEqual([]);
    },
  );
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
