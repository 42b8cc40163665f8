import type { NewEvent } from "../event-catalogue";
import type { EndpointChange, EndpointSettings } from "../rpc";
import type { Endpoint, TryResult } from "../types";
import { isSuccess } from "./delivery-transitions";
import { cooldownMs, DISABLE_AFTER_MS } from "./retry-schedule";

const NO_FAILURES = { failures_in_a_row: 0, failing_since_ms: null, rests_until_ms: 0 };

/** An endpoint that has just been made, enabled. */
export function newEndpoint(endpoint_id: string, settings: EndpointSettings, now_ms: number): Endpoint {
  return {
    endpoint_id,
    ...settings,
    ...NO_FAILURES,
    state: "enabled",
    disabled_because: null,
    created_at_ms: now_ms,
    previous_secret_until_ms: null,
    secret_id: endpoint_id,
  };
}

/** Whether an endpoint is to get such an event. */
export function isSubscribed({ state, events }: Endpoint, { type }: NewEvent): boolean {
  return state === "enabled" && (events === null || events.includes(type));
}

/** An endpoint after its owner's change. Another URL, or turning it on, forgets earlier failures. */
export function endpointWith(endpoint: Endpoint, { enabled, ...settings }: EndpointChange): Endpoint {
  const moves = settings.url !== undefined && settings.url !== endpoint.url;
  const changed = { ...endpoint, ...settings, ...(moves && NO_FAILURES) };
  if (enabled === undefined || enabled === (endpoint.state === "enabled")) return changed;
  if (!enabled) return { ...changed, state: "disabled", disabled_because: "owner" };
  return { ...changed, ...NO_FAILURES, operator_told: false, state: "enabled", disabled_because: null };
}

/** Whether the secret before the present one still signs beside it. */
export function isRotating({ previous_secret_until_ms }: Endpoint, now_ms: number): boolean {
  return (previous_secret_until_ms ?? 0) > now_ms;
}

/**
 * An endpoint whose secret is replaced now, by that of `secret_id`: the old one signs beside it for `overlap_ms`, not at all when
 * that is 0.
 */
export function endpointRotating(
  endpoint: Endpoint,
  secret_id: string | null,
  now_ms: number,
  overlap_ms: number,
): Endpoint {
  return { ...endpoint, secret_id, previous_secret_until_ms: overlap_ms > 0 ? now_ms + overlap_ms : null };
}

/** An endpoint whose previous secret signs no longer. */
export function endpointRotated(endpoint: Endpoint): Endpoint {
  return { ...endpoint, previous_secret_until_ms: null };
}

/** An endpoint after one more try: cools down when it fails too often, is disabled when it is gone or fails for days. */
export function endpointAfter(endpoint: Endpoint, result: TryResult, now_ms: number): Endpoint {
  if (isSuccess(result)) return endpoint.failures_in_a_row === 0 ? endpoint : { ...endpoint, ...NO_FAILURES };
  const failures_in_a_row = endpoint.failures_in_a_row + 1;
  const failing_since_ms = endpoint.failing_since_ms ?? now_ms;
  const rests_until_ms = now_ms + cooldownMs(failures_in_a_row);
  const failing = { ...endpoint, failures_in_a_row, failing_since_ms, rests_until_ms };
  if (endpoint.state === "disabled") return failing;
  if (result.status === 410) return { ...failing, state: "disabled", disabled_because: "gone" };
  if (now_ms - failing_since_ms < DISABLE_AFTER_MS) return failing;
  return { ...failing, state: "disabled", disabled_because: "failing" };
}
