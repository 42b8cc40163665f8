import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { OrganizationLedger } from "../../../src/ledger/object/organization-ledger";
import { stopClock } from "../../support/clock";
import { claimOf, credit, toppedUpLedger, topUpOf, watchDriver } from "../../support/ledger/auto-top-up";
import { authorize, renew, settle } from "../../support/ledger/ledger";

const MINUTE_MS = 60_000;

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("a claim is durable before anybody is set to buy, and the same one after the object was lost", async () => {
  const driven = watchDriver();
  const ledger = await toppedUpLedger(0);
  const claim = await claimOf(ledger);
  await vi.waitFor(() => expect(driven.length).toBe(1));
  await evictDurableObject(ledger.stub());
  expect(await claimOf(ledger)).toEqual(claim);
  await vi.waitFor(() => expect(driven).toEqual([claim, claim]));
});

test("while a claim stands its alarm sets the Worker going again, ever more seldom, and not after that", async () => {
  const driven = watchDriver();
  const ledger = await toppedUpLedger(0);
  await vi.waitFor(() => expect(driven.length).toBe(1));
  for (const [rest_ms, times] of [
    [MINUTE_MS, 2],
    [MINUTE_MS, 2],
    [MINUTE_MS, 3],
    [4 * MINUTE_MS, 4],
    [7 * MINUTE_MS, 4],
    [1 * MINUTE_MS, 5],
  ] as const) {
    clock.pass(rest_ms);
    expect(await runDurableObjectAlarm(ledger.stub())).toBe(true);
    await vi.waitFor(() => expect(driven.length).toBe(times));
  }
  await credit(ledger, await claimOf(ledger));
  for (let ring = 0; ring < 5; ring++) {
    clock.pass(60 * MINUTE_MS);
    await runDurableObjectAlarm(ledger.stub());
  }
  expect(driven.length).toBe(5);
});

test("the watchdog sets going what an alarm was lost of, and claims what a new day allows", async () => {
  const driven = watchDriver();
  const ledger = await toppedUpLedger(0, { max_per_day: 1, net_cents: 1_000, threshold_micros: 20_000_000 });
  await vi.waitFor(() => expect(driven.length).toBe(1));
  await runInDurableObject(ledger.stub(), (_, state) => state.storage.deleteAlarm());
  clock.pass(MINUTE_MS);
  await ledger.stub().health();
  await vi.waitFor(() => expect(driven.length).toBe(2));
  const first = await claimOf(ledger);
  await credit(ledger, first);
  await ledger.stub().health();
  expect((await topUpOf(ledger)).claim).toBeNull();
  clock.pass(24 * 60 * MINUTE_MS);
  await ledger.stub().health();
  expect((await claimOf(ledger)).purchase_id).not.toBe(first.purchase_id);
});

test("a Worker that fails is logged, disturbs no call, and is set going again", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const driven = watchDriver(() => Promise.reject(new Error("Stripe is away")));
  const ledger = await toppedUpLedger(1_000_000);
  await vi.waitFor(() => expect(log.mock.calls.flat().join()).toContain("auto_top_up_unfinished"));
  expect(await ledger.send(authorize("c"))).toMatchObject({ outcome: "granted" });
  clock.pass(MINUTE_MS);
  await runDurableObjectAlarm(ledger.stub());
  await vi.waitFor(() => expect(driven.length).toBe(2));
});

test("a call costs no row more for auto top-up while nothing is to be bought", async () => {
  watchDriver();
  const ledger = await toppedUpLedger(100_000_000);
  const written: string[] = [];
  await runInDurableObject(ledger.stub(), async (instance: OrganizationLedger, state) => {
    const prototype = Object.getPrototypeOf(state.storage.sql);
    const exec = state.storage.sql.exec.bind(state.storage.sql);
    vi.spyOn(prototype, "exec").mockImplementation(((query: string, ...bindings: SqlStorageValue[]) => {
      written.push(query);
      return exec(query, ...bindings);
    }) as never);
    await instance.operate([authorize("c")]);
    clock.pass(50_000);
    await instance.operate([renew("c", 1, 50), settle("c", 50_000)]);
    vi.mocked(prototype.exec).mockRestore();
  });
  expect(written.length).toBeGreaterThan(3);
  expect(written.filter((query) => query.includes("auto_top_up"))).toEqual([]);
});
