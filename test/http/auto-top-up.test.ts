import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, type Json } from "../support/api/api";
import { adjust, newOrganization, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { watchDriver } from "../support/ledger/auto-top-up";
import {
  AUTO_TOP_UP,
  claimingBuyer,
  drive,
  invoicesOf,
  saveCardOnPage,
  turnOn,
} from "../support/purchases/auto-top-up";
import { GOOD_CARD, newBuyer } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const NOW = "2030-11-10T12:00:00.000Z";
const ASKS_EVERY_TIME = "4000002760003184";
const FAILS_WHEN_CHARGED = "4000000000000341";

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

function put({ key }: { key: string }, body: Json) {
  return api("PUT", "/api/v1/auto_top_up", { key, body });
}

async function autoTopUp({ key }: { key: string }): Promise<Json> {
  return (await api("GET", "/api/v1/auto_top_up", { key })).body;
}

/** A key of the organization that may do only this. */
async function keyFor({ key }: TestOrganization, scope: string): Promise<string> {
  const body = { label: "test", scopes: [scope] };
  return (await api("POST", "/api/v1/api_keys", { key, body })).body.key;
}

/** A buyer with a saved card and enough credit that nothing is bought. */
async function cardHolder() {
  const stripe = standInStripe();
  const buyer = await newBuyer();
  await adjust(buyer, 100_000_000);
  await saveCardOnPage(stripe, buyer);
  return buyer;
}

describe("auto top-up", () => {
  test("that was never set is off and shows the words that turning it on means", async () => {
    const organization = await newOrganization();
    expect(await autoTopUp(organization)).toEqual({
      enabled: false,
      threshold_micros: null,
      runway_minutes: null,
      currency: "EUR",
      net_cents: null,
      max_per_day: null,
      monthly_cap_cents: null,
      consent_text: expect.stringContaining("I agree"),
      consent: null,
      status: "off",
      paused_because: null,
      retry_at: null,
      purchase_id: null,
      pay_url: null,
      used_today: 0,
      used_this_month_cents: 0,
      last_failure: null,
    });
  });

  test("is turned on with the words that were agreed to, and off again without losing what was set", async () => {
    const buyer = await cardHolder();
    const on = await turnOn(buyer);
    expect(on).toMatchObject({
      enabled: true,
      threshold_micros: 5_000_000,
      runway_minutes: null,
      net_cents: 5_000,
      max_per_day: 3,
      monthly_cap_cents: 50_000,
      status: "idle",
      consent: { text: on.consent_text, given_at: NOW },
    });
    expect(await autoTopUp(buyer)).toEqual(on);
    const off = await put(buyer, { enabled: false });
    expect(off.body).toEqual({ ...on, enabled: false, status: "off" });
  });

  test("watches a runway instead of a threshold", async () => {
    const buyer = await cardHolder();
    const { threshold_micros: _, ...rest } = AUTO_TOP_UP;
    const { body } = await put(buyer, { ...rest, runway_minutes: 30 });
    expect(body).toMatchObject({ threshold_micros: null, runway_minutes: 30, status: "idle" });
  });

  test("cannot be turned on without a saved card", async () => {
    standInStripe();
    const answer = await put(await newBuyer(), AUTO_TOP_UP);
    expect(answer).toMatchObject({ status: 409, body: { error: { code: "card_missing" } } });
  });

  test("cannot be turned on where nothing is sold", async () => {
    const buyer = await cardHolder();
    const answer = await api("PUT", "/api/v1/auto_top_up", {
      key: buyer.key,
      body: AUTO_TOP_UP,
      bindings: { STRIPE_SECRET_KEY: "" },
    });
    expect(answer).toMatchObject({ status: 503, body: { error: { code: "purchases_unavailable" } } });
  });

  test.for<[string, Json, number, string, string]>([
    ["no consent", { consent: undefined }, 400, "missing_field", "consent"],
    ["a refused consent", { consent: false }, 400, "invalid_request", "consent"],
    ["no amount", { net_cents: undefined }, 400, "missing_field", "net_cents"],
    ["too small an amount", { net_cents: 999 }, 422, "unprocessable", "net_cents"],
    ["too large an amount", { net_cents: 500_001 }, 422, "unprocessable", "net_cents"],
    ["a part of a cent", { net_cents: 5_000.5 }, 400, "invalid_request", "net_cents"],
    ["a cap below the amount", { monthly_cap_cents: 4_999 }, 422, "unprocessable", "monthly_cap_cents"],
    ["an amount not above the limit", { threshold_micros: 50_000_000 }, 422, "unprocessable", "net_cents"],
    ["no limit of the day", { max_per_day: 0 }, 400, "invalid_request", "max_per_day"],
    ["too many a day", { max_per_day: 11 }, 400, "invalid_request", "max_per_day"],
    ["nothing to watch", { threshold_micros: undefined }, 400, "missing_field", "threshold_micros"],
    ["two things to watch", { runway_minutes: 30 }, 400, "invalid_request", "runway_minutes"],
    ["a threshold of nothing", { threshold_micros: 0 }, 400, "invalid_request", "threshold_micros"],
    ["settings beside off", { enabled: false }, 400, "invalid_request", "threshold_micros"],
    ["neither on nor off", { enabled: undefined }, 400, "missing_field", "enabled"],
    ["a field that is not there", { amount: 1 }, 400, "invalid_request", "amount"],
  ])("refuses %s, names the field and changes nothing", async ([, changes, status, code, param]) => {
    const buyer = await cardHolder();
    expect(await put(buyer, { ...AUTO_TOP_UP, ...changes })).toMatchObject({
      status,
      body: { error: { code, param } },
    });
    expect((await autoTopUp(buyer)).net_cents).toBeNull();
  });

  test("set before an amount had to be above the limit goes on", async () => {
    const buyer = await cardHolder();
    const { consent: _, ...settings } = {
      ...AUTO_TOP_UP,
      threshold_micros: 200_000_000,
      runway_minutes: null,
    };
    const consent = { text: "Yes", at_ms: Date.now(), key_id: "key_of_before" };
    await env.LEDGER.getByName(buyer.id).setAutoTopUp({ ...settings, consent });
    expect(await autoTopUp(buyer)).toMatchObject({
      enabled: true,
      threshold_micros: 200_000_000,
      status: "under_way",
    });
  });

  test("is read with the scope read and set with the scope billing only", async () => {
    const buyer = await cardHolder();
    const reader = { key: await keyFor(buyer, "read") };
    const biller = { key: await keyFor(buyer, "billing") };
    expect((await api("GET", "/api/v1/auto_top_up", reader)).status).toBe(200);
    expect((await put(reader, AUTO_TOP_UP)).body.error.code).toBe("forbidden");
    expect((await put(biller, AUTO_TOP_UP)).status).toBe(200);
    expect((await api("GET", "/api/v1/auto_top_up", biller)).body.error.code).toBe("forbidden");
  });
});

describe("auto top-up shows", () => {
  test("what is under way and what it has used of the day and the month", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe);
    const { purchase_id } = buyer.claim;
    const used = { used_today: 1, used_this_month_cents: 5_000 };
    expect(await autoTopUp(buyer)).toMatchObject({
      status: "under_way",
      purchase_id,
      pay_url: null,
      ...used,
    });
    await drive(buyer);
    expect(await autoTopUp(buyer)).toMatchObject({ status: "idle", purchase_id: null, ...used });
  });

  test("where the card's holder confirms, and that it waits for the card when nobody did", async () => {
    const stripe = standInStripe();
    const buyer = await claimingBuyer(stripe, { card: ASKS_EVERY_TIME });
    await drive(buyer);
    const [invoice] = invoicesOf(stripe, buyer.claim);
    expect(await autoTopUp(buyer)).toMatchObject({
      status: "requires_action",
      purchase_id: buyer.claim.purchase_id,
      pay_url: invoice?.hosted_invoice_url,
    });
    clock.pass(24 * 3_600_000);
    await drive(buyer);
    expect(await autoTopUp(buyer)).toMatchObject({
      status: "paused",
      paused_because: "authentication_required",
      pay_url: null,
      last_failure: { code: "authentication_required" },
    });
  });

  test("why it failed and when it is tried again", async () => {
    const buyer = await claimingBuyer(standInStripe(), { card: FAILS_WHEN_CHARGED });
    await drive(buyer);
    expect(await autoTopUp(buyer)).toMatchObject({
      status: "paused",
      paused_because: "retry_later",
      retry_at: "2030-11-10T13:00:00.000Z",
      used_today: 1,
      used_this_month_cents: 0,
      last_failure: {
        purchase_id: buyer.claim.purchase_id,
        net_cents: 5_000,
        code: "card_declined",
        message: "Your card was declined.",
        failed_at: NOW,
      },
    });
  });

  test("that the limit of the day is reached", async () => {
    const buyer = await claimingBuyer(standInStripe(), { card: GOOD_CARD });
    await drive(buyer);
    await turnOn(buyer, { max_per_day: 1 });
    expect(await autoTopUp(buyer)).toMatchObject({ status: "paused", paused_because: "max_per_day" });
  });
});
