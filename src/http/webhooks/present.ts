import type { z } from "zod";
import type { AlertFacts } from "../../ledger/core/credit/balance-alerts";
import { alertKey } from "../../ledger/core/credit/balance-alerts";
import { isoTime } from "../../units/duration";
import type { Delivery, Endpoint } from "../../webhooks/types";
import { isoTimeOrNull } from "../present";
import type { alertsSchema, deliverySchema, endpointSchema } from "./schema";

export function endpointBody(endpoint: Endpoint): z.input<typeof endpointSchema> {
  const { endpoint_id: id, url, description, events, state, disabled_because } = endpoint;
  const overlap_ms = endpoint.previous_secret_until_ms;
  return {
    id,
    url,
    description,
    events,
    state,
    disabled_because,
    failing_since: isoTimeOrNull(endpoint.failing_since_ms),
    previous_secret_until: overlap_ms !== null && overlap_ms > Date.now() ? isoTime(overlap_ms) : null,
    created_at: isoTime(endpoint.created_at_ms),
  };
}

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

export function alertsBody({ thresholds, fired }: AlertFacts): z.input<typeof alertsSchema> {
  return {
    alerts: thresholds.map((threshold) => ({
      ...threshold,
      has_gone_off: fired.includes(alertKey(threshold)),
    })),
  };
}
