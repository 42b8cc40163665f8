import { DAY_MS } from "../units/duration";
import type { OrganizationRef } from "../units/organization-ref";
import type { EventType } from "./event-catalogue";

/** In which envelope an endpoint gets events: see `eventBody`. */
export const ENDPOINT_FORMATS = ["standard", "product"] as const;
export type EndpointFormat = (typeof ENDPOINT_FORMATS)[number];

/** The longest that a replaced secret goes on signing beside the new one, and how long it does by default. */
export const MAX_OVERLAP_MS = DAY_MS;

/** Where events of one organization are sent. */
export interface Endpoint {
  endpoint_id: string;
  url: string;
  description: string;
  /** null: every type, and those to come. */
  events: EventType[] | null;
  /** `standard` where it is left out, as by endpoints from before there was a choice. */
  format?: EndpointFormat;
  state: "enabled" | "disabled";
  /** `gone`: it answered 410. `failing`: it has only failed for days. `owner`: its owner turned it off. */
  disabled_because: "gone" | "failing" | "owner" | null;
  created_at_ms: number;
  /** Failures since it last accepted an event, and when the first of them was. */
  failures_in_a_row: number;
  failing_since_ms: number | null;
  /** While it cools down after failures: when it gets the next delivery; 0 when it does not. */
  rests_until_ms: number;
  /** While a secret is being replaced: until when both are used to sign. */
  previous_secret_until_ms: number | null;
  /** What its present secret came with: itself, or a request to replace it that may be repeated. */
  secret_id?: string | null;
  /** Whether operators know that it was disabled. */
  operator_told?: boolean;
}

/** `failed`: given up, may be sent again. */
export type DeliveryState = "pending" | "delivered" | "failed";

/** One try to deliver one event. */
interface Attempt {
  at_ms: number;
  duration_ms: number;
  /** The receiver's status, null when there was no answer. */
  status: number | null;
  error: string | null;
  /** The beginning of what the receiver answered. */
  excerpt: string;
}

/** One event for one endpoint. */
export interface Delivery {
  event_id: string;
  endpoint_id: string;
  type: EventType;
  body: string;
  state: DeliveryState;
  /** Tries since it was made, or since it was last asked to be sent again. */
  tries: number;
  next_try_at_ms: number | null;
  attempts: Attempt[];
  created_at_ms: number;
}

/** The result of one try. */
export interface TryResult extends Attempt {
  event_id: string;
  /** How long the receiver asks to wait (`Retry-After`), in ms. */
  retry_after_ms: number | null;
}

/** A message of the queue: these deliveries, as far as they are still to be sent and no other consumer has claimed them. */
export interface DeliveryBatch extends OrganizationRef {
  endpoint_id: string;
  event_ids: string[];
}

/** What the consumer of the queue needs to send a batch. */
export interface DeliveryJob {
  url: string;
  secret: string;
  /** Signs, too, while the secret is being replaced. */
  previous_secret: string | null;
  messages: { event_id: string; type: EventType; body: string }[];
}

/** Where a delivery stands in lists. */
export interface DeliveryPlace {
  event_id: string;
  endpoint_id: string;
}
