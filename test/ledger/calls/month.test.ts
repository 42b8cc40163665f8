import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stopClock } from "../../support/clock";
import { authorize, fundedLedger, rateOf, settle, type TestLedger } from "../../support/ledger/ledger";

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock("2030-11-10T12:00:00.000Z");
});
afterEach(() => {
  vi.useRealTimers();
});

const monthSeconds = async (ledger: TestLedger) => (await ledger.account()).month_seconds;

const correct = (ledger: TestLedger, correction_id: string, duration_ms: number) =>
  ledger.send({ op: "correct", call_id: "call", correction_id, duration_ms, reason: "CDR" });

test("a correction of billed time alone, of a call so cheap that its charge stays, counts and is an entry of 0", async () => {
  const ledger = await fundedLedger(1_000_000);
  await ledger.send(authorize("call", { standard_rate: rateOf({ price_micros_per_minute: 10 }) }));
  clock.pass(65_000);
  // Above the quota by more than a late timer, so that each second is billed.
  await ledger.send(settle("call", 63_000));
  await correct(ledger, "1", 64_000);
  await evictDurableObject(ledger.stub());
  expect(await monthSeconds(ledger)).toBe(64);
  expect((await ledger.entries()).at(-1)).toMatchObject({ kind: "correction", amount_micros: 0 });
  expect(await ledger.verify()).toMatchObject({ ok: true });
});

test("a call that comes to nothing is usage with its seconds, and what a correction charges", async () => {
  const ledger = await fundedLedger(1_000_000);
  await ledger.send(authorize("call", { standard_rate: rateOf({ price_micros_per_minute: 10 }) }));
  clock.pass(60_000);
  await ledger.send(settle("call", 2_000));
  expect(await monthSeconds(ledger)).toBe(2);
  await correct(ledger, "1", 60_000);
  expect(await monthSeconds(ledger)).toBe(60);
  expect((await ledger.entries()).map(({ amount_micros }) => amount_micros)).toEqual([1_000_000, 0, -10]);
});
