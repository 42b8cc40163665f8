import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { saveCard } from "../../src/purchases/cards/store-card";
import type { StripeStandIn } from "../stand-in/stripe/stand-in";
import { api, type Json } from "../support/api/api";
import { adjust, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { watchDriver } from "../support/ledger/auto-top-up";
import {
  claimingBuyer,
  drive,
  invoicesOf,
  saveCardOnPage,
  topUpView,
  turnOn,
  useCredit,
} from "../support/purchases/auto-top-up";
import { buyAndPay, newBuyer, sweep } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const NOW = "2030-11-10T12:00:00.000Z";
const MASTERCARD = "5555555555554444";
const ASKS_EVERY_TIME = "4000002760003184";

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock(NOW);
  watchDriver();
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function cardOf({ key }: TestOrganization): Promise<Json> {
  return (await api("GET", "/api/v1/payment_method", { key })).body.card;
}

function remove({ key }: TestOrganization) {
  return api("DELETE", "/api/v1/payment_method", { key });
}

const attachedCards = (stripe: StripeStandIn) =>
  stripe.controls.find("payment_method", ({ customer }) => customer !== null);

describe("a card is removed", () => {
  test("from Stripe and from us, and auto top-up is off; a repeat changes nothing", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    await adjust(buyer, 100_000_000);
    await saveCardOnPage(stripe, buyer, MASTERCARD);
    clock.pass(1_000);
    await saveCardOnPage(stripe, buyer);
    await turnOn(buyer);
    expect((await remove(buyer)).status).toBe(204);
    expect((await remove(buyer)).status).toBe(204);
    expect(await cardOf(buyer)).toBeNull();
    expect(attachedCards(stripe)).toEqual([]);
    await stripe.controls.webhooks.deliverAll();
    expect(await topUpView(buyer)).toMatchObject({ obstacle: "off", settings: { enabled: false } });
    await useCredit(buyer, 100_000_000);
    expect((await topUpView(buyer)).claim).toBeNull();
  });

  test("for what is charged before anything else: with Stripe away nothing is bought any more", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    await adjust(buyer, 100_000_000);
    await saveCardOnPage(stripe, buyer);
    await turnOn(buyer);
    stripe.controls.failNext({ path: /payment_methods/, kind: "lost", times: 2 });
    expect((await remove(buyer)).body.error.code).toBe("payments_unavailable");
    await useCredit(buyer, 100_000_000);
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "off" });
    expect(await cardOf(buyer)).not.toBeNull();
    expect((await remove(buyer)).status).toBe(204);
    expect(attachedCards(stripe)).toEqual([]);
  });

  test("together with a payment that waits for its holder", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe, { card: ASKS_EVERY_TIME });
    await drive(buyer);
    await remove(buyer);
    expect(invoicesOf(stripe, buyer.claim)).toMatchObject([{ status: "void" }]);
    await sweep();
    expect(await topUpView(buyer)).toMatchObject({ claim: null, obstacle: "off" });
  });

  test("while a payment on it is about to be made: it is not charged", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    await remove(buyer);
    await drive(buyer);
    expect(stripe.controls.find("charge")).toEqual([]);
    expect(await topUpView(buyer)).toMatchObject({
      claim: null,
      last_failure: { code: "auto_top_up_stopped" },
    });
  });

  test("and stays so, whatever comes late of the purchase that saved it", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { purchase_id } = await buyAndPay(stripe, buyer, { save_card: true });
    await stripe.controls.webhooks.deliver({ only: ({ type }) => type === "checkout.session.completed" });
    const [card] = attachedCards(stripe);
    await remove(buyer);
    await saveCard(env, buyer.id, card?.id ?? "", purchase_id);
    await stripe.controls.webhooks.deliverAll();
    expect(await cardOf(buyer)).toBeNull();
  });
});

describe("what happens to the card at Stripe", () => {
  test("its removal there is followed here", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    await adjust(buyer, 100_000_000);
    await saveCardOnPage(stripe, buyer);
    await turnOn(buyer);
    for (const card of attachedCards(stripe)) {
      card.customer = null;
      await stripe.controls.sendEvent("payment_method.detached", card);
    }
    expect(await cardOf(buyer)).toBeNull();
    expect((await topUpView(buyer)).settings).toMatchObject({ enabled: false });
  });

  test("a new number of the same card is shown, and what the old one was declined for is forgotten", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    stripe.controls.declineNext("expired_card");
    await drive(buyer);
    expect((await topUpView(buyer)).obstacle).toBe("card_declined");
    for (const method of attachedCards(stripe)) {
      Object.assign(method.card ?? {}, { last4: "1881", fingerprint: "another", exp_year: 2040 });
      await stripe.controls.sendEvent("payment_method.automatically_updated", method);
    }
    expect(await cardOf(buyer)).toMatchObject({ last4: "1881", exp_year: 2040 });
    expect((await topUpView(buyer)).claim).not.toBeNull();
  });

  test("an event of a card that we do not know is nothing to us", async () => {
    const stripe = standInStripe();
    const sent = await stripe.controls.sendEvent("payment_method.detached", {
      id: "pm_unknown",
      object: "payment_method",
    });
    expect(sent.status).toBe(200);
  });
});
