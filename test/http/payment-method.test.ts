import { env, exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { saveCard } from "../../src/purchases/cards/store-card";
import type { StripeStandIn } from "../stand-in/stripe/stand-in";
import { api, type Json } from "../support/api/api";
import { newOrganization, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { failLedger } from "../support/failures/failing-ledger";
import { watchDriver } from "../support/ledger/auto-top-up";
import { saveCardOnPage, topUpView, turnOn } from "../support/purchases/auto-top-up";
import { bought, buy, comeBack, GOOD_CARD, newBuyer, returnQuery } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const NOW = "2030-11-10T12:00:00.000Z";
const MASTERCARD = "5555555555554444";

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

/** Opens the page for a card and answers its session at Stripe. */
async function openPage(stripe: StripeStandIn, { key }: TestOrganization, body: Json = {}) {
  const answer = await api("POST", "/api/v1/payment_method/setup", { key, body });
  const [session] = stripe.controls.find("checkout.session", ({ url }) => url === answer.body.url);
  if (!session) throw new Error(JSON.stringify(answer.body));
  return session;
}

/** The card that Stripe charges when nothing else is said. */
function defaultCard(stripe: StripeStandIn): unknown {
  return stripe.controls.find("customer")[0]?.invoice_settings.default_payment_method;
}

const attachedCards = (stripe: StripeStandIn) =>
  stripe.controls.find("payment_method", ({ customer }) => customer !== null);

describe("a card is saved", () => {
  test("on a page of its own, with the words that were agreed to, and charged by default from then on", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    expect(await cardOf(buyer)).toBeNull();
    const session = await openPage(stripe, buyer);
    expect(session).toMatchObject({ mode: "setup", currency: "eur" });
    stripe.controls.payCheckout(session.id, { card: GOOD_CARD });
    await stripe.controls.webhooks.deliverAll();
    expect(await cardOf(buyer)).toEqual({
      brand: "visa",
      last4: "4242",
      exp_month: 12,
      exp_year: 2034,
      consent: { text: expect.stringContaining("I agree"), given_at: NOW, reference: session.id },
      saved_at: NOW,
    });
    expect(defaultCard(stripe)).toBe(attachedCards(stripe)[0]?.id);
  });

  test("with a purchase whose buyer agreed to it, and not with another", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    await bought(stripe, buyer);
    expect(await cardOf(buyer)).toBeNull();
    const { purchase_id } = await bought(stripe, buyer, { save_card: true });
    expect(await cardOf(buyer)).toMatchObject({ last4: "4242", consent: { reference: purchase_id } });
    expect(defaultCard(stripe)).toBe(attachedCards(stripe)[0]?.id);
  });

  test("by the page that the browser comes back to, when no webhook comes", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const session = await openPage(stripe, buyer, { return_url: "https://app.example.com/billing?tab=1" });
    expect((await comeBack(session)).headers.get("Location")).toBe(
      "https://app.example.com/billing?tab=1&card=not_saved",
    );
    stripe.controls.payCheckout(session.id, { card: GOOD_CARD });
    expect((await comeBack(session)).headers.get("Location")).toBe(
      "https://app.example.com/billing?tab=1&card=saved",
    );
    expect(await cardOf(buyer)).toMatchObject({ last4: "4242" });
  });

  test("and a Stripe that never says so keeps the browser waiting for three seconds, not for half a minute", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const session = await openPage(stripe, buyer);
    stripe.controls.payCheckout(session.id, { card: GOOD_CARD });
    const seal = new URLSearchParams(await returnQuery(`payment_method/${buyer.id}`)).toString();
    vi.spyOn(globalThis, "fetch").mockImplementation(() => new Promise(() => {}));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const path = `/api/v1/payment_method/return?${seal}&session_id=${session.id}`;
    const asked = api("GET", path, { bindings: {} });
    await vi.waitFor(() => expect(globalThis.fetch).toHaveBeenCalled());
    await vi.advanceTimersByTimeAsync(3_500);
    expect(await asked).toMatchObject({ status: 503, body: { error: { code: "payments_unavailable" } } });
  });

  test("in the place of the one before, which no late repeat brings back", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const { purchase_id } = await bought(stripe, buyer, { save_card: true });
    const [visa] = attachedCards(stripe);
    clock.pass(1_000);
    await saveCardOnPage(stripe, buyer, MASTERCARD);
    await saveCard(env, buyer.id, visa?.id ?? "", purchase_id);
    expect(await cardOf(buyer)).toMatchObject({ brand: "mastercard", last4: "4444" });
    const [mastercard] = stripe.controls.find("payment_method", ({ card }) => card?.last4 === "4444");
    expect(defaultCard(stripe)).toBe(mastercard?.id);
    await turnOn(buyer, { threshold_micros: 60_000_000, net_cents: 7_500 });
    expect((await topUpView(buyer)).claim?.card.payment_method_id).toBe(mastercard?.id);
  });

  test("though the ledger was away: the webhook comes again", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const session = await openPage(stripe, buyer);
    stripe.controls.payCheckout(session.id, { card: GOOD_CARD });
    vi.spyOn(console, "error").mockImplementation(() => {});
    const mend = failLedger(buyer.id);
    await stripe.controls.webhooks.deliver();
    mend();
    await stripe.controls.webhooks.deliverAll();
    await turnOn(buyer);
    expect((await topUpView(buyer)).claim).not.toBeNull();
  });

  test("never by a page of somebody else's", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const session = await openPage(stripe, buyer);
    session.metadata = {};
    stripe.controls.payCheckout(session.id, { card: GOOD_CARD });
    await stripe.controls.webhooks.deliverAll();
    expect(await cardOf(buyer)).toBeNull();
    expect((await comeBack(session)).status).toBe(404);
  });
});

describe("the page for a card", () => {
  test("needs a billing profile", async () => {
    standInStripe();
    const { key } = await newOrganization();
    const answer = await api("POST", "/api/v1/payment_method/setup", { key, body: {} });
    expect(answer).toMatchObject({ status: 409, body: { error: { code: "billing_profile_incomplete" } } });
  });

  test("answers 503 where nothing is sold and while Stripe is away", async () => {
    const stripe = standInStripe();
    const { key } = await newBuyer();
    const path = "/api/v1/payment_method/setup";
    const nowhere = await api("POST", path, { key, body: {}, bindings: { STRIPE_SECRET_KEY: "" } });
    expect(nowhere.body.error.code).toBe("purchases_unavailable");
    stripe.controls.failNext({ path: /sessions/, kind: "lost", times: 2 });
    expect((await api("POST", path, { key, body: {} })).body.error.code).toBe("payments_unavailable");
  });

  test("leads back to a page of ours that says how it went, and knows no other pages", async () => {
    const stripe = standInStripe();
    const buyer = await newBuyer();
    const session = await openPage(stripe, buyer);
    const seal = new URLSearchParams(await returnQuery(`payment_method/${buyer.id}`)).toString();
    const get = (query: string) =>
      exports.default.fetch(`https://ringfence.test/api/v1/payment_method/return?${seal}&${query}`);
    expect(await (await get("cancelled=true")).text()).toContain("No card was saved");
    expect(await (await get(`session_id=${session.id}`)).text()).toContain("No card was saved");
    stripe.controls.payCheckout(session.id, { card: GOOD_CARD });
    expect(await (await get(`session_id=${session.id}`)).text()).toContain("Your card is saved");
    expect((await get("session_id=cs_test_unknown")).status).toBe(404);
    const purchase = await buy(buyer);
    const checkout = stripe.controls.find("checkout.session", ({ url }) => url === purchase.body.pay_url)[0];
    expect((await get(`session_id=${checkout?.id}`)).status).toBe(404);
  });
});
