import type { Delivery, Endpoint, TryResult } from "../types";
import { cooldownMs, DISABLE_AFTER_MS, GIVE_UP_AFTER_MS, nextTryAt } from "./retry-schedule";

/** Tries of one delivery that are kept to be seen; with sending again there may be more. */
const ATTEMPTS_KEPT = 20;

export function isSuccess({ status }: Pick<TryResult, "status">): boolean {
  return status !== null && status >= 200 && status < 300;
}

/** A delivery after one more try. */
export function deliveryAfter(
  delivery: Delivery,
  { event_id: _, retry_after_ms, ...attempt }: TryResult,
  now_ms: number,
): Delivery {
  const tries = delivery.tries + 1;
  const attempts = [...delivery.attempts, attempt].slice(-ATTEMPTS_KEPT);
  const tried = { ...delivery, tries, attempts };
  if (isSuccess(attempt)) return { ...tried, state: "delivered", next_try_at_ms: null };
  const next_try_at_ms = nextTryAt(tries, retry_after_ms, now_ms);
  // By its tries since it was made or asked for again, not by its age: it may have waited for days at a dead endpoint.
  const began_ms = attempts.at(-tries)?.at_ms ?? now_ms;
  const is_over = next_try_at_ms === null || next_try_at_ms > began_ms + GIVE_UP_AFTER_MS;
  return is_over ? { ...tried, state: "failed", next_try_at_ms: null } : { ...tried, next_try_at_ms };
}

/** An endpoint after one more try: rests when it fails too often, is disabled when it is gone or fails for days. */
export function endpointAfter(endpoint: Endpoint, result: TryResult, now_ms: number): Endpoint {
  if (isSuccess(result)) {
    if (endpoint.failures_in_a_row === 0) return endpoint;
    return { ...endpoint, failures_in_a_row: 0, failing_since_ms: null, rests_until_ms: 0 };
  }
  const failures_in_a_row = endpoint.failures_in_a_row + 1;
  const failing_since_ms = endpoint.failing_since_ms ?? now_ms;
  const rests_until_ms = now_ms + cooldownMs(failures_in_a_row);
  const failing = { ...endpoint, failures_in_a_row, failing_since_ms, rests_until_ms };
  if (endpoint.state === "disabled") return failing;
  if (result.status === 410) return { ...failing, state: "disabled", disabled_because: "gone" };
  if (now_ms - failing_since_ms < DISABLE_AFTER_MS) return failing;
  return { ...failing, state: "disabled", disabled_because: "failing" };
}
