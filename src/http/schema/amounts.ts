import { z } from "zod";
import { MAX_CALL_SECONDS, MAX_REPORTED_CALL_MS } from "../../ledger/core/settings";
import { SECOND_MS } from "../../units/duration";
import { CURRENCY, MAX_AMOUNT_MICROS, MICROS_PER_UNIT } from "../../units/money";

export { increments, timestamp } from "../../units/time-schema";

/** What a node may report; the ledger takes more than a day only of calls that it has authorized. */
const MAX_REPORTED_SECONDS = MAX_REPORTED_CALL_MS / SECOND_MS;

/** What a provider may ask for its part of one call: EUR 1,000 is far above any, and keeps sums exact. */
export const costMicros = z
  .int()
  .min(0)
  .max(1_000 * MICROS_PER_UNIT)
  .meta({ description: "Millionths of the currency unit.", examples: [12_000] });

/** What all providers may ask for one call so far: as much as twenty parts of the most. */
export const totalCostMicros = z
  .int()
  .min(0)
  .max(20_000 * MICROS_PER_UNIT)
  .meta({ description: "Millionths of the currency unit.", examples: [12_000] });

/** An amount of money that a request states, given or taken. */
export const signedMicros = z
  .int()
  .min(-MAX_AMOUNT_MICROS)
  .max(MAX_AMOUNT_MICROS)
  .meta({ description: "Millionths of the currency unit.", examples: [35_000_000] });

/** The price of a minute in micro-euros: above 0, because a free call would have no limit. */
export const priceMicrosPerMinute = z
  .int()
  .min(0)
  .max(1_000_000_000)
  .meta({ description: "Price of a minute in millionths of the currency unit.", examples: [70_000] });

/** Answered time in milliseconds, as reported. */
export const durationMs = z
  .int()
  .min(0)
  .max(MAX_REPORTED_CALL_MS)
  .meta({ description: "Answered time in milliseconds.", examples: [83_500] });

/** Answered time in seconds, as reported. */
export const durationSec = z
  .number()
  .min(0)
  .max(MAX_REPORTED_SECONDS)
  .meta({ description: "Answered time in seconds.", examples: [84] });

/** Whole seconds since the answer, as reported. */
export const elapsedSeconds = z
  .int()
  .min(0)
  .max(MAX_REPORTED_SECONDS)
  .meta({ description: "Whole seconds since the answer, 0 while it rings.", examples: [55] });

/** The longest that a call may be granted, in seconds. */
export const maxDurationSeconds = z
  .int()
  .min(1)
  .max(MAX_CALL_SECONDS)
  .meta({ description: "The call is never granted more than this.", examples: [3_600] });

/** How long a quota a node asks for, in seconds. */
export const quotaSeconds = z
  .int()
  .min(1)
  .max(MAX_CALL_SECONDS)
  .meta({
    description:
      "For platforms that can set one limit only, at the start of a call: a longer quota than usual, up to the operator's bound and less where credit is scarce. The call need not be renewed.",
    examples: [3_600],
  });

/** A whole number in a query string. */
export function queryInteger(bounds: { min: number; max: number; default: number; description: string }) {
  const { min, max } = bounds;
  const description = `${bounds.description} ${bounds.default} when left out.`;
  return z
    .unknown()
    .optional()
    .transform((text, context) => {
      if (text === undefined) return bounds.default;
      const value = typeof text === "string" && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      context.addIssue({ code: "custom", message: `Must be a whole number from ${min} to ${max}.` });
      return z.NEVER;
    })
    .meta({ type: "integer", minimum: min, maximum: max, description });
}

/** A whole number in an answer. */
export const integer = (description: string) =>
  z.int().meta({ description, minimum: undefined, maximum: undefined });

/** Money in an answer, in micro-euros. */
export const moneyMicros = (description: string) =>
  integer(`${description}, in millionths of the currency unit`);

/** Money in an answer, in euros. */
export const moneyUnits = (description: string) =>
  z.number().meta({ description: `${description}, in whole currency units`, examples: [0.098] });

const anInstant = z.iso.datetime({ precision: 3 }).meta({
  id: "Instant",
  description: "ISO 8601 date and time in UTC, to the millisecond.",
  examples: ["2026-11-23T09:41:00.000Z"],
});

/** A time in an answer: ISO 8601 in UTC, to the millisecond. */
export const instant = (description: string) => anInstant.meta({ description });

/** The one currency. */
export const currency = z
  .literal(CURRENCY)
  .meta({ id: "Currency", description: "ISO 4217 code.", examples: [CURRENCY] });
