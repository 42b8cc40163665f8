import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stopClock } from "../../support/clock";
import { authorize, fundedLedger, rateOf, renew, settle, type TestLedger } from "../../support/ledger/ledger";

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock();
});
afterEach(() => {
  vi.useRealTimers();
});

const burn = async (ledger: TestLedger) => (await ledger.account()).burn_micros_per_minute;

const firedAlerts = async (ledger: TestLedger) => {
  const answer = await ledger.stub().alerts(null);
  if (answer.outcome !== "alerts") throw new Error(answer.outcome);
  return answer.alerts.fired;
};

/** A call that has lasted so many minutes, with a renewal in each. */
async function longCall(ledger: TestLedger, minutes: number): Promise<void> {
  await ledger.send(authorize("long"));
  for (let minute = 1; minute <= minutes; minute++) {
    clock.pass(60_000);
    await ledger.send(renew("long", minute, minute * 60));
  }
}

test("a long live call burns what it costs a minute, also to an object that comes back during it", async () => {
  const ledger = await fundedLedger(100_000_000);
  await longCall(ledger, 30);
  expect(await burn(ledger)).toBe(70_000);
  await evictDurableObject(ledger.stub());
  expect(await burn(ledger)).toBe(70_000);
});

test("a long call that has just ended burned its last minutes, not all of it, to an object that comes back", async () => {
  const ledger = await fundedLedger(100_000_000);
  await longCall(ledger, 30);
  await ledger.send(settle("long", 30 * 60_000));
  const before = await burn(ledger);
  expect(before).toBeGreaterThan(0);
  await evictDurableObject(ledger.stub());
  const after = await burn(ledger);
  expect(Math.abs(after - before)).toBeLessThanOrEqual(14_000);
});

test("an alert in minutes that has gone off at the operator's price does not go off again for a restart", async () => {
  // 60 minutes at this price are 8,400,000, at the price of one who has heard of none 4,200,000.
  const standard_rate = rateOf({ price_micros_per_minute: 140_000 });
  const ledger = await fundedLedger(9_000_000);
  await ledger.send(authorize("call", { standard_rate }));
  await ledger.post("adjustment:less", -1_000_000);
  expect(await firedAlerts(ledger)).toEqual(["minutes:60"]);
  await evictDurableObject(ledger.stub());
  clock.pass(10_000);
  await ledger.send(renew("call", 1, 10));
  expect(await firedAlerts(ledger)).toEqual(["minutes:60"]);
});
