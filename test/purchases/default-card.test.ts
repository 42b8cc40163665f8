import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EventRelay } from "../../src/ledger/object/event-relay";
import type { StripeStandIn } from "../stand-in/stripe/stand-in";
import { adjust, ask, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { textOf } from "../support/dashboard/html";
import { visitor } from "../support/dashboard/visitor";
import { notedOf, watchDriver } from "../support/ledger/auto-top-up";
import {
  saveCardOnPage,
  standingClaim,
  topUpView,
  turnOn,
  useCredit,
} from "../support/purchases/auto-top-up";
import { newBuyer } from "../support/purchases/buying";
import { sdkFor, standInStripe } from "../support/purchases/stripe";

const MASTERCARD = "5555555555554444";

beforeEach(() => {
  stopClock();
  watchDriver();
  // What is to be told stays where it was noted.
  vi.spyOn(EventRelay.prototype, "flush").mockResolvedValue(true);
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

describe("a default card that is not charged", () => {
  const notCharged = async (buyer: TestOrganization) =>
    (await ask(buyer, "GET", "/payment_method")).body.default_not_charged;

  test.each([
    [
      "en",
      "Mastercard ending in 4444 is your default at Stripe, but it is not charged",
      "ending in 4242 is still charged",
    ],
    [
      "nl",
      "Mastercard eindigend op 4444 is uw standaardkaart bij Stripe, maar wordt niet belast",
      "eindigend op 4242 wordt nog steeds belast",
    ],
    [
      "de",
      "Mastercard mit den Endziffern 4444 ist Ihre Standardkarte bei Stripe, wird aber nicht belastet",
      "mit den Endziffern 4242 belastet",
    ],
  ] as const)("is named in %s with the one that is, and what to do", async (language, which, instead) => {
    const { stripe, buyer } = await customer();
    const browser = await visitor(buyer, "owner", language);
    expect(textOf(await browser.page("/billing/auto-top-up"))).not.toContain("4444");
    expect(await notCharged(buyer)).toBeNull();
    await choose(stripe, "attached");
    const text = textOf(await browser.page("/billing/auto-top-up"));
    expect(text).toContain(which);
    expect(text).toContain(instead);
    expect(await notCharged(buyer)).toEqual({ brand: "mastercard", last4: "4444" });
  });

  test.each<[string, (stripe: StripeStandIn, buyer: TestOrganization) => Promise<unknown>]>([
    [
      "the one that is charged is the default again",
      async (stripe, buyer) => {
        const [charged] = stripe.controls.find("payment_method");
        const [{ id = "" } = {}] = stripe.controls.find("customer");
        expect(await brandOf(buyer)).toBe("visa");
        await sdkFor(stripe).customers.update(id, {
          invoice_settings: { default_payment_method: charged?.id ?? "" },
        });
      },
    ],
    [
      "it is removed there",
      (stripe) =>
        sdkFor(stripe).paymentMethods.detach(stripe.controls.find("payment_method").at(-1)?.id ?? ""),
    ],
    ["a card is saved here", (stripe, buyer) => saveCardOnPage(stripe, buyer, MASTERCARD)],
  ])("is not named any more once %s", async (_, mend) => {
    const { stripe, buyer } = await customer();
    await choose(stripe, "attached");
    expect(await notCharged(buyer)).toMatchObject({ last4: "4444" });
    await mend(stripe, buyer);
    await stripe.controls.webhooks.deliverAll();
    expect(await notCharged(buyer)).toBeNull();
  });
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
