import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CallCommand } from "../../../src/ledger/core/calls/commands";
import {
  authorize,
  fundedLedger,
  grantOf,
  receiptOf,
  renew,
  settle,
  type TestLedger,
  wordOf,
} from "../../support/ledger/ledger";

const EURO = 1_000_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  // In the future, so that the platform's own clock never rings an alarm of the test.
  vi.setSystemTime(new Date("2030-11-10T12:00:00Z"));
});
afterEach(() => {
  vi.useRealTimers();
});

function pass(seconds: number) {
  vi.setSystemTime(Date.now() + seconds * 1_000);
}

const answered: CallCommand = { op: "answered", call_id: "c", answered_at_ms: null };
const voided: CallCommand = { op: "void", call_id: "c", end_reason: "no_answer" };
const correct: CallCommand = {
  op: "correct",
  call_id: "c",
  correction_id: "k",
  duration_ms: 30_000,
  reason: "CDR",
};

describe("a call from authorize to settle", () => {
  test("holds a quota, extends it, and is charged for its real duration once", async () => {
    const ledger = await fundedLedger(EURO);
    expect(grantOf(await ledger.send(authorize("c")))).toMatchObject({
      granted_seconds: 60,
      renew_before_seconds: 50,
      valid_for_seconds: 60,
      final_unit: false,
    });
    expect(await ledger.account()).toMatchObject({ posted_micros: EURO, held_micros: 70_000 });
    await ledger.send(answered);
    pass(50);
    expect(grantOf(await ledger.send(renew("c", 1, 50)))).toMatchObject({ granted_seconds: 110 });
    pass(34);
    const receipt = receiptOf(await ledger.send(settle("c", 84_000)));
    expect(receipt).toMatchObject({
      outcome: "settled",
      billable_seconds: 84,
      fee_micros: 98_000,
      charged_micros: 98_000,
      balance_before_micros: EURO,
      balance_after_micros: EURO - 98_000,
      overrun_micros: 0,
    });
    expect(await ledger.account()).toMatchObject({ posted_micros: EURO - 98_000, held_micros: 0 });
    expect(await ledger.verify()).toMatchObject({ ok: true, entries: 2 });
  });

  test.each<[string, (first_ms: number) => CallCommand]>([
    ["the node", (first_ms) => ({ op: "answered", call_id: "c", answered_at_ms: first_ms })],
    ["a renewal", () => renew("c", 1, 5)],
  ])("keeps the time of its answer that %s gave first, whatever its report says", async (_, said) => {
    const ledger = await fundedLedger(EURO);
    await ledger.send(authorize("c"));
    const first_ms = Date.now() + 5_000;
    pass(10);
    await ledger.send(said(first_ms));
    pass(20);
    const report = settle("c", 20_000, { answered_at_ms: Date.now() - 20_000 });
    const receipt = receiptOf(await ledger.send(report));
    expect(receipt).toMatchObject({ answered_at_ms: first_ms, duration_ms: 20_000 });
    expect(receiptOf(await ledger.send(report))).toEqual(receipt);
  });

  test("was answered when its report says, if nobody has said it before", async () => {
    const ledger = await fundedLedger(EURO);
    await ledger.send(authorize("c"));
    pass(20);
    const report = settle("c", 10_000, { answered_at_ms: Date.now() - 15_000 });
    expect(receiptOf(await ledger.send(report)).answered_at_ms).toBe(Date.now() - 15_000);
  });

  test("takes a timer that fires up to 2 s late as the quota that was granted", async () => {
    const ledger = await fundedLedger(EURO);
    await ledger.send(authorize("c"));
    pass(62);
    expect(receiptOf(await ledger.send(settle("c", 62_000)))).toMatchObject({ charged_micros: 70_000 });
  });

  test("is charged for the truth when the node overran, below zero by exactly that", async () => {
    const ledger = await fundedLedger(70_000);
    expect(grantOf(await ledger.send(authorize("c")))).toMatchObject({
      granted_seconds: 60,
      final_unit: true,
    });
    pass(120);
    expect(receiptOf(await ledger.send(settle("c", 120_000)))).toMatchObject({
      charged_micros: 140_000,
      overrun_micros: 70_000,
      balance_after_micros: -70_000,
    });
    expect(wordOf(await ledger.send(authorize("d")))).toBe("insufficient_credits");
  });

  test("is granted again after its final unit when credit has come", async () => {
    const ledger = await fundedLedger(70_000);
    await ledger.send(authorize("c"));
    pass(50);
    expect(grantOf(await ledger.send(renew("c", 1, 50)))).toMatchObject({
      granted_seconds: 60,
      final_unit: true,
      renew_before_seconds: 58,
    });
    await ledger.post("adjustment:more", EURO);
    expect(grantOf(await ledger.send(renew("c", 2, 58)))).toMatchObject({
      granted_seconds: 118,
      final_unit: false,
    });
  });
});

describe("every transition that is refused", () => {
  type Given = "unknown" | "live" | "answered" | "settled" | "voided" | "rejected" | "lost";
  const bring: Record<Given, (ledger: TestLedger) => Promise<void>> = {
    unknown: async () => {},
    live: async (ledger) => void (await ledger.send(authorize("c"))),
    answered: async (ledger) => {
      await ledger.send(authorize("c"));
      await ledger.send(answered);
    },
    settled: async (ledger) => {
      await ledger.send(authorize("c"));
      pass(40);
      await ledger.send(settle("c", 40_000));
    },
    voided: async (ledger) => {
      await ledger.send(authorize("c"));
      await ledger.send(voided);
    },
    rejected: async (ledger) => {
      await ledger.send(authorize("hog", { max_duration_seconds: null, rate_name: "voice" }));
      await ledger.stub().setProfile({ state: "suspended" });
      await ledger.send(authorize("c"));
      await ledger.stub().setProfile({ state: "active" });
      await ledger.send({ op: "void", call_id: "hog", end_reason: null });
    },
    lost: async (ledger) => {
      await ledger.send(authorize("c"));
      // The alarm that the opening credit had set for its projection, then the one for the hold.
      await runDurableObjectAlarm(ledger.stub());
      pass(181);
      await runDurableObjectAlarm(ledger.stub());
    },
  };
  const table: [Given, CallCommand, string][] = [
    ["unknown", answered, "not_found"],
    ["unknown", renew("c", 1, 10), "not_found"],
    ["unknown", settle("c", 10_000), "missing_field"],
    ["unknown", voided, "not_found"],
    ["unknown", correct, "not_found"],
    ["live", authorize("c", { to: "+31200000000" }), "idempotency_conflict"],
    ["live", authorize("c", { from: "+31200000000" }), "idempotency_conflict"],
    ["live", authorize("c", { direction: "inbound" }), "idempotency_conflict"],
    ["live", authorize("c"), "granted"],
    ["live", renew("c", 1, 61), "invalid"],
    ["live", settle("c", 61_000), "invalid"],
    ["live", correct, "call_not_settled"],
    ["answered", voided, "call_answered"],
    ["answered", answered, "granted"],
    ["settled", authorize("c"), "call_already_settled"],
    ["settled", answered, "call_already_settled"],
    ["settled", renew("c", 1, 10), "call_already_settled"],
    ["settled", settle("c", 37_999), "call_already_settled"],
    ["settled", settle("c", 39_000), "receipt"],
    ["settled", settle("c", 40_000), "receipt"],
    ["settled", voided, "call_already_settled"],
    ["settled", correct, "receipt"],
    ["voided", authorize("c"), "call_already_settled"],
    ["voided", answered, "call_already_settled"],
    ["voided", renew("c", 1, 10), "call_already_settled"],
    ["voided", voided, "receipt"],
    ["voided", { ...voided, end_reason: "busy" } as CallCommand, "idempotency_conflict"],
    ["voided", settle("c", 10_000), "receipt"],
    ["rejected", authorize("c"), "organization_suspended"],
    ["rejected", answered, "call_already_settled"],
    ["rejected", renew("c", 1, 10), "call_already_settled"],
    ["rejected", voided, "call_already_settled"],
    ["rejected", correct, "call_not_settled"],
    ["rejected", settle("c", 10_000), "receipt"],
    ["lost", authorize("c"), "call_already_settled"],
    ["lost", answered, "call_already_settled"],
    ["lost", renew("c", 1, 10), "call_already_settled"],
    ["lost", voided, "call_already_settled"],
    ["lost", settle("c", 55_000), "receipt"],
  ];
  const named = table.map(([given, command, word]) => ({ given, op: command.op, command, word }));
  test.each(named)(
    "$given, then $op: $word, three times and across an eviction",
    async ({ given, command, word }) => {
      const ledger = await fundedLedger(EURO);
      await bring[given](ledger);
      const first = await ledger.send(command);
      expect(wordOf(first)).toBe(word);
      const after = { account: await ledger.account(), entries: await ledger.entries() };
      expect(await ledger.send(command)).toEqual(first);
      await evictDurableObject(ledger.stub());
      expect(await ledger.send(command)).toEqual(first);
      expect({ account: await ledger.account(), entries: await ledger.entries() }).toEqual(after);
      expect(await ledger.verify()).toMatchObject({ ok: true, first_difference: null });
    },
  );
});

describe("what a stranger's review found", () => {
  test("corrections of two calls stand alone, whatever characters their ids have", async () => {
    const ledger = await fundedLedger(EURO);
    const correction = (call_id: string, correction_id: string): CallCommand => ({
      op: "correct",
      call_id,
      correction_id,
      duration_ms: 20_000,
      reason: "CDR",
    });
    for (const call_id of ["x:y", "y"]) {
      await ledger.send(authorize(call_id));
      await ledger.send(settle(call_id, 10_000));
    }
    expect(receiptOf(await ledger.send(correction("x:y", "1")))).toMatchObject({ call_id: "x:y" });
    expect(receiptOf(await ledger.send(correction("y", "1:x")))).toMatchObject({
      call_id: "y",
      charged_micros: 23_333,
    });
  });

  test("a correction of a lost call is the last word, and says why in the ledger", async () => {
    const ledger = await fundedLedger(EURO);
    await ledger.send(authorize("c"));
    await runDurableObjectAlarm(ledger.stub());
    pass(181);
    await runDurableObjectAlarm(ledger.stub());
    expect(receiptOf(await ledger.send(correct))).toMatchObject({ charged_micros: 35_000 });
    expect(wordOf(await ledger.send(settle("c", 20_000)))).toBe("call_already_settled");
    expect((await ledger.entries()).at(-1)).toMatchObject({ kind: "correction", reason: "CDR" });
  });

  test("a balance stays within exact integers", async () => {
    const ledger = await fundedLedger(900_000_000_000_000);
    expect(await ledger.post("adjustment:too much", 900_000_000_000_000)).toMatchObject({
      code: "invalid",
      param: "amount_micros",
    });
    expect(await ledger.account()).toMatchObject({ posted_micros: 900_000_000_000_000 });
  });
});
