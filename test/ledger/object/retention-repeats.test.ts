import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CallCommand, RatedParties } from "../../../src/ledger/core/calls/commands";
import { stopClock } from "../../support/clock";
import {
  authorize,
  fundedLedger,
  receiptOf,
  renew,
  settle,
  type TestLedger,
  VOICE,
  wordOf,
} from "../../support/ledger/ledger";
import {
  DAY_MS,
  expectProof,
  limitSize,
  runAlarm,
  runAlarmsToTheEnd,
  stateOf,
} from "../../support/ledger/retention";

let clock: ReturnType<typeof stopClock>;

beforeEach(() => {
  clock = stopClock("2030-11-10T12:00:00.000Z");
});
afterEach(() => {
  vi.useRealTimers();
});

const PARTIES: RatedParties = {
  direction: "outbound",
  from: "+31201234567",
  to: "+31207654321",
  number: null,
  rate_name: "voice",
  standard_rate: VOICE,
  byok: [],
};

/** A call of a minute, settled at once; answers when it ended. */
async function playMinute(ledger: TestLedger, call_id: string): Promise<number> {
  await ledger.send(authorize(call_id));
  clock.pass(60_000);
  await ledger.send(settle(call_id, 60_000, { ended_at_ms: Date.now() }));
  return Date.now();
}

/** Everything that a node may say again of a call that ended then, with what it is answered. */
function everyReport(call_id: string, ended_at_ms: number): [CallCommand, string][] {
  return [
    [settle(call_id, 60_000, { ended_at_ms }), "missing_field"],
    [settle(call_id, 60_000, { ended_at_ms, unauthorized: PARTIES }), "invalid"],
    [renew(call_id, 1, 30), "not_found"],
    [{ op: "answered", call_id, answered_at_ms: null }, "not_found"],
    [{ op: "void", call_id, end_reason: null }, "not_found"],
    [{ op: "correct", call_id, correction_id: "k", duration_ms: 90_000, reason: "CDR" }, "not_found"],
  ];
}

test.each([
  ["old", (_: TestLedger) => clock.pass(401 * DAY_MS)],
  ["recent, in a ledger that grew too large", (ledger: TestLedger) => limitSize(ledger, 1)],
])("no report of a call that has left is charged again: %s", async (_, grow) => {
  const ledger = await fundedLedger(1_000_000);
  const ended_at_ms = await playMinute(ledger, "c");
  await runAlarm(ledger);
  await grow(ledger);
  await runAlarmsToTheEnd(ledger);
  await evictDurableObject(ledger.stub());
  expect(await stateOf(ledger, "c")).toBe("unknown");
  for (const [command, word] of everyReport("c", ended_at_ms)) {
    const answer = await ledger.send(command);
    expect([command.op, wordOf(answer)]).toEqual([command.op, word]);
    if (word === "invalid") expect(answer).toMatchObject({ param: "ended_at" });
  }
  expect(await ledger.account()).toMatchObject({ posted_micros: 930_000, held_micros: 0 });
  await expectProof(ledger, 3);
});

test("a call that began after all that have left is accepted as never authorized, an earlier one is not", async () => {
  const ledger = await fundedLedger(1_000_000);
  const left_at_ms = await playMinute(ledger, "c");
  await limitSize(ledger, 1);
  await runAlarmsToTheEnd(ledger);
  clock.pass(3_600_000);
  const report = (call_id: string, began_at_ms: number) =>
    ledger.send(settle(call_id, 60_000, { unauthorized: PARTIES, ended_at_ms: began_at_ms + 60_000 }));
  expect(await report("earlier", left_at_ms + 60_000)).toMatchObject({ code: "invalid", param: "ended_at" });
  expect(receiptOf(await report("later", left_at_ms + 60_001))).toMatchObject({ charged_micros: 70_000 });
  expect(await ledger.account()).toMatchObject({ posted_micros: 860_000 });
});

test("a lost call that went on after it was given up is not charged again when it has left", async () => {
  const ledger = await fundedLedger(1_000_000);
  const began_at_ms = Date.now();
  await ledger.send(authorize("lost"));
  clock.pass(40_000);
  await ledger.send(renew("lost", 1, 40));
  // The first alarm is late, and so only puts the end off.
  for (let alarm = 0; alarm < 2; alarm++) {
    clock.pass(200_000);
    await runAlarm(ledger);
  }
  expect(await ledger.account()).toMatchObject({ posted_micros: 1_000_000 - 46_667, active_calls: 0 });
  await limitSize(ledger, 1);
  await runAlarmsToTheEnd(ledger);
  clock.pass(7_200_000);
  const report = settle("lost", 7_200_000, { unauthorized: PARTIES, ended_at_ms: began_at_ms + 7_200_000 });
  expect(await ledger.send(report)).toMatchObject({ code: "invalid", param: "ended_at" });
  expect(await ledger.account()).toMatchObject({ posted_micros: 1_000_000 - 46_667 });
});

test("credit that has left is known by its key for ever", async () => {
  const ledger = await fundedLedger(1_000_000);
  const first = await ledger.post("adjustment:gift", 500_000);
  await runAlarm(ledger);
  clock.pass(1_000 * DAY_MS);
  await runAlarmsToTheEnd(ledger);
  expect(await ledger.post("adjustment:gift", 500_000)).toEqual(first);
  expect(await ledger.post("adjustment:gift", 500_001)).toMatchObject({ code: "idempotency_conflict" });
  expect(await ledger.account()).toMatchObject({ posted_micros: 1_500_000 });
  expect((await ledger.entries()).map(({ kind }) => kind)).toEqual(["checkpoint"]);
});

test("a correction of a call that has left answers the same again, and a new one finds no call", async () => {
  const ledger = await fundedLedger(1_000_000);
  await playMinute(ledger, "c");
  const correct = (correction_id: string, duration_ms: number) =>
    ledger.send({ op: "correct", call_id: "c", correction_id, duration_ms, reason: "CDR" });
  const first = await correct("k1", 30_000);
  await runAlarm(ledger);
  clock.pass(401 * DAY_MS);
  await runAlarmsToTheEnd(ledger);
  expect(await correct("k1", 30_000)).toEqual(first);
  expect(wordOf(await correct("k1", 40_000))).toBe("idempotency_conflict");
  expect(wordOf(await correct("k2", 40_000))).toBe("not_found");
  expect(await ledger.account()).toMatchObject({ posted_micros: 965_000 });
});
