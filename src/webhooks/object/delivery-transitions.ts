import { eventBody } from "../event-body";
import type { NewEvent } from "../event-catalogue";
import type { Delivery, Endpoint, TryResult } from "../types";
import { GIVE_UP_AFTER_MS, nextTryAt } from "./retry-schedule";

/** Tries of one delivery that are kept to be seen; with sending again there may be more. */
const ATTEMPTS_KEPT = 20;

/** A delivery of an event to an endpoint of an organization, or of the operators; due at once. */
export function newDelivery(
  organization_id: string,
  { endpoint_id, format = "standard" }: Pick<Endpoint, "endpoint_id" | "format">,
  event: NewEvent,
  now_ms: number,
): Delivery {
  return {
    event_id: event.id,
    endpoint_id,
    type: event.type,
    body: eventBody(organization_id, event, format),
    state: "pending",
    tries: 0,
    next_try_at_ms: now_ms,
    attempts: [],
    created_at_ms: now_ms,
  };
}

/** A delivery that is to be sent again now, whatever became of it; its earlier attempts stay to be seen. */
export function requeued(delivery: Delivery, now_ms: number): Delivery {
  return { ...delivery, state: "pending", tries: 0, next_try_at_ms: now_ms };
}

/** Whether the receiver has accepted the event: any status 2xx. */
export function isSuccess({ status }: Pick<TryResult, "status">): boolean {
  return status !== null && status >= 200 && status < 300;
}

/** A delivery after one more try; the same one when the try changes nothing. */
export function deliveryAfter(
  delivery: Delivery,
  { event_id: _, retry_after_ms, ...attempt }: TryResult,
  now_ms: number,
): Delivery {
  if (delivery.state === "delivered") return delivery;
  // One that was given up in the meantime has arrived all the same; that it failed once more changes nothing.
  if (delivery.state === "failed" && !isSuccess(attempt)) return delivery;
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
