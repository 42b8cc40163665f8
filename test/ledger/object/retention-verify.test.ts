import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { VerifyCursor } from "../../../src/ledger/object/verify";
import { stopClock } from "../../support/clock";
import { fundedLedger, type TestLedger } from "../../support/ledger/ledger";
import {
  DAY_MS,
  expectProof,
  playCalls,
  runAlarm,
  runAlarmsToTheEnd,
  seqsOf,
} from "../../support/ledger/retention";

let clock: ReturnType<typeof stopClock>;

beforeEach(() => {
  clock = stopClock("2030-11-10T12:00:00.000Z");
});
afterEach(() => {
  vi.useRealTimers();
});

/** A ledger of which credit and three calls have left, one of them but for a later correction; a younger call stays. */
async function keptLedger(): Promise<TestLedger> {
  const ledger = await fundedLedger(10_000_000);
  await playCalls(ledger, "old", 3);
  clock.pass(300 * DAY_MS);
  const said = { op: "correct", call_id: "old0", correction_id: "k", reason: "CDR" } as const;
  await ledger.send({ ...said, duration_ms: 20_000 });
  await playCalls(ledger, "young", 1);
  await runAlarm(ledger);
  clock.pass(101 * DAY_MS);
  await runAlarmsToTheEnd(ledger);
  return ledger;
}

test("verify says from which entry it proves, and how many that are", async () => {
  const ledger = await keptLedger();
  expect(await ledger.verify()).toEqual({
    outcome: "verified",
    ok: true,
    first_difference: null,
    posted_micros: 10_000_000 - 3 * 11_667 - 11_666 - 11_667,
    held_micros: 0,
    entries: 2,
    proves_from_seq: 5,
  });
});

const TAMPERED: [string, string, RegExp][] = [
  [
    "another amount of the checkpoint",
    "UPDATE entry SET amount_micros = amount_micros + 1 WHERE kind = 'checkpoint'",
    /^checkpoint 1:4: its amount is 9965000, what has left adds up to 9964999/,
  ],
  [
    "another balance of the checkpoint",
    "UPDATE entry SET balance_after_micros = 1 WHERE kind = 'checkpoint'",
    /^checkpoint 1:4: balance after is 1, not 9964999/,
  ],
  [
    "another amount and balance of the checkpoint",
    "UPDATE entry SET amount_micros = 5, balance_after_micros = 5 WHERE kind = 'checkpoint'",
    /^checkpoint 1:4: its amount is 5, what has left adds up to 9964999/,
  ],
  [
    "a missing checkpoint",
    "DELETE FROM entry WHERE kind = 'checkpoint'",
    /^entry 4: the checkpoint of those that left is missing/,
  ],
  [
    "another sum of what has left",
    "UPDATE left_total SET amount_micros = amount_micros - 1 WHERE kind = 'call'",
    /^checkpoint 1:4: its amount is 9964999, what has left adds up to 9964998/,
  ],
  [
    "another count of what has left",
    "UPDATE left_total SET entries = 2 WHERE kind = 'call'",
    /^checkpoint 1:4: 3 entries have left, not 4/,
  ],
  ["no sums of what has left", "DELETE FROM left_total", /^checkpoint 1:4: 0 entries have left, not 4/],
  [
    "an entry that has gone without being summed up",
    "DELETE FROM entry WHERE seq = 5",
    /^entry 5 is missing/,
  ],
  [
    "another amount after the checkpoint",
    "UPDATE entry SET amount_micros = 1 WHERE seq = 5",
    /^entry 1:5: balance after is 9953333, not 9965000/,
  ],
  [
    "another charge of a call that is here in part",
    "UPDATE call SET facts = json_set(facts, '$.charged_micros', 1) WHERE call_id = 'old0'",
    /^call old0: charged 1, its rate and duration say 23333/,
  ],
  [
    "another duration of a call that is here in part",
    "UPDATE call SET facts = json_set(facts, '$.duration_ms', 90000) WHERE call_id = 'old0'",
    /^call old0: charged 23333, its rate and duration say 105000/,
  ],
];

test.each(TAMPERED)("%s: named as the first difference", async (_, statement, named) => {
  const ledger = await keptLedger();
  await runInDurableObject(ledger.stub(), (_object, state) => {
    state.storage.sql.exec(statement);
  });
  // In a portion that is not the first, where the totals in memory are not compared.
  expect(
    (await differenceFrom(ledger, { until_seq: 6, seq: 0, balance_micros: 0, call_id: null })) ?? "",
  ).toMatch(named);
  expect(await ledger.verify()).toMatchObject({ ok: false });
});

test("a check goes on when entries leave between its portions, those it has seen and those it has not", async () => {
  const ledger = await fundedLedger(100_000_000);
  await playCalls(ledger, "old", 1_250);
  clock.pass(300 * DAY_MS);
  await playCalls(ledger, "young", 600);
  await runAlarm(ledger);
  clock.pass(101 * DAY_MS);
  const first = await ledger.stub().verifyPortion(null);
  if (first.outcome !== "portion") throw new Error(first.outcome);
  expect(first).toMatchObject({ first_difference: null, proves_from_seq: 1, cursor: { seq: 500 } });
  await runAlarm(ledger);
  expect((await seqsOf(ledger))[0]).toBe(1_000);
  expect(await differenceFrom(ledger, first.cursor, runAlarm)).toBeNull();
  await expectProof(ledger, 1_252);
});

test("a check goes on when everything that it was to see leaves before it has seen it", async () => {
  const ledger = await fundedLedger(100_000_000);
  await playCalls(ledger, "old", 700);
  await runAlarm(ledger);
  const first = await ledger.stub().verifyPortion(null);
  if (first.outcome !== "portion") throw new Error(first.outcome);
  await playCalls(ledger, "later", 100);
  await runAlarm(ledger);
  clock.pass(401 * DAY_MS);
  await runAlarmsToTheEnd(ledger);
  expect(await seqsOf(ledger)).toEqual([801]);
  const next = await ledger.stub().verifyPortion(first.cursor);
  expect(next).toMatchObject({ first_difference: null, entries: 0, proves_from_seq: 802 });
  expect(await differenceFrom(ledger, first.cursor)).toBeNull();
});

/** Checks on from a cursor, with something that happens between the portions. */
async function differenceFrom(
  ledger: TestLedger,
  from: VerifyCursor | null,
  meanwhile: (ledger: TestLedger) => Promise<unknown> = async () => {},
): Promise<string | null> {
  for (let cursor = from; cursor; ) {
    const portion = await ledger.stub().verifyPortion(cursor);
    if (portion.outcome !== "portion") throw new Error(portion.outcome);
    if (portion.first_difference !== null) return portion.first_difference;
    cursor = portion.cursor;
    await meanwhile(ledger);
  }
  return null;
}
