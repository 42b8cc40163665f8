import { wholeSeconds } from "../../../units/duration";
import { divideHalfUp } from "../../../units/money";

/** The price of a call and how its seconds are counted; `first/next` is the rating increment, such as 60/60 or 1/1. */
export interface Rate {
  name: string;
  price_micros_per_minute: number;
  first_seconds: number;
  next_seconds: number;
  minimum_seconds: number;
}

/** How seconds are counted, as the trade writes it: `60/60`, `1/1`. */
export function incrementsOf({ first_seconds, next_seconds }: Rate): string {
  return `${first_seconds}/${next_seconds}`;
}

/** A rate from the instant it is in force. */
export interface DatedRate extends Rate {
  effective_from_ms: number;
}

/** What a call without a rate card costs: EUR 0.07 a minute, counted by the second. */
export function defaultRate(name: string): Rate {
  return { name, price_micros_per_minute: 70_000, first_seconds: 1, next_seconds: 1, minimum_seconds: 0 };
}

/** Whether both charge the same, whatever they are called. */
export function isSameRate(one: Rate, other: Rate): boolean {
  return (
    one.price_micros_per_minute === other.price_micros_per_minute &&
    incrementsOf(one) === incrementsOf(other) &&
    one.minimum_seconds === other.minimum_seconds
  );
}

/** The version of the named rate that is in force at an instant, or undefined when there is none yet. */
export function rateInForce(rates: readonly DatedRate[], name: string, at_ms: number): Rate | undefined {
  let found: DatedRate | undefined;
  for (const rate of rates) {
    if (rate.name !== name || rate.effective_from_ms > at_ms) continue;
    if (!found || rate.effective_from_ms >= found.effective_from_ms) found = rate;
  }
  if (!found) return undefined;
  const { effective_from_ms: _, ...rate } = found;
  return rate;
}

/** The rate that a call is charged at: the organization's own of that name at `at_ms`, else the operator's `standard_rate`. */
export function applicableRate<Standard extends Rate | null>(
  own_rates: readonly DatedRate[],
  name: string,
  at_ms: number,
  standard_rate: Standard,
): Rate | Standard {
  return rateInForce(own_rates, name, at_ms) ?? standard_rate;
}

/** Seconds that are charged for a call of this length: begun seconds, then the minimum, then begun increments. */
export function billableSeconds(duration_ms: number, rate: Rate): number {
  if (duration_ms <= 0) return 0;
  return onIncrement(Math.max(wholeSeconds(duration_ms), rate.minimum_seconds), rate);
}

/** The smallest number of whole increments that covers `seconds` (at least the first increment). */
function onIncrement(seconds: number, rate: Rate): number {
  if (seconds <= rate.first_seconds) return rate.first_seconds;
  return (
    rate.first_seconds + Math.ceil((seconds - rate.first_seconds) / rate.next_seconds) * rate.next_seconds
  );
}

/** The platform fee for billable seconds: price x seconds / 60, half up, once per call, to the micro. */
export function feeMicros(billable_seconds: number, rate: Rate): number {
  return divideHalfUp(rate.price_micros_per_minute * billable_seconds, 60);
}

/** The fewest seconds that any answered call at this rate is charged for. */
export function smallestBillableSeconds(rate: Rate): number {
  return billableSeconds(1, rate);
}

/** The least that an answered call at this rate costs. */
export function smallestChargeMicros(rate: Rate): number {
  return feeMicros(smallestBillableSeconds(rate), rate);
}

/**
 * Whether there is credit to call with: what remains covers the smallest charge of the rate, and what providers are
 * expected to cost for as long (0 unless the node says so). The one answer of refusals, alerts, auto top-up and pages.
 */
export function hasCreditToCall(rate: Rate, remaining_micros: number, expected_provider_micros = 0): boolean {
  return remaining_micros >= smallestChargeMicros(rate) + expected_provider_micros;
}
