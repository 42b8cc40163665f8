import type { Rate } from "../../../src/ledger/core/credit/rating";

/**
 * Rating and quota arithmetic written a second time, for the model: BigInt instead of floating point, and a walk
 * over the increments instead of a formula. It shares nothing with src/ledger but the shape of a rate.
 */

/** Settings of the ledger that the tests run with. */
const QUOTA_SECONDS = 60;
const MAX_QUOTA_SECONDS = 3_600;
const MIN_QUOTA_SECONDS = 5;
const LONGEST_CALL_SECONDS = 86_400;

/** Seconds charged for a call of this length: the first sum of increments that covers what is not free of it and the minimum. */
export function modelBillable(duration_ms: number, rate: Rate): number {
  const paid_ms = duration_ms - (rate.free_seconds ?? 0) * 1_000;
  if (paid_ms <= 0) return 0;
  let covered = rate.first_seconds;
  while (covered * 1_000 < paid_ms || covered < rate.minimum_seconds) covered += rate.next_seconds;
  return covered;
}

/** price x seconds / 60 to the nearest micro, a half goes up, and what the connection costs. */
export function modelFee(duration_ms: number, rate: Rate): number {
  const sixtieths = BigInt(rate.price_micros_per_minute) * BigInt(modelBillable(duration_ms, rate));
  const whole = sixtieths / 60n;
  const connection = duration_ms > 0 ? (rate.connection_fee_micros ?? 0) : 0;
  return connection + Number((sixtieths - whole * 60n) * 2n >= 60n ? whole + 1n : whole);
}

function roundedUpMinutePart(micros_per_minute: number, seconds: number): number {
  const sixtieths = BigInt(micros_per_minute) * BigInt(seconds);
  return Number(sixtieths / 60n + (sixtieths % 60n === 0n ? 0n : 1n));
}

/** What a quota is computed for: the terms of one call and how far it is. */
export interface QuotaCall {
  rate: Rate;
  expected_provider_micros_per_minute: number;
  max_duration_seconds: number | null;
  quota_seconds: number | undefined;
  granted_seconds: number;
  held_micros: number;
  elapsed_seconds: number;
  provider_cost_micros: number | null;
}

/** What must be held so that the call may last `seconds`. */
export function modelHold(call: QuotaCall, seconds: number): number {
  const reported = call.provider_cost_micros;
  const unpaid_seconds = reported === null ? seconds : Math.max(0, seconds - call.elapsed_seconds);
  return (
    modelFee(seconds * 1_000, call.rate) +
    (reported ?? 0) +
    roundedUpMinutePart(call.expected_provider_micros_per_minute, unpaid_seconds)
  );
}

/** The smallest grant there is: all that is free, and what the first millisecond after it is charged for. */
export function smallestGrant(rate: Rate): number {
  const free = rate.free_seconds ?? 0;
  return free + modelBillable(free * 1_000 + 1, rate);
}

function gridDown(seconds: number, rate: Rate): number {
  let found = 0;
  for (let grant = smallestGrant(rate); grant <= seconds; grant += rate.next_seconds) found = grant;
  return found;
}

function gridUp(seconds: number, rate: Rate): number {
  let grant = smallestGrant(rate);
  while (grant < seconds) grant += rate.next_seconds;
  return grant;
}

export interface Quota {
  granted_seconds: number;
  held_micros: number;
  final_unit: boolean;
}

/** The quota that the credit allows now; `live_calls` counts the call itself when it is live already. */
export function modelQuota(call: QuotaCall, spendable_micros: number, live_calls: number): Quota {
  const { rate, elapsed_seconds: elapsed, granted_seconds: present } = call;
  const available = Math.max(0, spendable_micros + call.held_micros);
  const price = BigInt(rate.price_micros_per_minute + call.expected_provider_micros_per_minute);
  const shareAmong = (calls: number) =>
    price === 0n
      ? LONGEST_CALL_SECONDS
      : Number(((BigInt(Math.max(0, spendable_micros)) / BigInt(calls)) * 60n) / price);
  const share = shareAmong(live_calls + 1);
  const asked = Math.min(call.quota_seconds ?? 0, MAX_QUOTA_SECONDS, shareAmong(live_calls + 2));
  const longest = Math.max(QUOTA_SECONDS, smallestGrant(rate), asked);
  const shortest = Math.min(longest, Math.max(MIN_QUOTA_SECONDS, rate.next_seconds));
  const ahead = Math.min(longest, Math.max(share, shortest));
  const wanted = Math.min(
    Math.max(gridDown(elapsed + ahead, rate), gridUp(elapsed + shortest, rate)),
    Math.max(present, elapsed) + Math.max(longest, rate.next_seconds),
  );
  let payable = gridDown(wanted, rate);
  const limit = call.max_duration_seconds ?? LONGEST_CALL_SECONDS;
  while (payable > present && modelHold(call, Math.min(payable, limit)) > available)
    payable -= rate.next_seconds;
  if (payable < smallestGrant(rate)) payable = 0;
  const granted = Math.min(Math.max(present, payable), limit);
  return {
    granted_seconds: granted,
    held_micros: heldFor(call, granted, available),
    final_unit: granted === limit || modelHold(call, granted + rate.next_seconds) > available,
  };
}

/** A reported provider cost may need more than there is: then all that there is, and never less than before. */
function heldFor(call: QuotaCall, granted_seconds: number, available_micros: number): number {
  return Math.min(modelHold(call, granted_seconds), Math.max(call.held_micros, available_micros));
}
