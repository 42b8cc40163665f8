import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stopClock } from "../../support/clock";
import { failD1 } from "../../support/failures/failing-d1";
import { authorize, fundedLedger, receiptOf, type TestLedger } from "../../support/ledger/ledger";
import {
  DAY_MS,
  expectProof,
  limitSize,
  playCalls,
  playVoids,
  recordsOf,
  runAlarm,
  runAlarmsToTheEnd,
  seqsOf,
  stateOf,
} from "../../support/ledger/retention";

const AT = "2030-11-10T12:00:00.000Z";
let clock: ReturnType<typeof stopClock>;

beforeEach(() => {
  clock = stopClock(AT);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A ledger with an adjustment, two calls and a void one, and a call that came 300 days later. */
async function agedLedger(): Promise<TestLedger> {
  const ledger = await fundedLedger(1_000_000);
  await playCalls(ledger, "old", 2);
  await playVoids(ledger, "void", 1);
  clock.pass(300 * DAY_MS);
  await playCalls(ledger, "young", 1);
  await runAlarm(ledger);
  return ledger;
}

test("what is older than 400 days leaves, what is younger stays, and nothing that is shown changes", async () => {
  const ledger = await agedLedger();
  clock.set(Date.parse(AT) + 400 * DAY_MS);
  await ledger.send(authorize("live"));
  const account = await ledger.account();
  const records = await recordsOf(ledger);
  await runAlarm(ledger);
  expect(await ledger.entries()).toMatchObject([
    {
      seq: 3,
      kind: "checkpoint",
      amount_micros: 1_000_000 - 2 * 11_667,
      balance_after_micros: 1_000_000 - 2 * 11_667,
      call_id: null,
      key: null,
      reason: "Sums up the first 3 entries, which are no longer kept here (adjustment: 1, call: 2).",
    },
    { seq: 4, kind: "call", call_id: "young0" },
  ]);
  for (const call_id of ["old0", "old1", "void0"]) expect(await stateOf(ledger, call_id)).toBe("unknown");
  expect(await stateOf(ledger, "young0")).toBe("resolved");
  expect(await stateOf(ledger, "live")).toBe("live");
  expect(await ledger.account()).toEqual(account);
  await evictDurableObject(ledger.stub());
  expect(await ledger.account()).toEqual(account);
  expect(await recordsOf(ledger)).toEqual(records);
  expect(records.calls.length).toBe(4);
  await expectProof(ledger, 4);
});

test("a moment before 400 days have passed everything is there", async () => {
  const ledger = await agedLedger();
  clock.set(Date.parse(AT) + 400 * DAY_MS - 1);
  await runAlarm(ledger);
  expect(await seqsOf(ledger)).toEqual([1, 2, 3, 4]);
  expect(await stateOf(ledger, "void0")).toBe("resolved");
  await expectProof(ledger, 1);
});

test("the month's minutes are counted on after every entry of it has left", async () => {
  const ledger = await fundedLedger(1_000_000);
  await playCalls(ledger, "c", 2);
  await limitSize(ledger, 1);
  await runAlarmsToTheEnd(ledger);
  expect(await seqsOf(ledger)).toEqual([3]);
  expect(await ledger.account()).toMatchObject({ month_seconds: 20, posted_micros: 1_000_000 - 2 * 11_667 });
  await playCalls(ledger, "d", 1);
  expect(await ledger.account()).toMatchObject({ month_seconds: 30, posted_micros: 1_000_000 - 3 * 11_667 });
  await evictDurableObject(ledger.stub());
  expect(await ledger.account()).toMatchObject({ month_seconds: 30, posted_micros: 1_000_000 - 3 * 11_667 });
});

test("nothing leaves that D1 has not got, however old it is", async () => {
  const ledger = await agedLedger();
  const repair = failD1();
  vi.spyOn(console, "error").mockImplementation(() => {});
  clock.set(Date.parse(AT) + 350 * DAY_MS);
  await playCalls(ledger, "unseen", 2);
  await playVoids(ledger, "unseen-void", 1);
  clock.pass(401 * DAY_MS);
  await runAlarm(ledger);
  for (const call_id of ["unseen0", "unseen1", "unseen-void0"])
    expect(await stateOf(ledger, call_id)).toBe("resolved");
  repair();
  await runAlarmsToTheEnd(ledger);
  expect(await seqsOf(ledger)).toEqual([6]);
  expect(await stateOf(ledger, "unseen0")).toBe("unknown");
  expect((await recordsOf(ledger)).calls.length).toBe(7);
});

test("a call whose last change D1 has not got stays for it, though its entry leaves", async () => {
  const ledger = await agedLedger();
  clock.set(Date.parse(AT) + 350 * DAY_MS);
  const repair = failD1();
  vi.spyOn(console, "error").mockImplementation(() => {});
  await playCalls(ledger, "last", 1);
  repair();
  clock.pass(401 * DAY_MS);
  // While D1 takes the last call, its node says once more how long it was: a change without an entry.
  const prototype = Object.getPrototypeOf(env.DB);
  const batch = prototype.batch;
  vi.spyOn(prototype, "batch").mockImplementationOnce(async function (this: D1Database, ...given) {
    const answer = await Reflect.apply(batch, this, given);
    await ledger.send({
      op: "correct",
      call_id: "last0",
      correction_id: "k",
      duration_ms: 10_000,
      reason: "CDR",
    });
    return answer;
  });
  await runAlarm(ledger);
  expect(await seqsOf(ledger)).toEqual([5]);
  expect(await stateOf(ledger, "last0")).toBe("resolved");
  await expectProof(ledger, 6);
  clock.pass(401 * DAY_MS);
  await runAlarmsToTheEnd(ledger);
  expect(await stateOf(ledger, "last0")).toBe("unknown");
  expect((await recordsOf(ledger)).calls.find(({ call_id }) => call_id === "last0")).toMatchObject({
    version: 3,
  });
});

test("calls without entries can all leave, and later ones still come into D1 after an eviction", async () => {
  const ledger = await fundedLedger(1_000_000);
  await playVoids(ledger, "void", 3);
  clock.pass(401 * DAY_MS);
  await runAlarm(ledger);
  expect(await stateOf(ledger, "void2")).toBe("unknown");
  await evictDurableObject(ledger.stub());
  await playVoids(ledger, "later", 2);
  expect(await ledger.stub().health()).toMatchObject({ outbox: expect.any(Number) });
  await runAlarm(ledger);
  expect(await ledger.stub().health()).toMatchObject({ outbox: 0 });
  const { calls } = await recordsOf(ledger);
  expect(calls.map(({ call_id }) => call_id)).toEqual(["void0", "void1", "void2", "later0", "later1"]);
});

test("a corrected call stays whole for as long as one of its entries does", async () => {
  const ledger = await fundedLedger(1_000_000);
  await playCalls(ledger, "c", 2);
  clock.pass(200 * DAY_MS);
  const correction = { op: "correct", call_id: "c0", correction_id: "k", reason: "CDR" } as const;
  const corrected = await ledger.send({ ...correction, duration_ms: 20_000 });
  clock.pass(201 * DAY_MS);
  await runAlarm(ledger);
  expect(await seqsOf(ledger)).toEqual([3, 4]);
  expect(await stateOf(ledger, "c0")).toBe("resolved");
  expect(await stateOf(ledger, "c1")).toBe("unknown");
  await expectProof(ledger, 4);
  expect(await ledger.send({ ...correction, duration_ms: 20_000 })).toEqual(corrected);
  const third = await ledger.send({ ...correction, correction_id: "k2", duration_ms: 30_000 });
  expect(receiptOf(third)).toMatchObject({ charged_micros: 35_000 });
  await expectProof(ledger, 4);
  clock.pass(401 * DAY_MS);
  await runAlarm(ledger);
  expect(await seqsOf(ledger)).toEqual([5]);
  expect(await stateOf(ledger, "c0")).toBe("unknown");
  expect(await ledger.account()).toMatchObject({ posted_micros: 1_000_000 - 35_000 - 11_667 });
  await expectProof(ledger, 6);
});

test("entries are paged to the checkpoint and no further", async () => {
  const ledger = await agedLedger();
  clock.set(Date.parse(AT) + 400 * DAY_MS);
  await runAlarm(ledger);
  const page = async (before_seq: number | null, limit: number) => {
    const answer = await ledger.stub().entries(null, { before_seq, limit });
    if (answer.outcome !== "entries") throw new Error(answer.outcome);
    return [answer.entries.map(({ seq }) => seq), answer.next_before_seq];
  };
  expect(await page(null, 1)).toEqual([[4], 4]);
  expect(await page(4, 1)).toEqual([[3], null]);
  expect(await page(null, 2)).toEqual([[4, 3], null]);
  expect(await page(3, 2)).toEqual([[], null]);
});

test("an alarm with nothing to let go writes nothing and reads next to nothing", async () => {
  const ledger = await fundedLedger(10_000_000);
  await playCalls(ledger, "c", 300);
  await playVoids(ledger, "v", 100);
  await runAlarm(ledger);
  const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
  await runInDurableObject(ledger.stub(), (_, state) => {
    const exec = state.storage.sql.exec.bind(state.storage.sql);
    vi.spyOn(Object.getPrototypeOf(state.storage.sql), "exec").mockImplementation(((
      query: string,
      ...bindings: SqlStorageValue[]
    ) => {
      const cursor = exec(query, ...bindings);
      cursors.push(cursor);
      return cursor;
    }) as never);
  });
  await runAlarm(ledger);
  const total = (of: "rowsRead" | "rowsWritten") => cursors.reduce((sum, cursor) => sum + cursor[of], 0);
  expect(total("rowsWritten")).toBe(0);
  expect(total("rowsRead")).toBeLessThanOrEqual(5);
});
