import fc from "fast-check";
import { expect, test } from "vitest";
import { chargeFor, platformCostMicros } from "../../../src/ledger/core/calls/charge";
import { feeOf, rateInForce } from "../../../src/ledger/core/credit/rating";
import { rateOf, VOICE } from "../../support/ledger/ledger";

const rates = fc.record({
  price_micros_per_minute: fc.integer({ min: 1, max: 10_000_000 }),
  first_seconds: fc.integer({ min: 1, max: 120 }),
  next_seconds: fc.integer({ min: 1, max: 120 }),
  minimum_seconds: fc.integer({ min: 0, max: 120 }),
});
const durations = fc.integer({ min: 0, max: 86_400_000 });

test("84 seconds at the default rate cost EUR 0.098, 120 minutes EUR 8.40", () => {
  expect(chargeFor({ rate: VOICE }, 84_000, 0, 0).charged_micros).toBe(98_000);
  expect(chargeFor({ rate: VOICE }, 120 * 60_000, 0, 0).charged_micros).toBe(8_400_000);
});

test.each([
  ["1/1", 1, 1, 0, 1_001, 2],
  ["60/60", 60, 60, 0, 1, 60],
  ["60/60", 60, 60, 0, 60_001, 120],
  ["60/1", 60, 1, 0, 60_001, 61],
  ["30/6", 30, 6, 0, 31_000, 36],
  ["1/1 with a minimum of 10", 1, 1, 10, 2_000, 10],
  ["6/6 with a minimum of 10", 6, 6, 10, 2_000, 12],
  ["60/60, never answered", 60, 60, 30, 0, 0],
])("at %s, %#: billable seconds are whole increments", (_, first, next, minimum, duration_ms, billable) => {
  const rate = rateOf({ first_seconds: first, next_seconds: next, minimum_seconds: minimum });
  expect(feeOf(duration_ms, rate).billable_seconds).toBe(billable);
});

test.each([
  ["begins with the connection", { connection_fee_micros: 50_000 }, 1, 1, 51_167],
  [
    "is charged by the increment besides",
    { connection_fee_micros: 50_000, first_seconds: 60, next_seconds: 60 },
    61_000,
    120,
    190_000,
  ],
  ["of no length was not answered", { connection_fee_micros: 50_000 }, 0, 0, 0],
  ["costs nothing within its free seconds", { free_seconds: 10 }, 10_000, 0, 0],
  ["costs what goes beyond them", { free_seconds: 10 }, 10_001, 1, 1_167],
  [
    "counts its increments from their end",
    { free_seconds: 10, first_seconds: 60, next_seconds: 6 },
    71_000,
    66,
    77_000,
  ],
  ["has its minimum after them", { free_seconds: 10, minimum_seconds: 30 }, 11_000, 30, 35_000],
  ["costs its connection within them", { free_seconds: 10, connection_fee_micros: 50_000 }, 9_000, 0, 50_000],
  ["may cost nothing", { price_micros_per_minute: 0 }, 61_000, 61, 0],
])("a call %s", (_, changes, duration_ms, billable_seconds, fee_micros) => {
  expect(feeOf(duration_ms, rateOf(changes))).toEqual({ billable_seconds, fee_micros });
});

test("a longer call never costs less, and no answered call costs less than it lasted", () => {
  fc.assert(
    fc.property(rates, durations, durations, (changes, a, b) => {
      const rate = rateOf(changes);
      const [shorter, longer] = [Math.min(a, b), Math.max(a, b)];
      const less = feeOf(shorter, rate);
      const more = feeOf(longer, rate);
      expect(less.billable_seconds * 1_000).toBeGreaterThanOrEqual(shorter);
      expect(more.billable_seconds).toBeGreaterThanOrEqual(less.billable_seconds);
      expect(more.fee_micros).toBeGreaterThanOrEqual(less.fee_micros);
    }),
  );
});

test("the fee is price x seconds / 60, half up, to the micro, without the errors of floating point", () => {
  fc.assert(
    fc.property(rates, durations, (changes, duration_ms) => {
      const rate = rateOf(changes);
      const { billable_seconds, fee_micros } = feeOf(duration_ms, rate);
      const exact = (BigInt(rate.price_micros_per_minute) * BigInt(billable_seconds) * 2n + 60n) / 120n;
      expect(BigInt(fee_micros)).toBe(exact);
    }),
  );
});

test("costs on the customer's own keys are never charged, those on the platform's are", () => {
  const costs = [
    { service: "llm" as const, cost_micros: 500 },
    { service: "tts" as const, cost_micros: 70 },
  ];
  expect(platformCostMicros(costs, ["llm"])).toBe(70);
  expect(platformCostMicros(costs, [])).toBe(570);
  expect(platformCostMicros(costs, ["stt", "llm", "tts"])).toBe(0);
});

test("the rate in force is the latest that has begun", () => {
  const card = [
    { ...VOICE, effective_from_ms: 0 },
    { ...VOICE, effective_from_ms: 1_000, price_micros_per_minute: 80_000 },
    { ...VOICE, name: "allin", effective_from_ms: 0, price_micros_per_minute: 250_000 },
  ];
  expect(rateInForce(card, "voice", 999)?.price_micros_per_minute).toBe(70_000);
  expect(rateInForce(card, "voice", 1_000)?.price_micros_per_minute).toBe(80_000);
  expect(rateInForce(card, "allin", 5)?.price_micros_per_minute).toBe(250_000);
  expect(rateInForce(card, "unknown", 5)).toBeUndefined();
  expect(rateInForce(card, "voice", -1)).toBeUndefined();
});
