import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { LedgerStore } from "../../../src/ledger/store/ledger-store";
import { authorize, fundedLedger, settle, wordOf } from "../../support/ledger/ledger";

afterEach(() => {
  vi.restoreAllMocks();
});

test("requests that overlap are all answered, and what was answered is there after an eviction", async () => {
  const ledger = await fundedLedger(100_000_000);
  const words = await Promise.all(
    Array.from({ length: 300 }, async (_, i) => wordOf(await ledger.send(authorize(`c${i}`)))),
  );
  expect(words.every((word) => word === "granted")).toBe(true);
  await evictDurableObject(ledger.stub());
  const account = await ledger.account();
  expect(account.active_calls).toBe(300);
  expect(account.held_micros).toBe(300 * 70_000);
});

test("requests that overlap share commits, and a lone request waits for none", async () => {
  const ledger = await fundedLedger(100_000_000);
  let syncs = 0;
  await runInDurableObject(ledger.stub(), (_, state) => {
    const prototype = Object.getPrototypeOf(state.storage);
    const sync = prototype.sync;
    vi.spyOn(prototype, "sync").mockImplementation(function (this: DurableObjectStorage) {
      syncs += 1;
      return sync.call(this);
    });
  });
  await ledger.send(authorize("alone"));
  expect(syncs).toBe(1);
  syncs = 0;
  await Promise.all(Array.from({ length: 200 }, (_, i) => ledger.send(authorize(`c${i}`))));
  expect(syncs).toBeLessThan(100);
});

test("a request that fails inside a group undoes none of its neighbours and leaves nothing of its own", async () => {
  const ledger = await fundedLedger(100_000_000);
  vi.spyOn(console, "error").mockImplementation(() => {});
  const apply = LedgerStore.prototype.apply;
  vi.spyOn(LedgerStore.prototype, "apply").mockImplementation(function (this: LedgerStore, ...written) {
    apply.apply(this, written);
    if (written[0].hold?.call_id === "c25") throw new Error("failed by the test after its rows were written");
  });
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, i) => wordOf(await ledger.send(authorize(`c${i}`)))),
  );
  expect(answers.filter((word) => word !== "granted")).toEqual(["failed"]);
  vi.restoreAllMocks();
  await evictDurableObject(ledger.stub());
  expect(await ledger.account()).toMatchObject({ active_calls: 49, held_micros: 49 * 70_000 });
  expect(wordOf(await ledger.send(settle("c24", 1_000)))).toBe("receipt");
  expect(wordOf(await ledger.send(authorize("c25")))).toBe("granted");
  expect(await ledger.verify()).toMatchObject({ ok: true });
});
