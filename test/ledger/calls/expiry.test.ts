import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  authorize,
  fundedLedger,
  grantOf,
  receiptOf,
  renew,
  settle,
  wordOf,
} from "../../support/ledger/ledger";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(new Date("2030-11-10T12:00:00Z"));
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);

test("a call that rings for longer than the ring time-out is resolved free of charge", async () => {
  const ledger = await fundedLedger(1_000_000);
  await ledger.send(authorize("c"));
  await runDurableObjectAlarm(ledger.stub());
  pass(179);
  await runDurableObjectAlarm(ledger.stub());
  expect(await ledger.account()).toMatchObject({ active_calls: 1 });
  pass(1);
  await runDurableObjectAlarm(ledger.stub());
  expect(await ledger.account()).toMatchObject({ active_calls: 0, held_micros: 0, posted_micros: 1_000_000 });
});

test("a renewal with no time elapsed lets the call ring on", async () => {
  const ledger = await fundedLedger(1_000_000);
  await ledger.send(authorize("c"));
  pass(170);
  await ledger.send(renew("c", 1, 0));
  await runDurableObjectAlarm(ledger.stub());
  pass(170);
  await runDurableObjectAlarm(ledger.stub());
  expect(await ledger.account()).toMatchObject({ active_calls: 1 });
});

test("an alarm that comes late gives waiting renewals one more validity, and only one", async () => {
  const ledger = await fundedLedger(1_000_000);
  await ledger.send(authorize("c"));
  pass(50);
  await ledger.send(renew("c", 1, 50));
  await runDurableObjectAlarm(ledger.stub());
  pass(600);
  await evictDurableObject(ledger.stub());
  await runDurableObjectAlarm(ledger.stub());
  expect(await ledger.account()).toMatchObject({ active_calls: 1 });
  expect(grantOf(await ledger.send(renew("c", 2, 640))).granted_seconds).toBeGreaterThan(640);
  await runDurableObjectAlarm(ledger.stub());
  pass(600);
  await runDurableObjectAlarm(ledger.stub());
  expect(await ledger.account()).toMatchObject({ active_calls: 1 });
  pass(600);
  await runDurableObjectAlarm(ledger.stub());
  expect(await ledger.account()).toMatchObject({ active_calls: 0 });
  expect(wordOf(await ledger.send(renew("c", 3, 700)))).toBe("call_already_settled");
});

test("an alarm is late by what the platform says of it too, not only by what the object had planned", async () => {
  const ledger = await fundedLedger(1_000_000);
  await ledger.send(authorize("c"));
  await runDurableObjectAlarm(ledger.stub());
  pass(180);
  const ring = (late_ms: number) => ({ scheduledTime: Date.now() - late_ms, isRetry: false, retryCount: 0 });
  await runInDurableObject(ledger.stub(), (object) => object.alarm(ring(30_001)));
  expect(await ledger.account()).toMatchObject({ active_calls: 1 });
  pass(180);
  await runInDurableObject(ledger.stub(), (object) => object.alarm(ring(30_001)));
  expect(await ledger.account()).toMatchObject({ active_calls: 0 });
});

test("an alarm that rings twice expires nothing twice", async () => {
  const ledger = await fundedLedger(1_000_000);
  await ledger.send(authorize("c"));
  pass(40);
  await ledger.send(renew("c", 1, 40));
  await runDurableObjectAlarm(ledger.stub());
  pass(120);
  await runInDurableObject(ledger.stub(), (object) => Promise.all([object.alarm(), object.alarm()]));
  expect(await ledger.account()).toMatchObject({ posted_micros: 1_000_000 - 46_667 });
  expect((await ledger.entries()).length).toBe(2);
});

test("a shorter report beats the proof of life", async () => {
  const ledger = await fundedLedger(1_000_000);
  await ledger.send(authorize("c"));
  pass(40);
  await ledger.send(renew("c", 1, 40));
  await runDurableObjectAlarm(ledger.stub());
  pass(120);
  await runDurableObjectAlarm(ledger.stub());
  expect(receiptOf(await ledger.send(settle("c", 30_000)))).toMatchObject({ charged_micros: 35_000 });
  expect(await ledger.account()).toMatchObject({ posted_micros: 965_000 });
  expect(await ledger.verify()).toMatchObject({ ok: true });
});
