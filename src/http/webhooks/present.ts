import type { z } from "zod";
import { isoTime, isoTimeOrNull } from "../../units/duration";
import type { Delivery, Endpoint } from "../../webhooks/types";
import type { deliverySchema, endpointSchema } from "./schema";

/** An endpoint as the API shows it, without its secret. */
export function endpointBody(endpoint: Endpoint): z.input<typeof endpointSchema> {
  const { endpoint_id: id, url, description, events, state, disabled_because } = endpoint;
  const overlap_ms = endpoint.previous_secret_until_ms;
  return {
    id,
    url,
    description,
    events,
    format: endpoint.format ?? "standard",
    state,
    disabled_because,
    failing_since: isoTimeOrNull(endpoint.failing_since_ms),
    previous_secret_until: overlap_ms !== null && overlap_ms > Date.now() ? isoTime(overlap_ms) : null,
    created_at: isoTime(endpoint.created_at_ms),
  };
}

/** A delivery with its attempts as the API shows it. */
export function deliveryBody(delivery: Delivery): z.input<typeof deliverySchema> {
  const { event_id, endpoint_id, type, state, tries, attempts } = delivery;
  return {
    event_id,
    endpoint_id,
    type,
    state,
    tries,
    next_try_at: isoTimeOrNull(delivery.next_try_at_ms),
    created_at: isoTime(delivery.created_at_ms),
    attempts: attempts.map(({ at_ms, ...attempt }) => ({ at: isoTime(at_ms), ...attempt })),
  };
}
