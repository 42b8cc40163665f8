import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ProviderCost } from "../../../src/ledger/core/calls/call";
import type { RatedParties, Settle } from "../../../src/ledger/core/calls/commands";
import { stopClock } from "../../support/clock";
import {
  authorize,
  fundedLedger,
  receiptOf,
  renew,
  settle,
  VOICE,
  wordOf,
} from "../../support/ledger/ledger";

const CREDIT = 10_000_000;
const LLM: ProviderCost[] = [{ service: "llm", cost_micros: 7_000 }];
const TTS: ProviderCost = { service: "tts", cost_micros: 900 };

let clock: ReturnType<typeof stopClock>;
beforeEach(() => {
  clock = stopClock();
});
afterEach(() => {
  vi.useRealTimers();
});

const report = (changes: Partial<Settle> = {}) => settle("c", 40_000, { provider_costs: null, ...changes });

async function settled(first: Partial<Settle> = {}) {
  const ledger = await fundedLedger(CREDIT);
  await ledger.send(authorize("c"));
  clock.pass(60_000);
  const receipt = receiptOf(await ledger.send(report(first)));
  clock.pass(30_000);
  return { ledger, receipt };
}

describe("a second report of the same end", () => {
  const SAME: [string, () => Partial<Settle>][] = [
    ["2 s longer", () => ({ duration_ms: 42_000 })],
    ["2 s shorter", () => ({ duration_ms: 38_000 })],
    ["with its end, that the first left to the ledger", () => ({ ended_at_ms: Date.now() - 30_000 })],
    ["with its answer, that the first left to its length", () => ({ answered_at_ms: Date.now() - 70_000 })],
  ];
  test.each(SAME)("%s is the same report: the same receipt, and nothing is written", async (_, changes) => {
    const { ledger, receipt } = await settled();
    const before = await ledger.entries();
    expect(receiptOf(await ledger.send(report(changes())))).toEqual(receipt);
    await evictDurableObject(ledger.stub());
    expect(receiptOf(await ledger.send(report(changes())))).toEqual(receipt);
    expect(await ledger.entries()).toEqual(before);
  });

  const OTHER: [string, () => Partial<Settle>][] = [
    ["is more than 2 s longer", () => ({ duration_ms: 42_001 })],
    ["is more than 2 s shorter", () => ({ duration_ms: 37_999 })],
    ["ended for another reason", () => ({ end_reason: "error" })],
    ["ended at another time", () => ({ ended_at_ms: Date.now() })],
    ["was answered at another time", () => ({ answered_at_ms: Date.now() })],
  ];
  test.each(OTHER)("that %s is refused and changes nothing", async (_, changes) => {
    const { ledger, receipt } = await settled();
    const answer = await ledger.send(report({ ...changes(), provider_costs: LLM }));
    expect(answer).toMatchObject({ code: "call_already_settled", receipt });
    expect(await ledger.account()).toMatchObject({ posted_micros: CREDIT - receipt.charged_micros });
  });
});

describe("a second report from a node whose clock is an hour off", () => {
  const HOUR_MS = 3_600_000;

  test.each([HOUR_MS, -HOUR_MS])("adds its costs, whatever it says of time (%i ms)", async (skew_ms) => {
    const { ledger, receipt } = await settled();
    const told = {
      answered_at_ms: Date.now() - 70_000 + skew_ms,
      ended_at_ms: Date.now() - 30_000 + skew_ms,
    };
    expect(receiptOf(await ledger.send(report(told)))).toEqual(receipt);
    const second = receiptOf(await ledger.send(report({ ...told, provider_costs: LLM })));
    expect(second).toMatchObject({ provider_cost_micros: 7_000, answered_at_ms: receipt.answered_at_ms });
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });

  test("says of the answer what was said when it came", async () => {
    const ledger = await fundedLedger(CREDIT);
    await ledger.send(authorize("c"));
    const answered_at_ms = Date.now() + HOUR_MS;
    await ledger.send({ op: "answered", call_id: "c", answered_at_ms });
    clock.pass(2 * HOUR_MS);
    const first = receiptOf(await ledger.send(settle("c", 2 * HOUR_MS, { provider_costs: null })));
    const again = settle("c", 2 * HOUR_MS, { provider_costs: null, answered_at_ms });
    expect(receiptOf(await ledger.send(again))).toEqual(first);
    expect(wordOf(await ledger.send({ ...again, answered_at_ms: answered_at_ms + 60_000 }))).toBe(
      "call_already_settled",
    );
  });
});

describe("provider costs that the first report left open", () => {
  test("are posted as a correction once, and each of the two is answered as before", async () => {
    const { ledger, receipt } = await settled();
    const with_costs = report({ provider_costs: LLM, duration_ms: 41_500 });
    const second = receiptOf(await ledger.send(with_costs));
    expect(second).toMatchObject({
      duration_ms: 40_000,
      fee_micros: receipt.fee_micros,
      provider_costs: LLM,
      provider_cost_micros: 7_000,
      charged_micros: receipt.charged_micros + 7_000,
    });
    expect((await ledger.entries()).at(-1)).toMatchObject({ kind: "correction", amount_micros: -7_000 });
    await evictDurableObject(ledger.stub());
    expect(receiptOf(await ledger.send(with_costs))).toEqual(second);
    expect(receiptOf(await ledger.send(report()))).toEqual(receipt);
    expect((await ledger.entries()).length).toBe(3);
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });

  test("take the place of what a renewal had told", async () => {
    const ledger = await fundedLedger(CREDIT);
    await ledger.send(authorize("c"));
    clock.pass(60_000);
    await ledger.send({ ...renew("c", 1, 40), provider_cost_micros: 5_000 });
    const first = receiptOf(await ledger.send(report()));
    expect(first.provider_cost_micros).toBe(5_000);
    expect(receiptOf(await ledger.send(report({ provider_costs: LLM }))).provider_cost_micros).toBe(7_000);
    expect(await ledger.account()).toMatchObject({ posted_micros: CREDIT - first.charged_micros - 2_000 });
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });

  test("are those of the services that nobody has spoken for; others must be as stated", async () => {
    const { ledger } = await settled({ provider_costs: LLM });
    const twice = [{ service: "llm", cost_micros: 7_001 }] as const;
    expect(wordOf(await ledger.send(report({ provider_costs: [...twice] })))).toBe("call_already_settled");
    expect(wordOf(await ledger.send(report({ provider_costs: [...twice, TTS] })))).toBe(
      "call_already_settled",
    );
    expect(wordOf(await ledger.send(report({ provider_costs: [] })))).toBe("call_already_settled");
    const added = receiptOf(await ledger.send(report({ provider_costs: [TTS] })));
    expect(added).toMatchObject({ provider_costs: [...LLM, TTS], provider_cost_micros: 7_900 });
    expect(receiptOf(await ledger.send(report({ provider_costs: [TTS, ...LLM] })))).toEqual(added);
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });

  test("are none when the first report said that there are none", async () => {
    const { ledger, receipt } = await settled({ provider_costs: [] });
    expect(wordOf(await ledger.send(report({ provider_costs: LLM })))).toBe("call_already_settled");
    expect(receiptOf(await ledger.send(report({ duration_ms: 41_000 })))).toEqual(receipt);
  });

  test("of a call that waits for an operator are charged with it when it is released", async () => {
    const ledger = await fundedLedger(CREDIT);
    const unauthorized: RatedParties = {
      ...{ direction: "inbound", from: "+31612345678", to: "+31201234567", number: null },
      ...{ rate_name: "voice", standard_rate: VOICE, byok: [] },
    };
    const unheard = { unauthorized, ended_at_ms: Date.now() };
    await ledger
      .stub()
      .operate(Array.from({ length: 1_000 }, (_, at) => settle(`c${at}`, 0, { ...unheard })));
    expect(receiptOf(await ledger.send(report(unheard)))).toMatchObject({ outcome: "parked" });
    const second = receiptOf(await ledger.send(report({ ...unheard, provider_costs: LLM })));
    expect(second).toMatchObject({ outcome: "parked", charged_micros: 0, provider_costs: LLM });
    expect(receiptOf(await ledger.stub().release("c"))).toMatchObject({
      outcome: "settled",
      charged_micros: 46_667 + 7_000,
    });
    expect(await ledger.verify()).toMatchObject({ ok: true });
  });
});

test("a report after a correction is still the first one's, and its costs go to the call as corrected", async () => {
  const { ledger, receipt } = await settled();
  await ledger.send({ op: "correct", call_id: "c", correction_id: "1", duration_ms: 20_000, reason: "CDR" });
  expect(receiptOf(await ledger.send(report({ duration_ms: 41_000 })))).toEqual(receipt);
  expect(receiptOf(await ledger.send(report({ provider_costs: LLM })))).toMatchObject({
    duration_ms: 20_000,
    charged_micros: 23_333 + 7_000,
  });
  expect(await ledger.verify()).toMatchObject({ ok: true });
});
