import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CallCommand } from "../../../src/ledger/core/calls/commands";
import { authorize, fundedLedger, renew, settle, type TestLedger } from "../../support/ledger/ledger";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(new Date("2030-11-10T12:00:00Z"));
});
afterEach(() => {
  vi.useRealTimers();
});

/** What is written when something was copied to D1 or told, also by those who are told: the budget of a call does not count it. */
const FLUSH = /projection|UPDATE told|DELETE FROM event|delivery|endpoint|profile/;

/** Rows written by one command, by wrapping every `sql.exec` of the object. */
async function rowsWritten(ledger: TestLedger, command: CallCommand): Promise<number> {
  const cursors: { query: string; cursor: SqlStorageCursor<Record<string, SqlStorageValue>> }[] = [];
  await runInDurableObject(ledger.stub(), (_, state) => {
    const prototype: SqlStorage = Object.getPrototypeOf(state.storage.sql);
    const { exec } = prototype;
    vi.spyOn(prototype, "exec").mockImplementation(function (
      this: SqlStorage,
      query: string,
      ...bindings: SqlStorageValue[]
    ) {
      const cursor = exec.call(this, query, ...bindings);
      cursors.push({ query, cursor });
      return cursor;
    } as never);
  });
  await ledger.send(command);
  vi.restoreAllMocks();
  return cursors
    .filter(({ query }) => !FLUSH.test(query))
    .reduce((sum, { cursor }) => sum + cursor.rowsWritten, 0);
}

test("a call writes at most 1 row to authorize, 1 to answer, 1 to renew and 3 to settle", async () => {
  const ledger = await fundedLedger(10_000_000);
  const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);
  const written: Record<string, number> = {};
  written.authorize = await rowsWritten(ledger, authorize("c"));
  written.answered = await rowsWritten(ledger, { op: "answered", call_id: "c", answered_at_ms: null });
  pass(50);
  written.renew = await rowsWritten(ledger, renew("c", 1, 50));
  written.repeated_renew = await rowsWritten(ledger, renew("c", 1, 50));
  pass(34);
  written.settle = await rowsWritten(ledger, settle("c", 84_000));
  written.repeated_settle = await rowsWritten(ledger, settle("c", 84_000));
  await ledger.stub().setProfile({ state: "suspended" });
  written.rejection = await rowsWritten(ledger, authorize("d"));
  console.log(`rows written in the object, flush apart: ${JSON.stringify(written)}`);
  expect(written).toEqual({
    authorize: 1,
    answered: 1,
    renew: 1,
    repeated_renew: 0,
    settle: 3,
    repeated_settle: 0,
    rejection: 2,
  });
});

test("a node that takes over a call which a customer has placed writes 1 row, and 3 when that makes it void", async () => {
  const ledger = await fundedLedger(100_000);
  const written: Record<string, number> = {};
  const request_digest = "what was asked";
  const place = (call_id: string) =>
    rowsWritten(ledger, { ...authorize(call_id), placed: { attempt_id: `req-${call_id}`, request_digest } });
  written.placed = await place("c");
  written.taken_over = await rowsWritten(ledger, authorize("c"));
  written.repeated = await rowsWritten(ledger, authorize("c"));
  written.voided = await rowsWritten(ledger, { op: "void", call_id: "c", end_reason: "busy" });
  await place("d");
  const dear = { ...authorize("d"), expected_provider_micros_per_minute: 100_000_000 };
  written.not_covered = await rowsWritten(ledger, dear);
  expect(written).toEqual({ placed: 1, taken_over: 1, repeated: 0, voided: 3, not_covered: 3 });
});

test("whoever listens to every event costs a call no row more; an alert costs its mark and its event", async () => {
  const ledger = await fundedLedger(1_000_000);
  await ledger.stub().setAlerts([{ amount_micros: 990_000 }]);
  await ledger.stub().setWanted("all");
  const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);
  const written: Record<string, number> = {};
  written.authorize = await rowsWritten(ledger, authorize("c"));
  pass(5);
  written.renew = await rowsWritten(ledger, renew("c", 1, 5));
  pass(5);
  written.renew_that_crosses = await rowsWritten(ledger, renew("c", 2, 10));
  pass(5);
  written.renew_after = await rowsWritten(ledger, renew("c", 3, 15));
  written.settle = await rowsWritten(ledger, settle("c", 15_000));
  expect(written).toEqual({ authorize: 1, renew: 1, renew_that_crosses: 3, renew_after: 1, settle: 3 });
});

test("a call's last seconds are told once and only to whom listens, who alone pays the event's row", async () => {
  const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);
  const lastSeconds = async (wanted: string[]) => {
    const ledger = await fundedLedger(75_000);
    await ledger.stub().setAlerts([]);
    await ledger.stub().setWanted(wanted);
    const written = [await rowsWritten(ledger, authorize("c"))];
    for (const [place, seconds] of [20, 20, 20, 2].entries()) {
      pass(seconds);
      const elapsed_seconds = [20, 40, 60, 62][place] ?? 0;
      written.push(await rowsWritten(ledger, renew("c", place + 1, elapsed_seconds)));
    }
    return written;
  };
  expect(await lastSeconds(["credits.added"])).toEqual([1, 1, 1, 1, 1]);
  expect(await lastSeconds(["call.final_unit"])).toEqual([1, 1, 1, 2, 1]);
});
