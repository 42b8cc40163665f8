import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CallCommand } from "../../../src/ledger/core/calls/commands";
import type { Invariant } from "../../../src/ledger/core/invariants";
import { EventRelay } from "../../../src/ledger/object/event-relay";
import { LedgerMemory } from "../../../src/ledger/object/memory";
import type { NumberedChanges } from "../../../src/ledger/store/changes";
import { authorize, fundedLedger, settle, type TestLedger, wordOf } from "../../support/ledger/ledger";
import { spoilChanges } from "../../support/ledger/spoil";

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  // What is told stays in the object, to be counted.
  vi.spyOn(EventRelay.prototype, "flush").mockResolvedValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const BAD = "bad";
const OPENED = 10_000_000;

/** Everything that the ledger has written of calls and money. */
function rowsOf(ledger: TestLedger): Promise<unknown> {
  return runInDurableObject(ledger.stub(), (_, { storage: { sql } }) =>
    ["entry", "hold", "call", "notice", "money_key", "unauthorized", "reversed"].map((table) =>
      sql.exec(`SELECT * FROM ${table}`).toArray(),
    ),
  );
}

/** What operators are told of violations, in the order in which they were noted. */
function violationsOf(ledger: TestLedger): Promise<Record<string, unknown>[]> {
  return runInDurableObject(ledger.stub(), (_, { storage: { sql } }) =>
    sql
      .exec<{ data: string }>("SELECT data FROM event WHERE type = 'ops.invariant_violated' ORDER BY seq")
      .toArray()
      .map(({ data }) => JSON.parse(data)),
  );
}

/** The report of a call that was never authorized. */
const unauthorized = (call_id: string): CallCommand =>
  settle(call_id, 30_000, { ended_at_ms: Date.now(), unauthorized: authorize(call_id) });

interface Violated {
  what: string;
  invariant: Invariant;
  /** What happens before anything is spoiled. */
  before?: CallCommand[];
  command: CallCommand;
  spoil: (changes: NumberedChanges) => Partial<NumberedChanges> | undefined;
}

const VIOLATIONS: Violated[] = [
  {
    what: "an entry with another's number",
    invariant: "entry_numbered",
    before: [authorize(BAD)],
    command: settle(BAD, 30_000),
    spoil: ({ entry }) => entry && { entry: { ...entry, seq: entry.seq + 1 } },
  },
  {
    what: "an entry of another epoch",
    invariant: "entry_numbered",
    before: [authorize(BAD)],
    command: settle(BAD, 30_000),
    spoil: ({ entry }) => entry && { entry: { ...entry, epoch: entry.epoch + 1 } },
  },
  {
    what: "a balance that is not the one before and the amount",
    invariant: "entry_added_up",
    before: [authorize(BAD)],
    command: settle(BAD, 30_000),
    spoil: ({ entry }) =>
      entry && { entry: { ...entry, balance_after_micros: entry.balance_after_micros + 1 } },
  },
  {
    what: "a call that ends and keeps its hold",
    invariant: "hold_resolved_once",
    before: [authorize(BAD)],
    command: settle(BAD, 30_000),
    spoil: () => ({ closes_hold: false }),
  },
  {
    what: "a call that gives back a hold it does not have",
    invariant: "hold_resolved_once",
    command: unauthorized(BAD),
    spoil: () => ({ closes_hold: true }),
  },
  {
    what: "a hold below 0",
    invariant: "held_not_negative",
    command: authorize(BAD),
    spoil: ({ hold }) => hold && { hold: { ...hold, held_micros: -1 } },
  },
  {
    what: "a hold of more than is spendable",
    invariant: "grant_covered",
    command: authorize(BAD),
    spoil: ({ hold }) => hold && { hold: { ...hold, held_micros: OPENED + 1 } },
  },
  {
    what: "a change of a live call that skips a version",
    invariant: "call_version",
    before: [authorize(BAD)],
    command: { op: "answered", call_id: BAD, answered_at_ms: null },
    spoil: ({ hold }) => hold && { hold: { ...hold, version: hold.version + 1 } },
  },
  {
    what: "a void that skips a version",
    invariant: "call_version",
    before: [authorize(BAD)],
    command: { op: "void", call_id: BAD, end_reason: "busy" },
    spoil: ({ resolved }) => resolved && { resolved: { ...resolved, version: resolved.version + 1 } },
  },
  {
    what: "a call that is charged otherwise than its entry says",
    invariant: "charge_posted",
    before: [authorize(BAD)],
    command: settle(BAD, 30_000),
    spoil: ({ resolved }) =>
      resolved && { resolved: { ...resolved, charged_micros: resolved.charged_micros + 1 } },
  },
  {
    what: "a call that is charged without an entry",
    invariant: "charge_posted",
    before: [authorize(BAD)],
    command: settle(BAD, 30_000),
    spoil: () => ({ entry: undefined }),
  },
  {
    what: "a call that does not know its entry",
    invariant: "charge_posted",
    before: [authorize(BAD)],
    command: settle(BAD, 30_000),
    spoil: ({ resolved }) => resolved && { resolved: { ...resolved, entry_seqs: [] } },
  },
  {
    what: "an entry of a call that does not change",
    invariant: "charge_posted",
    before: [authorize(BAD)],
    command: settle(BAD, 30_000),
    spoil: () => ({ resolved: undefined, closes_hold: undefined }),
  },
];

describe("before anything is written, it is stopped", () => {
  test.for(VIOLATIONS)("$what", async ({ invariant, before = [], command, spoil }) => {
    const ledger = await fundedLedger(OPENED);
    for (const each of before) await ledger.send(each);
    spoilChanges(BAD, spoil);
    const rows = await rowsOf(ledger);
    expect(wordOf(await ledger.send(command))).toBe("failed");
    expect(await rowsOf(ledger)).toEqual(rows);
    const group = [authorize("one"), command, authorize("other")];
    const answers = await ledger.stub().operate(group);
    expect(answers.map(wordOf)).toEqual(["granted", "failed", "granted"]);
    // The repeat is told of no more.
    expect(await violationsOf(ledger)).toMatchObject([
      { organization_id: ledger.organization_id, call_id: BAD, operation: command.op, invariant },
    ]);
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });

  test("a second charge of a call that was forgotten", async () => {
    const ledger = await fundedLedger(OPENED);
    await ledger.send(unauthorized(BAD));
    const known = LedgerMemory.prototype.known;
    vi.spyOn(LedgerMemory.prototype, "known").mockImplementation(function (this: LedgerMemory, call_id) {
      return call_id === BAD ? { state: "unknown" } : known.call(this, call_id);
    });
    const rows = await rowsOf(ledger);
    expect(wordOf(await ledger.send(unauthorized(BAD)))).toBe("failed");
    expect(await rowsOf(ledger)).toEqual(rows);
    expect(await violationsOf(ledger)).toMatchObject([{ call_id: BAD, invariant: "charged_once" }]);
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });

  test("a grant of credit that other calls hold", async () => {
    const ledger = await fundedLedger(70_000);
    await ledger.send(authorize("one"));
    const book = LedgerMemory.prototype.book;
    vi.spyOn(LedgerMemory.prototype, "book").mockImplementation(function (this: LedgerMemory, ...args) {
      return { ...book.apply(this, args), held_micros: 0 };
    });
    expect(wordOf(await ledger.send(authorize("other")))).toBe("failed");
    expect(await violationsOf(ledger)).toMatchObject([{ call_id: "other", invariant: "grant_covered" }]);
    expect(await ledger.account()).toMatchObject({ held_micros: 70_000 });
  });

  test("credit that is posted under another key than is kept", async () => {
    const ledger = await fundedLedger(OPENED);
    spoilChanges("adjustment:bad", ({ entry }) => entry && { entry: { ...entry, key: "adjustment:other" } });
    const rows = await rowsOf(ledger);
    const answer = await ledger.post("adjustment:bad", 1);
    expect(answer).toMatchObject({ outcome: "refused", code: "failed" });
    expect(await rowsOf(ledger)).toEqual(rows);
    expect(await ledger.post("adjustment:good", 1)).toMatchObject({ outcome: "posted" });
    expect(await violationsOf(ledger)).toMatchObject([{ operation: "post", invariant: "entry_keyed" }]);
  });

  test("a later entry of a decision that does not follow the one before", async () => {
    const ledger = await fundedLedger(OPENED);
    const reversal = (id: string) => ({
      id,
      kind: "refund" as const,
      gross_micros: 1_000_000,
      net_micros: 1_000_000,
      moves: 1,
      is_back: true,
      keys: { take: `refund:${id}`, give_back: `refund:${id}:failed` },
    });
    const purchase = { id: "pur_1", net_micros: 5_000_000, gross_micros: 5_000_000 };
    const command = { purchase, reversals: [reversal("a"), reversal("b")] };
    spoilChanges("refund:b", ({ entry }) => entry && { entry: { ...entry, seq: entry.seq - 1 } });
    const rows = await rowsOf(ledger);
    expect(await ledger.stub().takeBack(command)).toMatchObject({ outcome: "refused", code: "failed" });
    expect(await rowsOf(ledger)).toEqual(rows);
    expect(await violationsOf(ledger)).toMatchObject([
      { operation: "take_back", invariant: "entry_numbered" },
    ]);
  });
});

test("a hold whose expiry is stopped holds up no other, and expires once the fault is gone", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const ledger = await fundedLedger(OPENED);
  await ledger.stub().operate([authorize(BAD), authorize("good")]);
  spoilChanges(
    BAD,
    ({ resolved }) => resolved && { resolved: { ...resolved, version: resolved.version + 1 } },
  );
  const passAndRing = (ms: number) => {
    vi.setSystemTime(Date.now() + ms);
    return runInDurableObject(ledger.stub(), (object) =>
      object.alarm({ scheduledTime: Date.now(), isRetry: false, retryCount: 0 }),
    );
  };
  await passAndRing(200_000);
  await passAndRing(200_000);
  expect(await ledger.account()).toMatchObject({ active_calls: 1 });
  expect(await violationsOf(ledger)).toMatchObject([{ call_id: BAD, operation: "expire" }]);
  vi.restoreAllMocks();
  await passAndRing(400_000);
  expect(await ledger.account()).toMatchObject({ active_calls: 0, held_micros: 0 });
  vi.useRealTimers();
});

test("a fault that stops every call is told of twenty times an hour", async () => {
  const ledger = await fundedLedger(OPENED);
  const placed = LedgerMemory.prototype.withRowNumbers;
  vi.spyOn(LedgerMemory.prototype, "withRowNumbers").mockImplementation(function (this: LedgerMemory, all) {
    return placed
      .call(this, all)
      .map((each) => (each.hold ? { ...each, hold: { ...each.hold, version: 7 } } : each));
  });
  await ledger.stub().operate(Array.from({ length: 50 }, (_, at) => authorize(`c${at}`)));
  expect(await violationsOf(ledger)).toHaveLength(20);
});

test("a ledger whose memory is not what its rows say tells operators when it starts, and goes on", async () => {
  const ledger = await fundedLedger(OPENED);
  await ledger.send(authorize("one"));
  await runInDurableObject(ledger.stub(), (_, { storage }) => {
    storage.sql.exec("UPDATE hold SET held_micros = held_micros + 1");
  });
  await evictDurableObject(ledger.stub());
  expect(wordOf(await ledger.send(authorize("other")))).toBe("granted");
  expect(await violationsOf(ledger)).toMatchObject([
    { call_id: null, operation: "start", invariant: "memory_equals_rows" },
  ]);
});
