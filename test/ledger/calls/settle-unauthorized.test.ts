import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RatedParties, Settle } from "../../../src/ledger/core/calls/commands";
import {
  authorize,
  fundedLedger,
  rateOf,
  receiptOf,
  settle,
  VOICE,
  wordOf,
} from "../../support/ledger/ledger";

const NOW_MS = Date.UTC(2030, 10, 10, 12);
const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(NOW_MS);
});
afterEach(() => {
  vi.useRealTimers();
});

const who: RatedParties = {
  direction: "inbound",
  from: "+31612345678",
  to: "+31201234567",
  number: "+31201234567",
  rate_name: "voice",
  standard_rate: VOICE,
  byok: [],
};

function report(call_id: string, duration_ms: number, changes: Partial<Settle> = {}): Settle {
  return settle(call_id, duration_ms, { unauthorized: who, ended_at_ms: NOW_MS - 60_000, ...changes });
}

test("a call that ran through an outage is charged once, however often it is reported", async () => {
  const ledger = await fundedLedger(1_000_000);
  const first = await ledger.send(report("c", 84_000));
  expect(receiptOf(first)).toMatchObject({
    authorized: false,
    charged_micros: 98_000,
    answered_at_ms: NOW_MS - 60_000 - 84_000,
    balance_after_micros: 902_000,
  });
  expect(await ledger.send(report("c", 84_000))).toEqual(first);
  expect(wordOf(await ledger.send(report("c", 80_000)))).toBe("call_already_settled");
  const otherCaller = { ...who, from: "+31600000000" };
  expect(wordOf(await ledger.send(report("c", 84_000, { unauthorized: otherCaller })))).toBe(
    "idempotency_conflict",
  );
  expect((await ledger.entries()).length).toBe(2);
});

describe("reported again", () => {
  const with_keys = { ...who, rate_name: "byok", standard_rate: rateOf({ name: "byok" }) };
  const keys: RatedParties = { ...with_keys, byok: ["stt", "llm"] };
  const OTHERWISE: [string, RatedParties][] = [
    ["at another rate", { ...who, byok: keys.byok }],
    ["with one own key less", { ...keys, byok: ["stt"] }],
    ["with one own key more", { ...keys, byok: ["stt", "llm", "tts"] }],
    ["with another own key", { ...keys, byok: ["stt", "tts"] }],
    ["without own keys", with_keys],
  ];

  test.each(OTHERWISE)("%s it is refused and changes nothing, settled or parked", async (_, unauthorized) => {
    const ledger = await fundedLedger(1_000_000);
    await ledger.stub().operate(Array.from({ length: 999 }, (_, i) => report(`c${i}`, 0)));
    for (const [call_id, outcome] of [
      ["c", "settled"],
      ["late", "parked"],
    ] as const) {
      const first = await ledger.send(report(call_id, 60_000, { unauthorized: keys }));
      expect(receiptOf(first)).toMatchObject({ outcome });
      const again = await ledger.send(report(call_id, 60_000, { unauthorized }));
      expect(again).toMatchObject({ code: "idempotency_conflict", param: "call_id" });
      expect(await ledger.send(report(call_id, 60_000, { unauthorized: keys }))).toEqual(first);
    }
    expect(await ledger.account()).toMatchObject({ posted_micros: 930_000 });
  });

  test("with its own keys in another order, or in fewer words, it is answered the same", async () => {
    const ledger = await fundedLedger(1_000_000);
    const first = await ledger.send(report("c", 60_000, { unauthorized: keys }));
    const turned: RatedParties = { ...keys, byok: ["llm", "stt"] };
    expect(await ledger.send(report("c", 60_000, { unauthorized: turned }))).toEqual(first);
    expect(await ledger.send(report("c", 60_000, { unauthorized: null }))).toEqual(first);
  });

  test("a call whose rate was fixed when it was authorized or refused may be reported at any", async () => {
    const ledger = await fundedLedger(20_000);
    await ledger.send(authorize("allowed", who));
    await ledger.send(authorize("refused", who));
    for (const call_id of ["allowed", "refused"]) {
      const first = await ledger.send(report(call_id, 10_000, { unauthorized: keys, ended_at_ms: NOW_MS }));
      expect(receiptOf(first)).toMatchObject({ rate: VOICE, byok: [], charged_micros: 11_667 });
      expect(await ledger.send(report(call_id, 10_000, { unauthorized: who, ended_at_ms: NOW_MS }))).toEqual(
        first,
      );
    }
  });
});

test("it is rated as at its answer, by the organization's own rate of then", async () => {
  const ledger = await fundedLedger(1_000_000);
  const own = { ...VOICE, price_micros_per_minute: 120_000, effective_from_ms: NOW_MS - DAY_MS };
  await ledger.stub().putRate(own);
  await ledger
    .stub()
    .putRate({ ...own, price_micros_per_minute: 240_000, effective_from_ms: NOW_MS - 90_000 });
  expect(receiptOf(await ledger.send(report("then", 60_000)))).toMatchObject({ charged_micros: 120_000 });
  expect(receiptOf(await ledger.send(report("now", 20_000)))).toMatchObject({ charged_micros: 80_000 });
});

const REFUSED: [string, Partial<Settle>, number, string, string][] = [
  ["without ended_at", { ended_at_ms: null }, 1_000, "missing_field", "ended_at"],
  ["that ends in the future", { ended_at_ms: NOW_MS + 61_000 }, 1_000, "too_soon", "ended_at"],
  ["that ends days ahead", { ended_at_ms: NOW_MS + DAY_MS + 1 }, 1_000, "invalid", "ended_at"],
  ["answered after its end", { answered_at_ms: NOW_MS }, 1_000, "invalid", "answered_at"],
  ["answered a day before its end", { answered_at_ms: NOW_MS - 2 * DAY_MS }, 1_000, "invalid", "answered_at"],
  ["that is older than 30 days", { ended_at_ms: NOW_MS - 31 * DAY_MS }, 1_000, "invalid", "ended_at"],
  ["that is longer than a day", {}, DAY_MS + 1, "invalid", "duration_ms"],
];

test.each(REFUSED)("one %s is refused and changes nothing", async (_, changes, duration_ms, code, param) => {
  const ledger = await fundedLedger(1_000_000);
  expect(await ledger.send(report("c", duration_ms, changes))).toMatchObject({ code, param });
  expect(await ledger.account()).toMatchObject({ posted_micros: 1_000_000, held_micros: 0 });
});

test("above the cap of its edge key and hour it is parked, and charged once an operator releases it", async () => {
  const ledger = await fundedLedger(1_000_000);
  await ledger.stub().operate(Array.from({ length: 1_000 }, (_, i) => report(`c${i}`, 0)));
  const parked = await ledger.send(report("late", 60_000));
  expect(receiptOf(parked)).toMatchObject({ outcome: "parked", charged_micros: 0 });
  expect(await ledger.send(report("late", 60_000))).toEqual(parked);
  expect(receiptOf(await ledger.send(report("other key", 60_000, { edge_key_id: "key_2" })))).toMatchObject({
    outcome: "settled",
  });
  const released = await ledger.stub().release("late");
  expect(receiptOf(released)).toMatchObject({ outcome: "settled", charged_micros: 70_000 });
  expect(receiptOf(await ledger.stub().release("late"))).toMatchObject({ charged_micros: 70_000 });
  expect(await ledger.account()).toMatchObject({ posted_micros: 860_000 });
  vi.setSystemTime(NOW_MS + 3_600_000);
  expect(receiptOf(await ledger.send(report("next hour", 60_000)))).toMatchObject({ outcome: "settled" });
  expect(await ledger.verify()).toMatchObject({ ok: true });
});

test("a call told long after its end says nothing about how fast credit goes now", async () => {
  const ledger = await fundedLedger(10_000_000);
  const burn = async () => (await ledger.account()).burn_micros_per_minute;
  await ledger.send(report("yesterday", 3_600_000, { ended_at_ms: NOW_MS - DAY_MS }));
  expect(await burn()).toBe(0);
  await ledger.send(report("just now", 60_000));
  expect(await burn()).toBe(14_000);
  await evictDurableObject(ledger.stub());
  expect(await burn()).toBe(14_000);
});
