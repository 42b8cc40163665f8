import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Announcer } from "../../src/ledger/announcer";
import type { StripeStandIn } from "../stripe/stand-in";
import { newBuyer } from "../support/buying";
import { stopClock } from "../support/clock";
import { adjust, ask, type TestOrganization } from "../support/organizations";
import { sdkFor, standInStripe } from "../support/stripe";
import { notedOf, watchDriver } from "../support/top-up";
import { saveCardOnPage, standingClaim, topUpView, turnOn, useCredit } from "../support/topping-up";

const MASTERCARD = "5555555555554444";

beforeEach(() => {
  stopClock();
  watchDriver();
  // What is to be told stays where it was noted.
  vi.spyOn(Announcer.prototype, "tell").mockResolvedValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A buyer with credit and a saved Visa card, on which auto top-up is on. */
async function customer() {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  await adjust(buyer, 20_000_000);
  await saveCardOnPage(stripe, buyer);
  await turnOn(buyer);
  return { stripe, buyer };
}

/** Chooses another card as default on Stripe's own page, set up there for later payments or only attached. */
async function choose(stripe: StripeStandIn, how: "set_up" | "attached"): Promise<void> {
  const sdk = sdkFor(stripe);
  const [{ id = "" } = {}] = stripe.controls.find("customer");
  if (how === "attached") await sdk.paymentMethods.attach("pm_card_mastercard", { customer: id });
  else {
    const asked = { mode: "setup", currency: "eur", success_url: "https://example.com" } as const;
    const session = await sdk.checkout.sessions.create({ ...asked, customer: id });
    stripe.controls.payCheckout(session.id, { card: MASTERCARD, authenticate: true });
  }
  const card = stripe.controls.find("payment_method").at(-1);
  await sdk.customers.update(id, { invoice_settings: { default_payment_method: card?.id ?? "" } });
  await stripe.controls.webhooks.deliverAll();
}

const brandOf = async (buyer: TestOrganization) =>
  (await ask(buyer, "GET", "/payment_method")).body.card?.brand ?? null;

test("a card that was set up and chosen on Stripe's own page is the one that is charged, also when the old one goes", async () => {
  const { stripe, buyer } = await customer();
  const [old] = stripe.controls.find("payment_method");
  await choose(stripe, "set_up");
  expect(await brandOf(buyer)).toBe("mastercard");
  await sdkFor(stripe).paymentMethods.detach(old?.id ?? "");
  await stripe.controls.webhooks.deliverAll();
  expect(await topUpView(buyer)).toMatchObject({ obstacle: null, settings: { enabled: true } });
  await useCredit(buyer, 20_000_000);
  const chosen = stripe.controls.find("payment_method").at(-1);
  expect((await standingClaim(buyer)).card.payment_method_id).toBe(chosen?.id);
});

test("a card that nobody has let us charge without its holder is not charged", async () => {
  const { stripe, buyer } = await customer();
  await choose(stripe, "attached");
  expect(await brandOf(buyer)).toBe("visa");
});

test("the only card, removed on Stripe's own page, ends auto top-up and tells so once", async () => {
  const { stripe, buyer } = await customer();
  const [old] = stripe.controls.find("payment_method");
  await sdkFor(stripe).paymentMethods.detach(old?.id ?? "");
  await stripe.controls.webhooks.deliverAll();
  expect(await topUpView(buyer)).toMatchObject({ obstacle: "off", has_card: false });
  expect(await notedOf({ stub: () => env.LEDGER.getByName(buyer.id) })).toEqual([
    { type: "auto_top_up.paused", data: { reason: "card_removed", purchase_id: null } },
  ]);
});
