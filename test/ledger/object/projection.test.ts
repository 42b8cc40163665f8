import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { failD1 } from "../../support/failures/failing-d1";
import { authorize, fundedLedger, settle, type TestLedger } from "../../support/ledger/ledger";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(new Date("2030-11-10T12:00:00Z"));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function projected(ledger: TestLedger) {
  const calls = await env.DB.prepare(
    "SELECT call_id, outcome, version, charged_micros FROM calls WHERE organization_id = ? ORDER BY call_id",
  )
    .bind(ledger.organization_id)
    .all();
  const entries = await env.DB.prepare(
    "SELECT seq, kind, amount_micros FROM ledger_entries WHERE organization_id = ? ORDER BY seq",
  )
    .bind(ledger.organization_id)
    .all();
  return { calls: calls.results, entries: entries.results };
}

async function flushed(ledger: TestLedger): Promise<void> {
  await vi.waitFor(async () => {
    expect(await ledger.stub().health()).toMatchObject({ outbox: 0 });
  });
}

async function playCalls(ledger: TestLedger, count: number) {
  for (let i = 0; i < count; i++) {
    await ledger.send(authorize(`c${i}`));
    await ledger.send(settle(`c${i}`, 10_000));
  }
}

test("a settled call and a credit stand in D1 without anyone asking for it", async () => {
  const ledger = await fundedLedger(1_000_000);
  await playCalls(ledger, 1);
  await flushed(ledger);
  expect(await projected(ledger)).toEqual({
    calls: [{ call_id: "c0", outcome: "settled", version: 2, charged_micros: 11_667 }],
    entries: [{ seq: 1, kind: "adjustment", amount_micros: 1_000_000 }],
  });
});

test("rejected, voided and lost calls stand in D1 too, though they posted no entry", async () => {
  const ledger = await fundedLedger(1_000_000);
  await ledger.send(authorize("lost"));
  await runDurableObjectAlarm(ledger.stub());
  await ledger.send(authorize("voided"));
  await ledger.send({ op: "void", call_id: "voided", end_reason: "busy" });
  await ledger.stub().setProfile({ state: "suspended" });
  await ledger.send(authorize("rejected"));
  vi.setSystemTime(Date.now() + 180_000);
  await runDurableObjectAlarm(ledger.stub());
  await flushed(ledger);
  const { calls } = await projected(ledger);
  expect(calls.map((call) => call.outcome)).toEqual(["lost", "rejected", "voided"]);
});

test("with D1 failing calls go on, and when it is back the alarm completes the lists", async () => {
  const ledger = await fundedLedger(10_000_000);
  await flushed(ledger);
  const repair = failD1();
  vi.spyOn(console, "error").mockImplementation(() => {});
  await playCalls(ledger, 250);
  expect(await ledger.stub().health()).toMatchObject({ outbox: 250 });
  await evictDurableObject(ledger.stub());
  expect(await ledger.account()).toMatchObject({ posted_micros: 10_000_000 - 250 * 11_667 });
  repair();
  expect(await runDurableObjectAlarm(ledger.stub())).toBe(true);
  await flushed(ledger);
  const { calls } = await projected(ledger);
  expect(calls.length).toBe(250);
});

test("a copy that is repeated from the beginning leaves the same rows", async () => {
  const ledger = await fundedLedger(1_000_000);
  await playCalls(ledger, 3);
  await flushed(ledger);
  const before = await projected(ledger);
  await runInDurableObject(ledger.stub(), (_, state) => {
    state.storage.sql.exec("UPDATE projection SET entry_seq = 0, notice_seq = 0");
  });
  await flushed(ledger);
  expect(await projected(ledger)).toEqual(before);
});

test("a clock that is set back by an hour does not keep what is posted after it from D1", async () => {
  const ledger = await fundedLedger(1_000_000);
  await runInDurableObject(ledger.stub(), (instance) => instance.alarm());
  vi.setSystemTime(Date.now() - 3_600_000);
  await playCalls(ledger, 1);
  await vi.waitFor(async () => expect((await projected(ledger)).calls.length).toBe(1), { timeout: 9_000 });
});

test("a correction replaces the call's row, and an older copy that comes late does not", async () => {
  const ledger = await fundedLedger(1_000_000);
  await playCalls(ledger, 1);
  await flushed(ledger);
  const { results } = await env.DB.prepare("SELECT * FROM calls WHERE organization_id = ?")
    .bind(ledger.organization_id)
    .all();
  await ledger.send({ op: "correct", call_id: "c0", correction_id: "k", duration_ms: 60_000, reason: "CDR" });
  await flushed(ledger);
  const corrected = { call_id: "c0", outcome: "settled", version: 3, charged_micros: 70_000 };
  expect((await projected(ledger)).calls).toEqual([corrected]);
  const { project } = await import("../../../src/storage/calls/projection");
  await project(env.DB, { calls: results as never, entries: [] });
  expect((await projected(ledger)).calls).toEqual([corrected]);
});
