import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RatedParties } from "../../../src/ledger/core/calls/commands";
import type { OrganizationLedger } from "../../../src/ledger/object/organization-ledger";
import { stopClock } from "../../support/clock";
import {
  authorize,
  fundedLedger,
  receiptOf,
  settle,
  type TestLedger,
  VOICE,
} from "../../support/ledger/ledger";
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

let clock: ReturnType<typeof stopClock>;

beforeEach(() => {
  clock = stopClock("2030-11-10T12:00:00.000Z");
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const CHARGE = 11_667;

test("much that is due leaves over several alarms, each soon after the other, and adds up after each", async () => {
  const ledger = await fundedLedger(100_000_000);
  await playCalls(ledger, "c", 1_300);
  await runAlarm(ledger);
  clock.pass(401 * DAY_MS);
  const soon = await runAlarm(ledger);
  expect((await seqsOf(ledger))[0]).toBe(1_000);
  expect(soon).toBeLessThanOrEqual(Date.now() + 30_000);
  await expectProof(ledger, 1_001);
  expect(await ledger.account()).toMatchObject({ posted_micros: 100_000_000 - 1_300 * CHARGE });
  await runAlarm(ledger);
  expect(await seqsOf(ledger)).toEqual([1_301]);
  await expectProof(ledger, 1_302);
  expect(await ledger.account()).toMatchObject({ posted_micros: 100_000_000 - 1_300 * CHARGE });
  expect((await recordsOf(ledger)).calls.length).toBe(1_300);
});

test("above the size limit the oldest leave first, calls with and without entries alike", async () => {
  const ledger = await fundedLedger(100_000_000);
  for (let day = 0; day < 10; day++) {
    await playCalls(ledger, `day-${day}-`, 60);
    await playVoids(ledger, `void-${day}-`, 20);
    clock.pass(DAY_MS);
  }
  await runAlarm(ledger);
  const { posted_micros } = await ledger.account();
  const full = await sizeOf(ledger);
  await limitSize(ledger, Math.round(full / 2));
  await runAlarmsToTheEnd(ledger);
  expect(await sizeOf(ledger)).toBeLessThanOrEqual(full / 2);
  for (const kind of ["day", "void"]) {
    expect(await stateOf(ledger, `${kind}-0-0`)).toBe("unknown");
    expect(await stateOf(ledger, `${kind}-9-19`)).toBe("resolved");
  }
  expect(await oldestDay(ledger, "day")).toBe(await oldestDay(ledger, "void"));
  const [first = 0] = await seqsOf(ledger);
  await expectProof(ledger, first + 1);
  expect(await ledger.account()).toMatchObject({ posted_micros });
});

test("an object that is reset between two portions goes on where it was", async () => {
  const ledger = await fundedLedger(100_000_000);
  await playCalls(ledger, "c", 900);
  await runAlarm(ledger);
  clock.pass(401 * DAY_MS);
  const cut = runInDurableObject(ledger.stub(), async (object: OrganizationLedger, state) => {
    betweenPortions(state.storage, async () => state.abort("the object is reset between two portions"));
    await object.alarm();
  });
  await expect(cut).rejects.toThrow();
  vi.restoreAllMocks();
  expect((await seqsOf(ledger))[0]).toBe(200);
  await expectProof(ledger, 201);
  await runAlarmsToTheEnd(ledger);
  expect(await seqsOf(ledger)).toEqual([901]);
  await expectProof(ledger, 902);
  expect(await ledger.account()).toMatchObject({ posted_micros: 100_000_000 - 900 * CHARGE });
});

test.each([
  ["because of their age", 401, null, 901],
  ["as soon as D1 has them", 0, 1, 906],
])("calls go on while others leave %s, and all come into D1", async (_, days, size, left_seq) => {
  const ledger = await fundedLedger(100_000_000);
  await playCalls(ledger, "old", 900);
  await playVoids(ledger, "old-void", 900);
  await runAlarm(ledger);
  clock.pass(days * DAY_MS);
  await limitSize(ledger, size);
  let portions = 0;
  await runInDurableObject(ledger.stub(), async (object: OrganizationLedger, { storage }) => {
    betweenPortions(storage, async () => {
      const [call_id, other] = [`new${portions}`, `void${portions++}`];
      await object.operate([authorize(call_id), settle(call_id, 10_000)]);
      await object.operate([authorize(other), { op: "void", call_id: other, end_reason: "busy" }]);
    });
    await object.alarm();
  });
  vi.restoreAllMocks();
  expect(portions).toBe(5);
  await runAlarmsToTheEnd(ledger);
  expect((await seqsOf(ledger))[0]).toBe(left_seq);
  await expectProof(ledger, left_seq + 1);
  expect(await ledger.account()).toMatchObject({ posted_micros: 100_000_000 - 905 * CHARGE });
  expect((await recordsOf(ledger)).calls.length).toBe(2 * 905);
});

test("a parked call waits for its operator while all others leave", async () => {
  const ledger = await fundedLedger(1_000_000);
  const parties: RatedParties = { ...authorize("any"), direction: "inbound", byok: [], standard_rate: VOICE };
  const report = (call_id: string, duration_ms: number) =>
    settle(call_id, duration_ms, { unauthorized: parties, ended_at_ms: Date.now() });
  await ledger.stub().operate(Array.from({ length: 1_000 }, (_, at) => report(`c${at}`, 0)));
  await ledger.send(report("parked", 60_000));
  await runAlarm(ledger);
  clock.pass(401 * DAY_MS);
  await runAlarmsToTheEnd(ledger);
  expect(await stateOf(ledger, "c999")).toBe("unknown");
  expect(await countedHours(ledger)).toBe(0);
  expect(await stateOf(ledger, "parked")).toBe("resolved");
  const released = receiptOf(await ledger.stub().release("parked"));
  expect(released).toMatchObject({ outcome: "settled", charged_micros: 70_000 });
  await runAlarm(ledger);
  await expectProof(ledger, 2);
  clock.pass(401 * DAY_MS);
  await runAlarmsToTheEnd(ledger);
  expect(await stateOf(ledger, "parked")).toBe("unknown");
  expect(await ledger.account()).toMatchObject({ posted_micros: 930_000 });
  await expectProof(ledger, 3);
});

/** Hours of edge keys for which calls without authorization are counted. */
function countedHours(ledger: TestLedger): Promise<number> {
  return runInDurableObject(
    ledger.stub(),
    (_, { storage }) => storage.sql.exec("SELECT * FROM unauthorized").toArray().length,
  );
}

/** Lets something happen after every portion that leaves, until the mocks are restored. */
function betweenPortions(storage: DurableObjectStorage, happen: () => Promise<void>): void {
  const prototype = Object.getPrototypeOf(storage);
  const { sync } = prototype;
  let left_seq = 1;
  let happening = false;
  vi.spyOn(prototype, "sync").mockImplementation(async function (this: DurableObjectStorage) {
    await Reflect.apply(sync, this, []);
    const { seq } = storage.sql.exec<{ seq: number }>("SELECT min(seq) AS seq FROM entry").one();
    if (happening || seq === left_seq) return;
    left_seq = seq;
    happening = true;
    await happen();
    // Commits that are still under way wait for this, too: they are no portions.
    await Reflect.apply(sync, this, []);
    happening = false;
  });
}

function sizeOf(ledger: TestLedger): Promise<number> {
  return runInDurableObject(ledger.stub(), (_, { storage }) => storage.sql.databaseSize);
}

/** The first day of which the ledger still knows a call. */
async function oldestDay(ledger: TestLedger, kind: string): Promise<number> {
  for (let day = 0; ; day++) if ((await stateOf(ledger, `${kind}-${day}-19`)) === "resolved") return day;
}
