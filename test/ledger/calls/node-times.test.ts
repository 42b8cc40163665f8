import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RatedParties, Settle } from "../../../src/ledger/core/calls/commands";
import { EventRelay } from "../../../src/ledger/object/event-relay";
import { stopClock } from "../../support/clock";
import {
  authorize,
  fundedLedger,
  receiptOf,
  settle,
  type TestLedger,
  VOICE,
} from "../../support/ledger/ledger";

const CREDIT = 10_000_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock();
  // What is to be told stays where it can be read.
  vi.spyOn(EventRelay.prototype, "flush").mockResolvedValue(true);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What operators are to be told of wrong clocks. */
async function skews(ledger: TestLedger): Promise<{ skew_ms: number; edge_key_id: string | null }[]> {
  return runInDurableObject(ledger.stub(), (_, state) =>
    state.storage.sql
      .exec<{ data: string }>("SELECT data FROM event WHERE type = 'ops.clock_skew' ORDER BY seq")
      .toArray()
      .map(({ data }) => JSON.parse(data)),
  );
}

describe.each([
  ["an hour ahead", HOUR_MS],
  ["an hour behind", -HOUR_MS],
  ["a year ahead", 365 * DAY_MS],
  ["a year behind", -365 * DAY_MS],
])("a node whose clock is %s", (_, skew_ms) => {
  test("has its call answered and charged like any other; its times are kept beside those that can be", async () => {
    const ledger = await fundedLedger(CREDIT);
    const started_at_ms = Date.now();
    await ledger.send(authorize("c"));
    clock.pass(5_000);
    const answered_at_ms = Date.now() + skew_ms;
    const answer = await ledger.send({ op: "answered", call_id: "c", answered_at_ms, edge_key_id: "key_1" });
    expect(answer.outcome).toBe("granted");
    clock.pass(40_000);
    const ended_at_ms = Date.now() + skew_ms;
    const report = settle("c", 40_000, { answered_at_ms, ended_at_ms });
    const receipt = receiptOf(await ledger.send(report));
    expect(receipt).toMatchObject({
      charged_micros: 46_667,
      reported_answered_at_ms: answered_at_ms,
      reported_ended_at_ms: ended_at_ms,
      flags: ["times_moved"],
    });
    expect(receipt.answered_at_ms).toBeGreaterThanOrEqual(started_at_ms);
    expect(receipt.ended_at_ms).toBeGreaterThanOrEqual(receipt.answered_at_ms ?? 0);
    expect(receipt.ended_at_ms).toBeLessThanOrEqual(Date.now());
    expect(Math.abs(receipt.ended_at_ms - (receipt.answered_at_ms ?? 0) - 40_000)).toBeLessThanOrEqual(5_000);
    expect(receiptOf(await ledger.send(report))).toEqual(receipt);
  });

  test("is told to operators once an hour for each key, with how far it is off", async () => {
    const ledger = await fundedLedger(CREDIT);
    for (const call_id of ["a", "b", "c"]) await ledger.send(authorize(call_id));
    clock.pass(40_000);
    const end = (call_id: string, edge_key_id: string) =>
      ledger.send(settle(call_id, 30_000, { ended_at_ms: Date.now() + skew_ms, edge_key_id }));
    await end("a", "key_1");
    await end("b", "key_1");
    await end("c", "key_2");
    const told = await skews(ledger);
    expect(told.map(({ edge_key_id }) => edge_key_id)).toEqual(["key_1", "key_2"]);
    for (const each of told) expect(Math.abs(each.skew_ms - skew_ms)).toBeLessThanOrEqual(40_000);
    clock.pass(HOUR_MS);
    await ledger.send(authorize("d"));
    await end("d", "key_1");
    expect((await skews(ledger)).length).toBe(3);
  });
});

test("the times of a node whose clock is off by what is tolerated are kept as told, and nobody is told", async () => {
  const ledger = await fundedLedger(CREDIT);
  await ledger.send(authorize("c"));
  clock.pass(40_000);
  const [answered_at_ms, ended_at_ms] = [Date.now() + 20_000, Date.now() + 60_000];
  const receipt = receiptOf(await ledger.send(settle("c", 40_000, { answered_at_ms, ended_at_ms })));
  expect(receipt).toMatchObject({ answered_at_ms, ended_at_ms, reported_ended_at_ms: null, flags: [] });
  expect(await skews(ledger)).toEqual([]);
});

test("times of a known call that disagree with its length are flagged, and its length is charged", async () => {
  const ledger = await fundedLedger(CREDIT);
  await ledger.send(authorize("c"));
  clock.pass(300_000);
  const times = { answered_at_ms: Date.now() - 100_000, ended_at_ms: Date.now() - 90_000 };
  const receipt = receiptOf(await ledger.send(settle("c", 240_000, times)));
  expect(receipt).toMatchObject({ ...times, charged_micros: 280_000, flags: ["times_disagree"] });
});

test("a known call never ends before its answer", async () => {
  const ledger = await fundedLedger(CREDIT);
  await ledger.send(authorize("c"));
  clock.pass(60_000);
  const times = { answered_at_ms: Date.now() - 5_000, ended_at_ms: Date.now() - 20_000 };
  const receipt = receiptOf(await ledger.send(settle("c", 15_000, times)));
  expect(receipt).toMatchObject({
    answered_at_ms: Date.now() - 35_000,
    ended_at_ms: times.ended_at_ms,
    reported_answered_at_ms: times.answered_at_ms,
  });
});

test("operators hear once an hour of a clock that is wrong in every call", async () => {
  const ledger = await fundedLedger(CREDIT);
  for (let minute = 0; minute < 150; minute += 10) {
    await ledger.send(authorize(`c${minute}`));
    clock.pass(10 * 60_000);
    await ledger.send(settle(`c${minute}`, 40_000, { ended_at_ms: Date.now() + HOUR_MS }));
  }
  expect((await skews(ledger)).length).toBe(3);
});

describe("a call whose answer was told a little ahead never ends before it", () => {
  async function answeredAhead() {
    const ledger = await fundedLedger(CREDIT);
    await ledger.send(authorize("c"));
    const answered_at_ms = Date.now() + 50_000;
    await ledger.send({ op: "answered", call_id: "c", answered_at_ms });
    return { ledger, answered_at_ms };
  }

  test("when its node falls silent", async () => {
    const { ledger, answered_at_ms } = await answeredAhead();
    for (let rings = 0; rings < 5 && (await ledger.account()).active_calls > 0; rings++) {
      clock.pass(130_000);
      await runDurableObjectAlarm(ledger.stub());
    }
    const times = { answered_at_ms, ended_at_ms: answered_at_ms };
    expect(await ledger.stub().call(null, "c")).toMatchObject({
      known: { call: { outcome: "lost", ...times } },
    });
  });

  test("when its length is corrected", async () => {
    const { ledger, answered_at_ms } = await answeredAhead();
    clock.pass(10_000);
    await ledger.send(settle("c", 5_000));
    const correction = { op: "correct", call_id: "c", correction_id: "1", reason: "CDR" } as const;
    expect(receiptOf(await ledger.send({ ...correction, duration_ms: 30_000 }))).toMatchObject({
      answered_at_ms,
      ended_at_ms: answered_at_ms,
    });
  });
});

describe("a correction moves the end with the length", () => {
  const correct = (duration_ms: number) =>
    ({ op: "correct", call_id: "c", correction_id: `${duration_ms}`, duration_ms, reason: "CDR" }) as const;

  test("of a settled call", async () => {
    const ledger = await fundedLedger(CREDIT);
    await ledger.send(authorize("c"));
    clock.pass(60_000);
    const { answered_at_ms } = receiptOf(await ledger.send(settle("c", 40_000)));
    for (const duration_ms of [30_000, 55_000, 0])
      expect(receiptOf(await ledger.send(correct(duration_ms)))).toMatchObject({
        answered_at_ms,
        ended_at_ms: (answered_at_ms ?? 0) + duration_ms,
        flags: [],
      });
  });

  test("of a voided call, which has been answered then", async () => {
    const ledger = await fundedLedger(CREDIT);
    await ledger.send(authorize("c"));
    clock.pass(60_000);
    await ledger.send({ op: "void", call_id: "c", end_reason: null });
    expect(receiptOf(await ledger.send(correct(30_000)))).toMatchObject({
      answered_at_ms: Date.now() - 30_000,
      ended_at_ms: Date.now(),
    });
  });
});

describe("a call that was never authorized", () => {
  const unauthorized: RatedParties = {
    ...{ direction: "inbound", from: "+31612345678", to: "+31201234567", number: null },
    ...{ rate_name: "voice", standard_rate: VOICE, byok: [] },
  };
  const report = (duration_ms: number, changes: Partial<Settle> = {}) =>
    settle("c", duration_ms, { unauthorized, ended_at_ms: Date.now() - HOUR_MS, ...changes });
  const times = (span_ms: number) => ({
    answered_at_ms: Date.now() - HOUR_MS - span_ms,
    ended_at_ms: Date.now() - HOUR_MS,
  });

  test.each([
    ["longer than from its answer to its end", 3_600_000, 10_000],
    ["a little too much longer", 70_001, 10_000],
    ["shorter than from its answer to its end", 10_000, 70_001],
  ])("that was %s is refused and changes nothing", async (_, duration_ms, span_ms) => {
    const ledger = await fundedLedger(CREDIT);
    const answer = await ledger.send(report(duration_ms, times(span_ms)));
    expect(answer).toMatchObject({ code: "invalid", param: "duration_ms" });
    expect(await ledger.account()).toMatchObject({ posted_micros: CREDIT });
    expect(await ledger.stub().call(null, "c")).toMatchObject({ known: { state: "unknown" } });
  });

  test("may have lasted a day, by clocks that differ as much", async () => {
    const ledger = await fundedLedger(CREDIT);
    const told = times(DAY_MS + 60_000);
    expect(receiptOf(await ledger.send(report(DAY_MS, told)))).toMatchObject({
      ...told,
      duration_ms: DAY_MS,
    });
  });

  test.each([70_000, 10_000])("may be off by what clocks may differ (%i ms)", async (duration_ms) => {
    const ledger = await fundedLedger(CREDIT);
    const span_ms = 80_000 - duration_ms;
    expect(receiptOf(await ledger.send(report(duration_ms, times(span_ms))))).toMatchObject(times(span_ms));
  });

  test("that ends up to a day ahead is taken once the ledger's clock is there; beyond, its report is wrong", async () => {
    const ledger = await fundedLedger(CREDIT);
    const ahead = report(40_000, { ended_at_ms: Date.now() + DAY_MS });
    const too_far = await ledger.send(report(40_000, { ended_at_ms: Date.now() + DAY_MS + 1 }));
    expect(too_far).toMatchObject({ code: "invalid", param: "ended_at" });
    for (let times = 0; times < 2; times++)
      expect(await ledger.send(ahead)).toMatchObject({ code: "too_soon", param: "ended_at" });
    expect(await ledger.account()).toMatchObject({ posted_micros: CREDIT });
    expect(await skews(ledger)).toMatchObject([{ skew_ms: DAY_MS }]);
    clock.pass(DAY_MS - 60_000);
    expect(receiptOf(await ledger.send(ahead))).toMatchObject({ charged_micros: 46_667 });
  });

  test("cannot be corrected to a length that would have it end in the future", async () => {
    const ledger = await fundedLedger(CREDIT);
    await ledger.send(report(40_000, { ended_at_ms: Date.now() - 60_000 }));
    const correction = { op: "correct", call_id: "c", correction_id: "1", reason: "CDR" } as const;
    const answer = await ledger.send({ ...correction, duration_ms: HOUR_MS });
    expect(answer).toMatchObject({ code: "invalid", param: "duration_ms" });
    expect(receiptOf(await ledger.send({ ...correction, duration_ms: 90_000 }))).toMatchObject({
      ended_at_ms: Date.now() - 10_000,
    });
  });
});
