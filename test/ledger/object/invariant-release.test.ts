import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EventRelay } from "../../../src/ledger/object/event-relay";
import { authorize, fundedLedger, settle } from "../../support/ledger/ledger";
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

describe("an operator releases what was stopped", () => {
  test("a settle: written once in spite of the invariant, and named by verify", async () => {
    const ledger = await fundedLedger(OPENED);
    await ledger.send(authorize(BAD));
    spoilChanges(BAD, ({ entry }) =>
      entry ? { entry: { ...entry, balance_after_micros: entry.balance_after_micros - 1 } } : {},
    );
    await ledger.send(settle(BAD, 30_000));
    expect(await ledger.entries()).toHaveLength(1);
    const released = await ledger.stub().release(BAD);
    expect(released).toMatchObject({ outcome: "receipt", receipt: { call_id: BAD, charged_micros: 35_000 } });
    expect(await ledger.stub().release(BAD)).toEqual(released);
    expect(await ledger.send(settle(BAD, 30_000))).toEqual(released);
    expect(await ledger.entries()).toHaveLength(2);
    vi.restoreAllMocks();
    await ledger.send(authorize("next"));
    await ledger.send(settle("next", 30_000));
    await evictDurableObject(ledger.stub());
    expect(await ledger.verify()).toMatchObject({
      ok: true,
      first_difference: null,
      entries: 3,
      released: [{ call_id: BAD, entry_seq: 2, invariant: "entry_added_up" }],
    });
  });

  test("a void", async () => {
    const ledger = await fundedLedger(OPENED);
    await ledger.send(authorize(BAD));
    spoilChanges(BAD, ({ resolved }) => resolved && { resolved: { ...resolved, version: 9 } });
    await ledger.send({ op: "void", call_id: BAD, end_reason: "busy" });
    const released = await ledger.stub().release(BAD);
    expect(released).toMatchObject({ outcome: "receipt", receipt: { call_id: BAD, outcome: "voided" } });
    expect(await ledger.stub().release(BAD)).toEqual(released);
    expect(await ledger.account()).toMatchObject({ active_calls: 0, held_micros: 0, posted_micros: OPENED });
    expect(await ledger.verify()).toMatchObject({
      ok: true,
      released: [{ call_id: BAD, entry_seq: null, invariant: "call_version" }],
    });
  });

  test("and what was tampered with beside it is a difference all the same", async () => {
    const ledger = await fundedLedger(OPENED);
    await ledger.send(authorize(BAD));
    spoilChanges(BAD, ({ resolved }) => resolved && { resolved: { ...resolved, charged_micros: 1 } });
    await ledger.send(settle(BAD, 30_000));
    await ledger.stub().release(BAD);
    vi.restoreAllMocks();
    await ledger.send(authorize("next"));
    await ledger.send(settle("next", 30_000));
    await runInDurableObject(ledger.stub(), (_, { storage }) => {
      storage.sql.exec("UPDATE entry SET amount_micros = 1 WHERE seq = 3");
    });
    expect(await ledger.verify()).toMatchObject({
      ok: false,
      first_difference: expect.stringMatching(/^entry 1:3/),
      released: [{ call_id: BAD, invariant: "charge_posted" }],
    });
  });

  test("nothing where the node's repeat came through first", async () => {
    const ledger = await fundedLedger(OPENED);
    await ledger.send(authorize(BAD));
    spoilChanges(BAD, ({ resolved }) => resolved && { resolved: { ...resolved, charged_micros: 1 } });
    await ledger.send(settle(BAD, 30_000));
    vi.restoreAllMocks();
    const settled = await ledger.send(settle(BAD, 30_000));
    expect(await ledger.stub().release(BAD)).toEqual(settled);
    expect(await ledger.entries()).toHaveLength(2);
    const verification = await ledger.verify();
    expect(verification).toMatchObject({ ok: true });
    expect(verification).not.toHaveProperty("released");
  });
});
