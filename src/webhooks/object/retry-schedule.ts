import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../units/duration";

/**
 * Waits between the tries of one delivery: about three days in all, as Standard Webhooks 1.0.0 proposes
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, retries).
 */
const WAITS_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** The longest wait that a receiver may ask for with `Retry-After`. */
const MAX_RETRY_AFTER_MS = HOUR_MS;

/** Failures in a row after which an endpoint is tried with one delivery at a time, and cools down in between. */
const FAILURES_BEFORE_COOLDOWN = 8;
const FIRST_COOLDOWN_MS = 2 * SECOND_MS;
const MAX_COOLDOWN_MS = 5 * MINUTE_MS;

/** An endpoint that has only failed for this long is disabled. */
export const DISABLE_AFTER_MS = 5 * DAY_MS;

/** No delivery is tried any more after this, however few its tries were while its endpoint cooled down. */
export const GIVE_UP_AFTER_MS = 4 * DAY_MS;

/**
 * When a delivery that has failed `tries` times is tried again, in ms since 1970; null: not any more. `chance`, from 0 to 1,
 * spreads deliveries that failed together.
 */
export function nextTryAt(
  tries: number,
  retry_after_ms: number | null,
  now_ms: number,
  chance = Math.random(),
): number | null {
  const wait_ms = WAITS_MS[tries - 1];
  if (wait_ms === undefined) return null;
  const spread_ms = wait_ms * (1 + chance / 5);
  return Math.round(now_ms + Math.max(spread_ms, Math.min(retry_after_ms ?? 0, MAX_RETRY_AFTER_MS)));
}

/** How long an endpoint cools down after so many failures in a row, in ms; 0: it does not. */
export function cooldownMs(failures_in_a_row: number): number {
  if (!isFailing(failures_in_a_row)) return 0;
  return Math.min(
    MAX_COOLDOWN_MS,
    FIRST_COOLDOWN_MS * 2 ** Math.min(20, failures_in_a_row - FAILURES_BEFORE_COOLDOWN),
  );
}

/** Whether an endpoint has failed so often that it gets one delivery at a time. */
export function isFailing(failures_in_a_row: number): boolean {
  return failures_in_a_row >= FAILURES_BEFORE_COOLDOWN;
}
