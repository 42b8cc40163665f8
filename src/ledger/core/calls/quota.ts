import { SECOND_MS } from "../../../units/duration";
import { divideUp } from "../../../units/money";
import { type Book, spendableMicros } from "../book";
import { feeOf, paidSeconds, type Rate, shortestPaidSeconds } from "../credit/rating";
import { MAX_CALL_SECONDS } from "../settings";

/** What decides how much a grant holds. */
export interface Terms {
  rate: Rate;
  expected_provider_micros_per_minute: number;
  max_duration_seconds: number | null;
  /** How long a quota the node asked for, because it can set one limit only, at the start. */
  quota_seconds?: number;
  elapsed_seconds: number;
  /** Provider costs so far when the node has reported them. */
  provider_cost_micros: number | null;
}

/** What a call is granted, cumulative since its answer, and the credit that is held for it. */
export interface Quota {
  granted_seconds: number;
  held_micros: number;
  final_unit: boolean;
}

/** What a call has before its first grant. */
export const NOTHING_GRANTED = { granted_seconds: 0, held_micros: 0 };

/** The credit that a call needs to run until `granted_seconds`: its fee and the provider costs to be expected. */
export function holdMicros(terms: Terms, granted_seconds: number): number {
  const { fee_micros } = feeOf(granted_seconds * SECOND_MS, terms.rate);
  const reported = terms.provider_cost_micros;
  const expected_seconds =
    reported === null ? granted_seconds : Math.max(0, granted_seconds - terms.elapsed_seconds);
  return (
    fee_micros + (reported ?? 0) + divideUp(terms.expected_provider_micros_per_minute * expected_seconds, 60)
  );
}

/** The credit that the shortest call on these terms needs, which no grant is below. */
export function smallestHoldMicros(terms: Terms): number {
  return holdMicros(terms, capped(shortestPaidSeconds(terms.rate), terms));
}

/**
 * The quota after this request: cumulative seconds since the answer, never less than `present` grants.
 *
 * Each call may be ahead of its elapsed time by an equal share of what is spendable (between the shortest and the
 * longest quota), so that many live calls thin out together instead of the first ones taking all. When even the
 * shortest quota cannot be paid, what is left is granted as the final unit.
 *
 * @param book the credit that no call holds (it may be below zero), the calls that hold credit now, and the settings
 * @param present what the call has been granted and holds so far
 */
export function sizeQuota(
  book: Pick<Book, "posted_micros" | "held_micros" | "live_calls" | "settings">,
  terms: Terms,
  present: Pick<Quota, "granted_seconds" | "held_micros">,
): Quota {
  const { live_calls, settings } = book;
  const spendable_micros = spendableMicros(book);
  const { rate, elapsed_seconds } = terms;
  // Below 0 there is nothing to grant from, and a call that costs nothing needs nothing.
  const budget_micros = Math.max(0, spendable_micros + present.held_micros);
  const longest = longestQuota(book, terms);
  const shortest = Math.min(longest, Math.max(settings.min_quota_seconds, rate.next_seconds));
  const share = secondsFor(Math.floor(Math.max(0, spendable_micros) / (live_calls + 1)), terms);
  const ahead = Math.min(longest, Math.max(share, shortest));
  const wanted = Math.min(
    Math.max(downToIncrement(elapsed_seconds + ahead, rate), paidSeconds(elapsed_seconds + shortest, rate)),
    Math.max(present.granted_seconds, elapsed_seconds) + Math.max(longest, rate.next_seconds),
  );
  const paid = largestGrant(terms, budget_micros, wanted);
  const granted_seconds = capped(Math.max(present.granted_seconds, paid), terms);
  const held_micros = Math.min(
    holdMicros(terms, granted_seconds),
    Math.max(present.held_micros, budget_micros),
  );
  const final_unit =
    granted_seconds === longestGrant(terms) ||
    holdMicros(terms, granted_seconds + rate.next_seconds) > budget_micros;
  return { granted_seconds, held_micros, final_unit };
}

/**
 * How far ahead of its elapsed time a call may be. What a node asks for above the usual is granted up to the operator's bound,
 * and only from credit that leaves as much for each live call and for the next one: a call that is never renewed gives
 * nothing back before its end.
 */
function longestQuota(
  {
    posted_micros,
    held_micros,
    live_calls,
    settings,
  }: Pick<Book, "posted_micros" | "held_micros" | "live_calls" | "settings">,
  terms: Terms,
): number {
  const usual = Math.max(settings.quota_seconds, shortestPaidSeconds(terms.rate));
  const asked = Math.min(terms.quota_seconds ?? 0, settings.max_quota_seconds);
  if (asked <= usual) return usual;
  const left_micros = Math.max(0, spendableMicros({ posted_micros, held_micros }));
  return Math.max(usual, Math.min(asked, secondsFor(Math.floor(left_micros / (live_calls + 2)), terms)));
}

/** When the node should ask again: a quarter of the quota before its end, at least two seconds and at most ten. */
export function renewBeforeSeconds(granted_seconds: number, elapsed_seconds: number): number {
  const ahead = Math.max(0, granted_seconds - elapsed_seconds);
  const lead = ahead < 4 ? 0 : Math.min(10, Math.max(2, Math.floor(ahead / 4)));
  return granted_seconds - lead;
}

function capped(seconds: number, terms: Terms): number {
  return Math.min(seconds, longestGrant(terms));
}

/** What a call may be granted in all: what was asked for it at most, and never more than any call. */
function longestGrant({ max_duration_seconds }: Terms): number {
  return Math.min(max_duration_seconds ?? MAX_CALL_SECONDS, MAX_CALL_SECONDS);
}

function secondsFor(micros: number, terms: Terms): number {
  const per_minute = terms.rate.price_micros_per_minute + terms.expected_provider_micros_per_minute;
  return per_minute === 0 ? MAX_CALL_SECONDS : Math.floor((micros * 60) / per_minute);
}

/** The largest number of seconds up to `seconds` that ends with a whole increment, 0 below the first. */
function downToIncrement(seconds: number, rate: Rate): number {
  const smallest = shortestPaidSeconds(rate);
  if (seconds < smallest) return 0;
  return smallest + Math.floor((seconds - smallest) / rate.next_seconds) * rate.next_seconds;
}

/** The largest grant of whole increments up to `wanted` that the budget pays, 0 when it pays none. */
function largestGrant(terms: Terms, budget_micros: number, wanted: number): number {
  const smallest = shortestPaidSeconds(terms.rate);
  let low = -1;
  let high = Math.floor((wanted - smallest) / terms.rate.next_seconds);
  const grantOf = (increments: number) => smallest + increments * terms.rate.next_seconds;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holdMicros(terms, capped(grantOf(middle), terms)) <= budget_micros) low = middle;
    else high = middle - 1;
  }
  return low < 0 ? 0 : grantOf(low);
}
