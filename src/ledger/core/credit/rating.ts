import { SECOND_MS, wholeSeconds } from "../../../units/duration";
import { divideHalfUp } from "../../../units/money";

/** The row of a rate deck that a price comes from. */
export interface RatedDestination {
  /** The version of the deck. */
  deck: string;
  prefix: string;
  /** The destination's name, for people. */
  name: string;
}

/**
 * The price of a call and how its seconds are counted; `first/next` is the rating increment, such as 60/60 or 1/1. A price of 0
 * makes calls free. What is 0 of the fields that may be left out is left out, so that a rate is written in one way.
 */
export interface Rate {
  name: string;
  price_micros_per_minute: number;
  first_seconds: number;
  next_seconds: number;
  minimum_seconds: number;
  /** Charged once for a call that was answered, besides its seconds. */
  connection_fee_micros?: number;
  /** Of each call the first so many seconds cost nothing; the increments and the minimum count from their end. */
  free_seconds?: number;
  /** Where the price is one by destination. */
  destination?: RatedDestination;
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

/** What may be left out of a rate: all that is 0 is. */
export function extrasOf(stated: {
  connection_fee_micros?: number | null;
  free_seconds?: number | null;
}): Pick<Rate, "connection_fee_micros" | "free_seconds"> {
  const { connection_fee_micros, free_seconds } = stated;
  return { ...(connection_fee_micros && { connection_fee_micros }), ...(free_seconds && { free_seconds }) };
}

/** Whether both charge the same, whatever they are called. */
export function isSameRate(one: Rate, other: Rate): boolean {
  return (
    one.price_micros_per_minute === other.price_micros_per_minute &&
    incrementsOf(one) === incrementsOf(other) &&
    one.minimum_seconds === other.minimum_seconds &&
    one.connection_fee_micros === other.connection_fee_micros &&
    one.free_seconds === other.free_seconds
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

/** What the time of a call comes to: the seconds that are charged, and the fee for them with the connection. */
export interface Fee {
  billable_seconds: number;
  fee_micros: number;
}

/**
 * What a call of this length costs at a rate, provider costs apart. A call of no length was not answered, and costs nothing; any
 * other costs the connection fee and price x seconds / 60, half up, once per call, to the micro.
 */
export function feeOf(duration_ms: number, rate: Rate): Fee {
  const billable_seconds = billableSeconds(duration_ms, rate);
  const connection_micros = duration_ms > 0 ? (rate.connection_fee_micros ?? 0) : 0;
  const time_micros = divideHalfUp(rate.price_micros_per_minute * billable_seconds, 60);
  return { billable_seconds, fee_micros: connection_micros + time_micros };
}

/** Seconds that are charged for a call of this length: begun seconds that are not free, then the minimum, then begun increments. */
function billableSeconds(duration_ms: number, rate: Rate): number {
  const seconds = wholeSeconds(duration_ms) - (rate.free_seconds ?? 0);
  return seconds <= 0 ? 0 : onIncrement(Math.max(seconds, rate.minimum_seconds), rate);
}

/** The smallest number of whole increments that covers `seconds` (at least the first increment). */
function onIncrement(seconds: number, rate: Rate): number {
  if (seconds <= rate.first_seconds) return rate.first_seconds;
  return (
    rate.first_seconds + Math.ceil((seconds - rate.first_seconds) / rate.next_seconds) * rate.next_seconds
  );
}

/** The shortest call that is paid for to the end of an increment: its free seconds, and the first increment or the minimum. */
export function shortestPaidSeconds(rate: Rate): number {
  return (rate.free_seconds ?? 0) + onIncrement(Math.max(1, rate.minimum_seconds), rate);
}

/** The shortest call that is paid for to the end of an increment and covers `seconds`. */
export function paidSeconds(seconds: number, rate: Rate): number {
  const free_seconds = rate.free_seconds ?? 0;
  return Math.max(shortestPaidSeconds(rate), free_seconds + onIncrement(seconds - free_seconds, rate));
}

/** What a call needs to begin: the connection fee and the first increment, also where its first seconds are free. */
export function smallestChargeMicros(rate: Rate): number {
  return feeOf(shortestPaidSeconds(rate) * SECOND_MS, rate).fee_micros;
}

/**
 * Whether there is credit to call with: what remains covers the smallest charge of the rate, and what providers are
 * expected to cost for as long (0 unless the node says so). A call that costs nothing needs none. The one answer of
 * refusals, alerts, auto top-up and pages.
 */
export function hasCreditToCall(rate: Rate, remaining_micros: number, expected_provider_micros = 0): boolean {
  const needed_micros = smallestChargeMicros(rate) + expected_provider_micros;
  return needed_micros === 0 || remaining_micros >= needed_micros;
}
