import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EventRelay } from "../../../src/ledger/object/event-relay";
import { stopClock } from "../../support/clock";
import {
  CARD,
  claimOf,
  credit,
  fail,
  notedOf,
  reverse,
  SETTINGS,
  toppedUpLedger,
  topUpOf,
  use,
  watchDriver,
} from "../../support/ledger/auto-top-up";
import type { TestLedger } from "../../support/ledger/ledger";

const EUR = 1_000_000;
const HOUR_MS = 3_600_000;

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock("2030-11-10T12:00:00.000Z");
  watchDriver();
  // What is to be told stays where it was noted.
  vi.spyOn(EventRelay.prototype, "flush").mockResolvedValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Whatever else happens to a ledger that does not turn auto top-up on. */
async function liveOn(ledger: TestLedger): Promise<void> {
  await use(ledger, 1 * EUR);
  await runDurableObjectAlarm(ledger.stub());
  await evictDurableObject(ledger.stub());
  clock.pass(25 * HOUR_MS);
  await ledger.stub().health();
  await ledger.stub().putTopUpCard({ ...CARD, payment_method_id: "pm_new", consent_at_ms: Date.now() });
  await ledger.stub().setProfile({ state: "suspended" });
  await ledger.stub().setProfile({ state: "active" });
}

const paused = (reason: string, purchase_id: string | null = null) => ({
  type: "auto_top_up.paused",
  data: { reason, purchase_id },
});

describe.each(["refund", "dispute"] as const)("a %s", (kind) => {
  test("pauses auto top-up whatever remains, until a person turns it on again", async () => {
    const ledger = await toppedUpLedger(100 * EUR);
    await reverse(ledger, kind, "one", -10 * EUR);
    await reverse(ledger, kind, "one", -10 * EUR);
    await reverse(ledger, kind, "two", -10 * EUR);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: kind, settings: { enabled: true } });
    expect(await notedOf(ledger)).toEqual([paused(kind)]);
    await use(ledger, 80 * EUR);
    await liveOn(ledger);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: kind, waits_for_person: true });
    await ledger.stub().setAutoTopUp(SETTINGS);
    expect(await claimOf(ledger)).toMatchObject({ net_cents: 5_000 });
  });

  test("that is given back leaves it paused", async () => {
    const ledger = await toppedUpLedger(10 * EUR);
    await reverse(ledger, kind, "one", -10 * EUR);
    await reverse(ledger, kind, "one:back", 2 * EUR);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: kind });
  });

  test("while a purchase is under way lets that one end, and none follow", async () => {
    const ledger = await toppedUpLedger(0);
    const claim = await claimOf(ledger);
    await reverse(ledger, kind, "one", -200 * EUR);
    expect(await claimOf(ledger)).toEqual(claim);
    expect(await notedOf(ledger)).toEqual([paused(kind)]);
    await credit(ledger, claim);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: kind });
  });

  test("is heard of once: a repeat does not stop whoever has turned it on since", async () => {
    const ledger = await toppedUpLedger(10 * EUR);
    const hear = () => ledger.stub().pauseTopUp(`${kind}:one:heard`, kind);
    await hear();
    expect(await topUpOf(ledger)).toMatchObject({ obstacle: kind });
    await ledger.stub().setAutoTopUp(SETTINGS);
    await hear();
    expect(await topUpOf(ledger)).toMatchObject({ obstacle: null });
    expect(await notedOf(ledger)).toEqual([paused(kind)]);
  });
});

describe("an adjustment that takes credit", () => {
  test("pauses when by itself it brings what remains under the limit, and never buys", async () => {
    const ledger = await toppedUpLedger(20 * EUR);
    await ledger.post("adjustment:one", -16 * EUR);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: "adjustment" });
    expect(await notedOf(ledger)).toEqual([paused("adjustment")]);
    await liveOn(ledger);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: "adjustment" });
    await ledger.stub().setAutoTopUp(SETTINGS);
    expect((await topUpOf(ledger)).claim).not.toBeNull();
  });

  test("pauses nothing when enough remains, and use buys afterwards as ever", async () => {
    const ledger = await toppedUpLedger(20 * EUR);
    await ledger.post("adjustment:one", -15 * EUR);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: null });
    await use(ledger, 0.01 * EUR);
    expect((await topUpOf(ledger)).claim).not.toBeNull();
    expect(await notedOf(ledger)).toEqual([]);
  });

  test("pauses nothing when use had brought it under the limit: a new day buys as ever", async () => {
    const ledger = await toppedUpLedger(4 * EUR, { max_per_day: 1 });
    await fail(ledger, (await claimOf(ledger)).purchase_id, "expired");
    await ledger.post("adjustment:one", -1 * EUR);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: "max_per_day" });
    clock.pass(24 * HOUR_MS);
    await ledger.stub().health();
    expect((await topUpOf(ledger)).claim).not.toBeNull();
  });

  test("pauses when what is under way would have been enough without it: nothing is bought twice", async () => {
    const ledger = await toppedUpLedger(4 * EUR);
    const claim = await claimOf(ledger);
    await ledger.post("adjustment:one", -54 * EUR);
    await credit(ledger, claim);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: "adjustment" });
  });

  test("by a runway pauses when nothing remains, and not before", async () => {
    const ledger = await toppedUpLedger(20 * EUR, { threshold_micros: null, runway_minutes: 60 });
    await ledger.post("adjustment:one", -19 * EUR);
    expect(await topUpOf(ledger)).toMatchObject({ obstacle: null });
    await ledger.post("adjustment:two", -1 * EUR);
    expect(await topUpOf(ledger)).toMatchObject({ claim: null, obstacle: "adjustment" });
  });
});

test("a restore that leaves too little pauses it, one that leaves enough does not, and neither buys", async () => {
  const rich = await toppedUpLedger(20 * EUR);
  await rich.stub().beginEpoch(2);
  expect(await topUpOf(rich)).toMatchObject({ claim: null, obstacle: null });
  const poor = await toppedUpLedger(5 * EUR, { max_per_day: 1 });
  await use(poor, 1 * EUR);
  await fail(poor, (await claimOf(poor)).purchase_id, "expired");
  clock.pass(24 * HOUR_MS);
  await poor.stub().beginEpoch(2);
  expect(await topUpOf(poor)).toMatchObject({ claim: null, obstacle: "restore" });
  expect(await notedOf(poor)).toContainEqual(paused("restore"));
  await poor.stub().setAutoTopUp(SETTINGS);
  const { claim } = await topUpOf(poor);
  expect(claim).not.toBeNull();
  await poor.stub().beginEpoch(2);
  expect((await topUpOf(poor)).claim).toEqual(claim);
});

describe("whatever ends or pauses auto top-up is told once", () => {
  test.each([
    ["turned off", "turned_off", (ledger: TestLedger) => ledger.stub().setAutoTopUp(null)],
    ["its card removed", "card_removed", (ledger: TestLedger) => ledger.stub().removeTopUpCard(null)],
    [
      "its organization suspended",
      "organization_not_active",
      (ledger: TestLedger) => ledger.stub().setProfile({ state: "suspended" }),
    ],
    [
      "its organization closed",
      "organization_not_active",
      (ledger) => ledger.stub().setProfile({ state: "closed" }),
    ],
  ] as [string, string, (ledger: TestLedger) => Promise<unknown>][])("%s", async (_, reason, happen) => {
    const ledger = await toppedUpLedger(20 * EUR);
    await happen(ledger);
    await happen(ledger);
    await use(ledger, 1 * EUR);
    await ledger.stub().health();
    expect(await notedOf(ledger)).toEqual([paused(reason)]);
  });

  test("a limit, when there is something that it keeps from being bought, once a day or month", async () => {
    const ledger = await toppedUpLedger(0, { max_per_day: 1 });
    await credit(ledger, await claimOf(ledger));
    await use(ledger, 1 * EUR);
    expect(await notedOf(ledger)).toEqual([]);
    await use(ledger, 48 * EUR);
    await ledger.post("adjustment:gift", 10 * EUR);
    await use(ledger, 10 * EUR);
    expect(await notedOf(ledger)).toEqual([paused("max_per_day")]);
    clock.pass(24 * HOUR_MS);
    await ledger.stub().health();
    await credit(ledger, await claimOf(ledger));
    await use(ledger, 50 * EUR);
    expect(await notedOf(ledger)).toEqual([paused("max_per_day"), paused("max_per_day")]);
  });

  test.each(["card_unusable", "authentication_required"])(
    "%s, with the purchase that met it",
    async (code) => {
      const ledger = await toppedUpLedger(0);
      const { purchase_id } = await claimOf(ledger);
      await fail(ledger, purchase_id, code);
      await use(ledger, 1 * EUR);
      const reason = code === "card_unusable" ? "card_declined" : code;
      expect((await notedOf(ledger)).filter(({ type }) => type === "auto_top_up.paused")).toEqual([
        paused(reason, purchase_id),
      ]);
    },
  );

  test("and again when it begins anew", async () => {
    const ledger = await toppedUpLedger(20 * EUR);
    for (const state of ["suspended", "active", "suspended"] as const)
      await ledger.stub().setProfile({ state });
    await ledger.stub().setProfile({ state: "active" });
    await reverse(ledger, "refund", "one", -1 * EUR);
    await ledger.stub().setAutoTopUp(SETTINGS);
    clock.pass(1);
    await reverse(ledger, "refund", "two", -1 * EUR);
    expect(await notedOf(ledger)).toEqual([
      paused("organization_not_active"),
      paused("organization_not_active"),
      paused("refund"),
      paused("refund"),
    ]);
  });
});
