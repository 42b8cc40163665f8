import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { fulfilPurchase } from "../../src/purchases/fulfil";
import type { StripeStandIn } from "../stand-in/stripe/stand-in";
import { api } from "../support/api/api";
import { adminKey, type TestOrganization } from "../support/api/organizations";
import {
  chargedCents,
  claimingBuyer,
  drive,
  invoicesOf,
  topUpView,
  turnOn,
} from "../support/purchases/auto-top-up";
import { postedMicros, sweep } from "../support/purchases/buying";
import {
  differencesOf,
  leaveDraft,
  mixed,
  noted,
  onlyCustomer,
  resolve,
  setBalance,
  watchPurchases,
} from "../support/purchases/mismatches";
import { sdkFor, standInStripe } from "../support/purchases/stripe";

watchPurchases();

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
      expect(onlyCustomer(stripe).balance).toBe(cents);
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
    expect(onlyCustomer(stripe).balance).toBe(-2_000);
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
    expect(onlyCustomer(stripe).balance).toBe(balance_cents);
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
    expect(onlyCustomer(stripe).balance).toBe(-2_000);
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
      expect(onlyCustomer(stripe).balance).toBe(-10_000);
      expect(await postedMicros(buyer)).toBe(0);
      expect(await differencesOf(buyer)).toEqual([]);
    },
  );
});
