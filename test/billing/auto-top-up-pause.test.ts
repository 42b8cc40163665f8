import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { reverseDispute } from "../../src/billing/reversals";
import { api } from "../support/api";
import { bought, newBuyer } from "../support/buying";
import { stopClock } from "../support/clock";
import { visitor } from "../support/dashboard";
import { adjust, adminKey, ask, type TestOrganization } from "../support/organizations";
import { factsOf } from "../support/pages";
import { standInStripe } from "../support/stripe";
import { watchDriver } from "../support/top-up";
import { chargedCents, claimingBuyer, drive, saveCardOnPage, topUpView, turnOn } from "../support/topping-up";

const EUR = 1_000_000;

beforeEach(() => {
  stopClock();
  watchDriver();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function refundAll({ id }: TestOrganization, purchase_id: string): Promise<void> {
  const made = await api("POST", `/api/v1/admin/organizations/${id}/purchases/${purchase_id}/refunds`, {
    key: await adminKey(),
    headers: { "Idempotency-Key": `refund-${purchase_id}` },
    body: { reason: "Not wanted" },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
}

/** A customer with a purchase of their own, and auto top-up on. */
async function buyerWithPurchase() {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  const purchase = await bought(stripe, buyer);
  await saveCardOnPage(stripe, buyer);
  await turnOn(buyer);
  return { stripe, buyer, ...purchase };
}

test("money that an operator gives back is not charged again, and the customer is shown why", async () => {
  const stripe = standInStripe();
  const buyer = await claimingBuyer(stripe);
  await drive(buyer);
  await refundAll(buyer, buyer.claim.purchase_id);
  await stripe.controls.webhooks.deliverAll();
  expect(chargedCents(stripe)).toEqual([6_050]);
  expect((await ask(buyer, "GET", "/auto_top_up")).body).toMatchObject({
    enabled: true,
    status: "paused",
    paused_because: "refund",
    purchase_id: null,
  });
  const shown = await Promise.all(
    (["en", "nl", "de"] as const).map(async (language) => {
      const page = await (await visitor(buyer, "owner", language)).page("/billing/auto-top-up");
      return Object.values(factsOf(page)).join(" ");
    }),
  );
  expect(shown).toEqual([
    expect.stringContaining("Paused because of a refund"),
    expect.stringContaining("Gepauzeerd vanwege een terugbetaling"),
    expect.stringContaining("Pausiert wegen einer Rückerstattung"),
  ]);
  await turnOn(buyer);
  expect((await topUpView(buyer)).claim).not.toBeNull();
});

test("an adjustment of an operator's that takes all credit charges nothing", async () => {
  const { stripe, buyer } = await buyerWithPurchase();
  await adjust(buyer, -50 * EUR);
  expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "adjustment" });
  expect(chargedCents(stripe)).toEqual([6_050]);
});

describe("a dispute of a purchase that a person made", () => {
  test("pauses auto top-up, also when it is won", async () => {
    const { stripe, buyer, payment_intent_id } = await buyerWithPurchase();
    const dispute = stripe.controls.openDispute(payment_intent_id);
    await stripe.controls.webhooks.deliverAll();
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "dispute" });
    stripe.controls.closeDispute(dispute.id, "won");
    await stripe.controls.webhooks.deliverAll();
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "dispute" });
  });

  test("pauses it as an inquiry that takes nothing, and no look at it undoes what a person has set since", async () => {
    const { stripe, buyer, payment_intent_id } = await buyerWithPurchase();
    const inquiry = stripe.controls.openDispute(payment_intent_id, { inquiry: true });
    await stripe.controls.webhooks.deliverAll();
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "dispute" });
    await turnOn(buyer);
    await reverseDispute(env, inquiry.id);
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: null });
  });
});
