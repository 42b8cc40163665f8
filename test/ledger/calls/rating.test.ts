import fc from "fast-check";
import { expect, test } from "vitest";
import { chargeFor, platformCostMicros } from "../../../src/ledger/core/calls/charge";
import { billableSeconds, feeMicros, rateInForce } from "../../../src/ledger/core/credit/rating";
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
  expect(billableSeconds(duration_ms, rate)).toBe(billable);
});

test("a longer call never costs less, and no answered call costs less than it lasted", () => {
  fc.assert(
    fc.property(rates, durations, durations, (changes, a, b) => {
      const rate = rateOf(changes);
      const [shorter, longer] = [Math.min(a, b), Math.max(a, b)];
      const seconds = billableSeconds(shorter, rate);
      expect(seconds * 1_000).toBeGreaterThanOrEqual(shorter);
      expect(billableSeconds(longer, rate)).toBeGreaterThanOrEqual(seconds);
      expect(feeMicros(billableSeconds(longer, rate), rate)).toBeGreaterThanOrEqual(feeMicros(seconds, rate));
    }),
  );
});

test("the fee is price x seconds / 60, half up, to the micro, without the errors of floating point", () => {
  fc.assert(
    fc.property(rates, durations, (changes, duration_ms) => {
      const rate = rateOf(changes);
      const seconds = billableSeconds(duration_ms, rate);
      const exact = (BigInt(rate.price_micros_per_minute) * BigInt(seconds) * 2n + 60n) / 120n;
      expect(BigInt(feeMicros(seconds, rate))).toBe(exact);
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
