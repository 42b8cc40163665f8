import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { stopClock } from "../../support/clock";
import {
  CARD,
  claimOf,
  credit,
  fail,
  SETTINGS,
  toppedUpLedger,
  topUpOf,
  use,
  watchDriver,
} from "../../support/ledger/auto-top-up";
import { authorize, fundedLedger, renew, settle } from "../../support/ledger/ledger";

const NOW = "2030-11-10T12:00:00.000Z";
const EUR = 1_000_000;
const HOUR_MS = 3_600_000;

let clock: ReturnType<typeof stopClock>;
let driven: ReturnType<typeof watchDriver>;
beforeEach(() => {
  clock = stopClock(NOW);
  driven = watchDriver();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("credit is bought", () => {
  test("once, as soon as less remains than was set", async () => {
    const ledger = await toppedUpLedger(6 * EUR);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: null });
    await use(ledger, 2 * EUR);
    await use(ledger, 1 * EUR);
    const claim = await claimOf(ledger);
    expect(claim).toEqual({
      purchase_id: expect.stringMatching(/^pur_/),
      net_cents: 5_000,
      claimed_at_ms: Date.parse(NOW),
      card: CARD,
    });
    await vi.waitFor(() => expect(driven).toEqual([claim]));
  });

  test("by what live calls have used, not by what they hold", async () => {
    const ledger = await toppedUpLedger(5.05 * EUR);
    await ledger.send(authorize("c"));
    await ledger.send({ op: "answered", call_id: "c", answered_at_ms: null });
    expect((await ledger.account()).spendable_micros).toBeLessThan(5 * EUR);
    expect((await topUpOf(ledger)).claim).toBeNull();
    clock.pass(42_000);
    await ledger.send(renew("c", 1, 42));
    expect((await ledger.account()).remaining_micros).toBe(5_001_000);
    expect((await topUpOf(ledger)).claim).toBeNull();
    clock.pass(1_000);
    await ledger.send(renew("c", 2, 43));
    expect(await claimOf(ledger)).toMatchObject({ net_cents: 5_000 });
  });

  test("when what remains lasts the answered calls for less than was set, provider costs counted", async () => {
    const ledger = await toppedUpLedger(3 * EUR, { threshold_micros: null, runway_minutes: 30 });
    const burning = { expected_provider_micros_per_minute: 30_000 };
    await ledger.send(authorize("a", burning));
    await ledger.send({ op: "answered", call_id: "a", answered_at_ms: null });
    await ledger.send(authorize("b"));
    expect((await topUpOf(ledger)).claim).toBeNull();
    await ledger.send({ op: "answered", call_id: "b", answered_at_ms: null });
    expect((await topUpOf(ledger)).claim).not.toBeNull();
  });

  test("without a live call only when nothing remains, by runway", async () => {
    const ledger = await toppedUpLedger(0.01 * EUR, { threshold_micros: null, runway_minutes: 600 });
    expect((await topUpOf(ledger)).claim).toBeNull();
    await use(ledger, 0.01 * EUR);
    expect((await topUpOf(ledger)).claim).not.toBeNull();
  });

  test("again when its credit is there and still does not suffice", async () => {
    const ledger = await toppedUpLedger(-100 * EUR);
    const first = await claimOf(ledger);
    await credit(ledger, first);
    expect(await claimOf(ledger)).not.toMatchObject({ purchase_id: first.purchase_id });
  });

  test("when the organization may call again, when a card is saved, and when it is turned on", async () => {
    const ledger = await fundedLedger(0);
    expect(await ledger.stub().setAutoTopUp(SETTINGS)).toMatchObject({ code: "card_missing" });
    await ledger.stub().setProfile({ state: "suspended" });
    await ledger.stub().putTopUpCard(CARD);
    await ledger.stub().setAutoTopUp(SETTINGS);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: "organization_not_active" });
    await ledger.stub().setProfile({ state: "active" });
    expect((await topUpOf(ledger)).claim).not.toBeNull();
  });
});

describe("a claim stands", () => {
  test("until the entry of its own purchase is posted, and no repeat changes that", async () => {
    const ledger = await toppedUpLedger(0);
    const claim = await claimOf(ledger);
    await credit(ledger, { purchase_id: "pur_another", net_cents: 100 });
    clock.pass(40 * 24 * HOUR_MS);
    expect(await claimOf(ledger)).toEqual(claim);
    await credit(ledger, claim);
    await credit(ledger, claim);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: null, last_failure: null });
    expect((await ledger.account()).posted_micros).toBe(51 * EUR);
    expect(driven.length).toBe(1);
  });

  test("until its purchase has failed, which is told once and shown to people", async () => {
    const ledger = await toppedUpLedger(0);
    const { purchase_id } = await claimOf(ledger);
    await fail(ledger, "pur_another", "card_declined");
    expect(await claimOf(ledger)).toMatchObject({ purchase_id });
    await fail(ledger, purchase_id, "card_declined");
    const after = await topUpOf(ledger);
    expect(after).toMatchObject({
      claim: null,
      obstacle: "retry_later",
      retry_at_ms: Date.now() + HOUR_MS,
      last_failure: {
        purchase_id,
        net_cents: 5_000,
        code: "card_declined",
        message: "It failed: card_declined.",
      },
    });
    clock.pass(1_000);
    await fail(ledger, purchase_id, "card_unusable");
    expect(await topUpOf(ledger)).toEqual(after);
  });

  test("even when its organization is closed, its card removed and auto top-up turned off", async () => {
    const ledger = await toppedUpLedger(0);
    const claim = await claimOf(ledger);
    await ledger.stub().setProfile({ state: "closed" });
    await ledger.stub().removeTopUpCard(null);
    await ledger.stub().setAutoTopUp(null);
    expect(await claimOf(ledger)).toEqual(claim);
    await credit(ledger, claim);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: "off" });
  });
});

describe("nothing more is bought", () => {
  test("in a day than so many times, counted in UTC, failures included", async () => {
    const ledger = await toppedUpLedger(-500 * EUR, { max_per_day: 2 });
    await credit(ledger, await claimOf(ledger));
    await fail(ledger, (await claimOf(ledger)).purchase_id, "expired");
    clock.pass(HOUR_MS);
    await ledger.stub().health();
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: "max_per_day", used_today: 2 });
    clock.set("2030-11-10T23:59:59.999Z");
    await ledger.stub().health();
    expect((await topUpOf(ledger)).claim).toBeNull();
    clock.set("2030-11-11T00:00:00.000Z");
    await ledger.stub().health();
    expect(await topUpOf(ledger)).toMatchObject({ claim: {}, used_today: 1 });
  });

  test("in a month than its cap, to which what has failed does not count", async () => {
    const ledger = await toppedUpLedger(-500 * EUR, { monthly_cap_cents: 12_000 });
    await credit(ledger, await claimOf(ledger));
    await fail(ledger, (await claimOf(ledger)).purchase_id, "expired");
    expect(await topUpOf(ledger)).toMatchObject({ used_this_month_cents: 5_000 });
    clock.pass(HOUR_MS);
    await ledger.stub().health();
    await credit(ledger, await claimOf(ledger));
    clock.set("2030-11-30T23:59:59.999Z");
    await ledger.stub().health();
    expect(await topUpOf(ledger)).toMatchObject({
      claim: null,
      obstacle: "monthly_cap",
      used_this_month_cents: 10_000,
    });
    clock.set("2030-12-01T00:00:00.000Z");
    await ledger.stub().health();
    expect(await topUpOf(ledger)).toMatchObject({ claim: {}, used_this_month_cents: 5_000 });
  });

  test("than its cap also when money comes after all for what was given up", async () => {
    const ledger = await toppedUpLedger(-500 * EUR, { monthly_cap_cents: 12_000 });
    const late = await claimOf(ledger);
    await fail(ledger, late.purchase_id, "expired");
    await credit(ledger, late);
    expect(await topUpOf(ledger)).toMatchObject({ used_this_month_cents: 5_000, last_failure: null });
  });

  test("on a card that was declined three times in a row, until another one is saved", async () => {
    const ledger = await toppedUpLedger(0, { max_per_day: 10 });
    for (const day of [11, 12, 13]) {
      await fail(ledger, (await claimOf(ledger)).purchase_id, "card_declined");
      clock.set(`2030-11-${day}T12:00:00.000Z`);
      await ledger.stub().health();
    }
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: "card_declined" });
    await ledger.stub().setAutoTopUp(SETTINGS);
    await ledger.stub().putTopUpCard({ ...CARD, payment_method_id: "pm_2", consent_at_ms: 2 });
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: "card_declined" });
    await ledger.stub().putTopUpCard({ payment_method_id: "pm_3", fingerprint: "card-2", consent_at_ms: 3 });
    expect(await claimOf(ledger)).toMatchObject({ card: { payment_method_id: "pm_3" } });
  });

  test("on a card that will never be accepted, from the first time on, also when it is removed and saved again", async () => {
    const ledger = await toppedUpLedger(0);
    await fail(ledger, (await claimOf(ledger)).purchase_id, "card_unusable");
    await ledger.stub().removeTopUpCard(null);
    await ledger.stub().putTopUpCard({ ...CARD, payment_method_id: "pm_2", consent_at_ms: 2 });
    await ledger.stub().setAutoTopUp(SETTINGS);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: "card_declined" });
  });

  test("when its holder did not confirm, until the card is saved again", async () => {
    const ledger = await toppedUpLedger(0);
    await fail(ledger, (await claimOf(ledger)).purchase_id, "authentication_required");
    clock.pass(24 * HOUR_MS);
    await ledger.stub().health();
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: "authentication_required" });
    await ledger.stub().putTopUpCard({ ...CARD, payment_method_id: "pm_2", consent_at_ms: 2 });
    expect((await topUpOf(ledger)).claim).not.toBeNull();
  });

  test("for an hour after a failure; those that are not the card's never add up", async () => {
    const ledger = await toppedUpLedger(0, { max_per_day: 10 });
    for (let time = 0; time < 5; time++) {
      await fail(ledger, (await claimOf(ledger)).purchase_id, "expired");
      clock.pass(HOUR_MS - 1);
      await ledger.stub().health();
      expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: "retry_later" });
      clock.pass(1);
      await ledger.stub().health();
    }
    expect((await topUpOf(ledger)).claim).not.toBeNull();
  });

  test("for what the card before has done, when another one was saved meanwhile", async () => {
    const ledger = await toppedUpLedger(0);
    const { purchase_id } = await claimOf(ledger);
    await ledger.stub().putTopUpCard({ payment_method_id: "pm_2", fingerprint: "card-2", consent_at_ms: 2 });
    await fail(ledger, purchase_id, "authentication_required");
    expect(await claimOf(ledger)).toMatchObject({ card: { payment_method_id: "pm_2" } });
  });
});

describe("the card", () => {
  test("that was agreed to last is charged, in whatever order the ledger hears of them", async () => {
    const ledger = await toppedUpLedger(10 * EUR);
    await ledger.stub().putTopUpCard({ payment_method_id: "pm_3", fingerprint: "card-3", consent_at_ms: 3 });
    await ledger.stub().putTopUpCard({ payment_method_id: "pm_2", fingerprint: "card-2", consent_at_ms: 2 });
    await use(ledger, 10 * EUR);
    expect(await claimOf(ledger)).toMatchObject({ card: { payment_method_id: "pm_3" } });
  });

  test("when it is removed takes auto top-up with it; the removal of one that was replaced does not", async () => {
    const ledger = await toppedUpLedger(10 * EUR);
    await ledger.stub().removeTopUpCard("pm_before");
    expect(await topUpOf(ledger)).toMatchObject({ obstacle: null, settings: { enabled: true } });
    await ledger.stub().removeTopUpCard(CARD.payment_method_id);
    await ledger.stub().removeTopUpCard(CARD.payment_method_id);
    expect(await topUpOf(ledger)).toMatchObject({
      obstacle: "off",
      settings: { enabled: false, net_cents: 5_000 },
    });
    await use(ledger, 10 * EUR);
    expect((await topUpOf(ledger)).claim).toBeNull();
  });
});

test("a closed call changes what remains as much as its charge says: nothing drifts", async () => {
  const ledger = await toppedUpLedger(5.1 * EUR);
  await ledger.send(authorize("c"));
  clock.pass(60_000);
  await ledger.send(renew("c", 1, 60));
  await ledger.send(settle("c", 84_000));
  expect((await ledger.account()).remaining_micros).toBe(5_002_000);
  expect((await topUpOf(ledger)).claim).toBeNull();
});
