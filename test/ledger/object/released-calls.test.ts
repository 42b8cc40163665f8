import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CallCommand } from "../../../src/ledger/core/calls/commands";
import { EventRelay } from "../../../src/ledger/object/event-relay";
import { LedgerMemory } from "../../../src/ledger/object/memory";
import { authorize, fundedLedger, settle, type TestLedger, wordOf } from "../../support/ledger/ledger";
import { spoilChanges } from "../../support/ledger/spoil";

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  // What is told stays in the object, to be counted.
  vi.spyOn(EventRelay.prototype, "flush").mockResolvedValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const BAD = "bad";
const OPENED = 10_000_000;

const unauthorized = (): CallCommand =>
  settle(BAD, 30_000, { ended_at_ms: Date.now(), unauthorized: authorize(BAD) });

/** Entries of the call, whatever is repeated of it after it was released, and after the object was away. */
async function chargesAfterRepeats(ledger: TestLedger, command: CallCommand): Promise<number> {
  vi.restoreAllMocks();
  await evictDurableObject(ledger.stub());
  await ledger.send(command);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 400_000 });
  await runInDurableObject(ledger.stub(), (object) =>
    object.alarm({ scheduledTime: Date.now(), isRetry: false, retryCount: 0 }),
  );
  return (await ledger.entries()).filter(({ call_id }) => call_id === BAD).length;
}

describe("a call that was released", () => {
  test("gives back its hold, although the decision would have kept it, and is charged once", async () => {
    const ledger = await fundedLedger(OPENED);
    await ledger.send(authorize(BAD));
    spoilChanges(BAD, ({ resolved }) => resolved && { closes_hold: false });
    const command = settle(BAD, 30_000);
    expect(wordOf(await ledger.send(command))).toBe("failed");
    expect(wordOf(await ledger.stub().release(BAD))).toBe("receipt");
    expect(await ledger.account()).toMatchObject({ active_calls: 0, held_micros: 0 });
    expect(await chargesAfterRepeats(ledger, command)).toBe(1);
    expect(await ledger.verify()).toMatchObject({ ok: true, released: [{ call_id: BAD }] });
  });

  test("takes no other call's hold, although the decision would have", async () => {
    const ledger = await fundedLedger(OPENED);
    await ledger.send(authorize("other"));
    spoilChanges(BAD, ({ resolved }) => resolved && { closes_hold: true });
    const command = unauthorized();
    expect(wordOf(await ledger.send(command))).toBe("failed");
    expect(wordOf(await ledger.stub().release(BAD))).toBe("receipt");
    expect(await ledger.stub().memoryDifference()).toMatchObject({ difference: null });
    await evictDurableObject(ledger.stub());
    expect(await ledger.account()).toMatchObject({ active_calls: 1 });
    expect(wordOf(await ledger.send(settle("other", 10_000)))).toBe("receipt");
  });

  test("is not written where another invariant would be violated, too", async () => {
    const ledger = await fundedLedger(OPENED);
    await ledger.send(authorize(BAD));
    spoilChanges(BAD, ({ entry }) => (entry ? { entry: { ...entry, epoch: entry.epoch + 1 } } : {}));
    expect(wordOf(await ledger.send(settle(BAD, 30_000)))).toBe("failed");
    expect(wordOf(await ledger.stub().release(BAD))).toBe("failed");
    expect(await ledger.entries()).toHaveLength(1);
    expect(await ledger.verify()).toMatchObject({ ok: true, stopped: { count: 1, call_ids: [BAD] } });
    // Once the fault is mended the same report is an ordinary one.
    vi.restoreAllMocks();
    expect(wordOf(await ledger.stub().release(BAD))).toBe("receipt");
    const verification = await ledger.verify();
    expect(verification).toMatchObject({ ok: true, entries: 2 });
    expect(verification).not.toHaveProperty("released");
    expect(verification).not.toHaveProperty("stopped");
  });

  test("is excused for what differed when it was released, and for nothing else", async () => {
    const ledger = await fundedLedger(OPENED);
    await ledger.send(authorize(BAD));
    spoilChanges(BAD, ({ resolved }) =>
      resolved ? { resolved: { ...resolved, charged_micros: resolved.charged_micros + 7 } } : {},
    );
    await ledger.send(settle(BAD, 30_000));
    expect(wordOf(await ledger.stub().release(BAD))).toBe("receipt");
    vi.restoreAllMocks();
    expect(await ledger.verify()).toMatchObject({ ok: true, released: [{ call_id: BAD }] });
    const correction = {
      op: "correct",
      call_id: BAD,
      correction_id: "c",
      duration_ms: 29_000,
      reason: "CDR",
    };
    expect(wordOf(await ledger.send(correction as CallCommand))).toBe("receipt");
    await runInDurableObject(ledger.stub(), (_, { storage }) => {
      storage.sql.exec(
        "UPDATE call SET facts = json_set(facts, '$.charged_micros', json_extract(facts, '$.charged_micros') + 1) WHERE call_id = ?",
        BAD,
      );
    });
    expect(await ledger.verify()).toMatchObject({ ok: false, first_difference: expect.stringMatching(BAD) });
  });

  test("keeps the first of several reports that were stopped", async () => {
    const ledger = await fundedLedger(OPENED);
    await ledger.send(authorize(BAD));
    spoilChanges(BAD, ({ resolved }) => resolved && { closes_hold: false });
    await ledger.send(settle(BAD, 30_000));
    await ledger.send(settle(BAD, 1_000));
    expect(await ledger.stub().release(BAD)).toMatchObject({ receipt: { duration_ms: 30_000 } });
  });
});

test("each purchase that is stopped is reported to operators, not only the first", async () => {
  const ledger = await fundedLedger(OPENED);
  for (const id of ["a", "b"]) {
    spoilChanges(`adjustment:${id}`, ({ entry }) => entry && { entry: { ...entry, seq: entry.seq + 1 } });
    await ledger.post(`adjustment:${id}`, 1);
    await ledger.post(`adjustment:${id}`, 1);
    vi.mocked(LedgerMemory.prototype.withRowNumbers).mockRestore();
  }
  const events = await runInDurableObject(ledger.stub(), (_, { storage: { sql } }) =>
    sql.exec("SELECT * FROM event WHERE type = 'ops.invariant_violated'").toArray(),
  );
  expect(events).toHaveLength(2);
});
