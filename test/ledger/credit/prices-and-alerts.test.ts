import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DatedRate } from "../../../src/ledger/core/credit/rating";
import { stopClock } from "../../support/clock";
import { claimOf, toppedUpLedger, topUpOf, watchDriver } from "../../support/ledger/auto-top-up";
import {
  authorize,
  fundedLedger,
  rateOf,
  renew,
  type TestLedger,
  VOICE,
  wordOf,
} from "../../support/ledger/ledger";

const HOUR_MS = 3_600_000;
/** 60 minutes at the built-in price cost 4.20: this is not low. */
const CREDIT_MICROS = 5_000_000;

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const dearer = (after_ms = 0): DatedRate => ({
  ...rateOf({ price_micros_per_minute: 140_000 }),
  effective_from_ms: Date.now() + after_ms,
});

async function fired(ledger: TestLedger): Promise<string[]> {
  const answer = await ledger.stub().alerts(null);
  if (answer.outcome !== "alerts") throw new Error(answer.outcome);
  return answer.alerts.fired;
}

test("credit that is low at the organization's own new price is told of at once", async () => {
  const ledger = await fundedLedger(CREDIT_MICROS);
  expect(await fired(ledger)).toEqual([]);
  await ledger.stub().putRate(dearer());
  expect(await fired(ledger)).toEqual(["minutes:60"]);
});

test("a price of its own that comes into force by time is told of then, without a call", async () => {
  const ledger = await fundedLedger(CREDIT_MICROS);
  await ledger.stub().putRate(dearer(HOUR_MS));
  await runDurableObjectAlarm(ledger.stub());
  expect(await fired(ledger)).toEqual([]);
  clock.pass(HOUR_MS);
  expect(await runDurableObjectAlarm(ledger.stub())).toBe(true);
  expect(await fired(ledger)).toEqual(["minutes:60"]);
});

test("so is the operator's price, now or at its time, also to an object that was away meanwhile", async () => {
  const now = await fundedLedger(CREDIT_MICROS);
  await now.stub().hearOfCard([dearer()]);
  expect(await fired(now)).toEqual(["minutes:60"]);
  const later = await fundedLedger(CREDIT_MICROS);
  await later.stub().hearOfCard([dearer(HOUR_MS)]);
  expect(await fired(later)).toEqual([]);
  await evictDurableObject(later.stub());
  clock.pass(HOUR_MS);
  expect(await runDurableObjectAlarm(later.stub())).toBe(true);
  expect(await fired(later)).toEqual(["minutes:60"]);
});

test("a request that still carries the price before a change neither arms an alert nor has it go off again", async () => {
  const ledger = await fundedLedger(CREDIT_MICROS);
  await ledger.stub().hearOfCard([dearer()]);
  await ledger.send(authorize("stale", { standard_rate: VOICE }));
  expect(await fired(ledger)).toEqual(["minutes:60"]);
  clock.pass(HOUR_MS);
  await ledger.send(authorize("cheaper", { standard_rate: VOICE }));
  expect(await fired(ledger)).toEqual([]);
});

test("credit that live calls have used is gone, that which they hold is in use", async () => {
  const ledger = await fundedLedger(70_500);
  await ledger.send(authorize("call"));
  expect(wordOf(await ledger.send(authorize("second")))).toBe("credit_in_use");
  clock.pass(60_000);
  await ledger.send(renew("call", 1, 60));
  expect(wordOf(await ledger.send(authorize("third")))).toBe("insufficient_credits");
});

test("credit that pays for no call any more is bought anew by a runway, though nothing burns", async () => {
  watchDriver();
  const ledger = await toppedUpLedger(0, { threshold_micros: null, runway_minutes: 30 });
  expect(await claimOf(ledger)).not.toBeNull();
  const whole_minutes = await toppedUpLedger(2_000, { threshold_micros: null, runway_minutes: 30 });
  expect((await topUpOf(whole_minutes)).claim).toBeNull();
  await whole_minutes.stub().putRate({
    ...rateOf({ first_seconds: 60, next_seconds: 60 }),
    effective_from_ms: Date.now(),
  });
  expect((await topUpOf(whole_minutes)).claim).not.toBeNull();
});
