import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LedgerMemory } from "../../../src/ledger/object/memory";
import { Projector } from "../../../src/ledger/object/projector";
import { LedgerStore } from "../../../src/ledger/store/ledger-store";
import { runProperty } from "./run";

/** How soon the property must notice that the ledger is broken. */
const STEPS = 300;
const SEED = 2;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.spyOn(Projector.prototype, "flush").mockResolvedValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Ways to break the ledger from outside: the object runs in this isolate, so its classes can be spoiled here. */
const MUTATIONS: Record<string, () => void> = {
  "a hold is not released": () => {
    const apply = LedgerStore.prototype.apply;
    vi.spyOn(LedgerStore.prototype, "apply").mockImplementation(function (this: LedgerStore, written) {
      written.closes_hold = false;
      apply.call(this, written);
    });
  },
  "a hold is released in memory, and its row is left": () => {
    const apply = LedgerStore.prototype.apply;
    vi.spyOn(LedgerStore.prototype, "apply").mockImplementation(function (this: LedgerStore, written) {
      apply.call(this, { ...written, closes_hold: false });
    });
  },
  "a charge is posted twice": () => {
    const apply = LedgerStore.prototype.apply;
    vi.spyOn(LedgerStore.prototype, "apply").mockImplementation(function (this: LedgerStore, written) {
      apply.call(this, written);
      const { entry, hold_id, notice_seq } = written;
      if (entry?.kind !== "call") return;
      const balance_after_micros = entry.balance_after_micros + entry.amount_micros;
      apply.call(this, {
        entry: { ...entry, seq: entry.seq + 1, balance_after_micros },
        hold_id,
        notice_seq,
      });
    });
  },
  "a resolved call is forgotten": () => {
    const known = LedgerMemory.prototype.known;
    vi.spyOn(LedgerMemory.prototype, "known").mockImplementation(function (this: LedgerMemory, call_id) {
      const found = known.call(this, call_id);
      return found.state === "resolved" ? { state: "unknown" } : found;
    });
  },
  "an operator's earlier request is forgotten": () => {
    vi.spyOn(LedgerStore.prototype, "earlierUse").mockReturnValue(undefined);
  },
  "credit that is held is granted again": () => {
    const book = LedgerMemory.prototype.book;
    vi.spyOn(LedgerMemory.prototype, "book").mockImplementation(function (this: LedgerMemory, ...args) {
      return { ...book.apply(this, args), held_micros: 0 };
    });
  },
};

describe("the property notices when", () => {
  test.for(Object.entries(MUTATIONS))("%s", { timeout: 60_000 }, async ([, mutate]) => {
    mutate();
    expect(await runProperty(SEED, STEPS, { shrink: false })).not.toBeNull();
  });

  test("nothing else: the same run on the ledger as it is shows no difference", {
    timeout: 60_000,
  }, async () => {
    expect(await runProperty(SEED, STEPS)).toBeNull();
  });
});
