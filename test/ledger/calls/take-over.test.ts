import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stopClock } from "../../support/clock";
import {
  authorize,
  fundedLedger,
  grantOf,
  rateOf,
  receiptOf,
  renew,
  settle,
  wordOf,
} from "../../support/ledger/ledger";

const CREDIT = 1_000_000;

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock();
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A ledger with a call that a customer has placed. */
async function placed() {
  const ledger = await fundedLedger(CREDIT);
  await ledger.send(authorize("c", { placed: { attempt_id: "req_1", request_digest: "one" } }));
  return ledger;
}

const DEAR = {
  rate_name: "dear",
  standard_rate: rateOf({ name: "dear", price_micros_per_minute: 100_000_000 }),
};

test("a call refused to its node that ran all the same costs what was told of it, as the node's terms say", async () => {
  const ledger = await placed();
  await ledger.send({ ...renew("c", 1, 0), provider_cost_micros: 5_000 });
  expect(wordOf(await ledger.send(authorize("c", DEAR)))).toBe("insufficient_credits");
  clock.pass(60_000);
  expect(receiptOf(await ledger.send(settle("c", 30_000, { provider_costs: null })))).toMatchObject({
    fee_micros: 50_000_000,
    provider_cost_micros: 5_000,
    overrun_micros: 50_005_000,
  });
  expect(await ledger.verify()).toMatchObject({ ok: true });
});

test("a call is no leg of itself, whoever began it", async () => {
  const ledger = await placed();
  expect(await ledger.send(authorize("c", { parent_call_id: "c" }))).toMatchObject({
    code: "invalid",
    param: "parent_call_id",
  });
  expect(wordOf(await ledger.send(authorize("c")))).toBe("granted");
});

test("of a suspended organization an answered call gets no more than it had", async () => {
  const ledger = await placed();
  await ledger.send({ op: "answered", call_id: "c", answered_at_ms: null });
  clock.pass(50_000);
  const { granted_seconds } = grantOf(await ledger.send(renew("c", 1, 50)));
  clock.pass(40_000);
  await ledger.stub().setProfile({ state: "suspended" });
  await ledger.send(authorize("other", { placed: { attempt_id: "req_2", request_digest: "two" } }));
  expect(grantOf(await ledger.send(authorize("c", { max_duration_seconds: 3_600 })))).toMatchObject({
    granted_seconds,
    final_unit: true,
  });
  expect(await ledger.account()).toMatchObject({
    held_micros: Math.ceil((granted_seconds * 70_000) / 60 - 0.5),
  });
});

test("a call taken over long after it was placed ends, although the clock is set back while the ledger is away", async () => {
  const ledger = await placed();
  clock.pass(170_000);
  await ledger.send(authorize("c"));
  await evictDurableObject(ledger.stub());
  clock.pass(100_000 - 170_000);
  expect(receiptOf(await ledger.send(settle("c", 260_000)))).toMatchObject({ duration_ms: 260_000 });
});
