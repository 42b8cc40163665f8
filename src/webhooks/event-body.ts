import { isoTime } from "../units/duration";
import { EVENT_VERSION, type NewEvent } from "./event-catalogue";
import { OPERATOR } from "./operator";
import type { EndpointFormat } from "./types";

/** Where a call stands, in the words of the calls list. */
export const PRODUCT_CALL_STATUSES = ["in-progress", "ended", "failed", "rejected"] as const;
type CallStatus = (typeof PRODUCT_CALL_STATUSES)[number];

const STATUS_OF_OUTCOME: Record<string, CallStatus> = {
  settled: "ended",
  lost: "ended",
  parked: "ended",
  voided: "failed",
  rejected: "rejected",
};

/**
 * The body of an event's deliveries, as JSON. `standard`: `{id, type, body_version, timestamp, organization_id, data}`, in the way of
 * Standard Webhooks. `product`: the same facts in the envelope of the product's other webhooks, `{message: {type, timestamp,
 * call, phone_number, customer, …}}`, so that a handler which was written for those reads them. Events of operators are
 * about no single organization and have no `organization_id`.
 */
export function eventBody(organization_id: string, event: NewEvent, format: EndpointFormat): string {
  const { id, type, occurred_at_ms } = event;
  const timestamp = isoTime(occurred_at_ms);
  const about = organization_id === OPERATOR ? {} : { organization_id };
  const versions = { body_version: EVENT_VERSION, version: EVENT_VERSION };
  const data = dataOf(event);
  if (format === "standard") return JSON.stringify({ id, type, ...versions, timestamp, ...about, data });
  const message = { type, timestamp, ...partiesOf(event), id, ...versions, ...about, data };
  return JSON.stringify({ message });
}

/** `version` of the data is a call's, and has a name of its own beside it: that of the body is another. */
function dataOf({ data }: NewEvent) {
  return "version" in data ? { ...data, call_version: data.version } : data;
}

/** The call of an event with its two sides; null where it is about none, because handlers look into them. */
function partiesOf(event: NewEvent) {
  const data: object = event.data;
  if (!("direction" in data && "from" in data && "to" in data && "call_id" in data))
    return { call: null, phone_number: { id: null, number: null }, customer: { number: null } };
  const is_inbound = data.direction === "inbound";
  const [own, other] = is_inbound ? [data.to, data.from] : [data.from, data.to];
  return {
    call: {
      id: data.call_id,
      type: is_inbound ? "inbound_phone_call" : "outbound_phone_call",
      status: statusOf(event),
    },
    phone_number: { id: null, number: own },
    customer: { number: other },
  };
}

function statusOf({ type, data }: NewEvent): CallStatus {
  if (type === "call.rejected") return "rejected";
  if (!("outcome" in data)) return "in-progress";
  // Nobody answered: as the calls list has it.
  if (data.outcome === "settled" && data.billable_seconds === 0) return "failed";
  return STATUS_OF_OUTCOME[data.outcome] ?? "ended";
}
