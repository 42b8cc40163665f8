import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { reverseRefund } from "../../src/purchases/refunds/reversals";
import { topUpView } from "../support/purchases/auto-top-up";
import { entriesOf, purchaseOf, sweep } from "../support/purchases/buying";
import {
  differencesOf,
  mixed,
  onlyCustomer,
  paidOtherwise,
  resolve,
  watchPurchases,
} from "../support/purchases/mismatches";

watchPurchases();

describe("a mismatch that is refunded", () => {
  test("gives the card's part to the card and the balance's to the balance, once, with one credit note", async () => {
    const { stripe, buyer, purchase_id } = await mixed(-2_000);
    const answer = await resolve(buyer, purchase_id, "refund");
    expect(answer).toMatchObject({ status: 200, body: { status: "refunded" } });
    expect((await resolve(buyer, purchase_id, "refund")).body).toEqual(answer.body);
    expect((await resolve(buyer, purchase_id, "accept")).body.error.code).toBe("already_resolved");
    await stripe.controls.webhooks.deliverAll();
    expect(stripe.controls.find("refund").map(({ amount }) => amount)).toEqual([4_050]);
    expect(onlyCustomer(stripe).balance).toBe(-2_000);
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
    expect(onlyCustomer(stripe).balance).toBe(-3_950);
    await resolve(buyer, purchase_id, "refund");
    expect(onlyCustomer(stripe).balance).toBe(-10_000);
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
    expect(onlyCustomer(stripe).balance).toBe(-2_000);
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
      expect(onlyCustomer(stripe).balance).toBe(-2_000);
      expect(stripe.controls.find("credit_note").length).toBe(1);
      expect(await differencesOf(buyer)).toEqual([]);
    },
  );
});
