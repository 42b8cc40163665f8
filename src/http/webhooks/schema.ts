import { z } from "zod";
import {
  endpointDescription,
  endpointEvents,
  endpointFormat,
  endpointUrl,
  keepPreviousSeconds,
} from "../../notifications/endpoint-schema";
import { idPattern } from "../../units/id";
import { type EventType, OPERATOR_EVENTS } from "../../webhooks/event-catalogue";
import { instant, integer, queryInteger } from "../schema/amounts";
import { cursorQuery, nextCursor } from "../schema/cursor";

const EXAMPLE_ENDPOINT_ID = "whe_01k9z3v8qhe1w9m4c7d2x5n6tp";
const EXAMPLE_URL = "https://example.com/ringfence";
const EXAMPLE_EVENT_ID = "evt_01k9z3v8qhe1w9m4c7d2x5n6tp";

/** A webhook endpoint's id. */
const endpointId = z
  .string()
  .regex(idPattern("whe"), "Must be the id of a webhook endpoint.")
  .meta({ id: "EndpointId", description: "A webhook endpoint's id.", examples: [EXAMPLE_ENDPOINT_ID] });

/** An event's id. */
export const eventIdSchema = z
  .string()
  .regex(idPattern("evt"), "Must be the id of an event.")
  .meta({
    id: "EventId",
    description: "The same in every delivery of one event.",
    examples: [EXAMPLE_EVENT_ID],
  });

/** What is asked for to make an endpoint or to change one, of those who may be told these events. */
export function endpointRequests(types: readonly EventType[]) {
  const events = endpointEvents(types)
    .optional()
    .meta({ description: "The events that it gets. Null, or left out: all, and those that come to be." });
  const description = endpointDescription.optional();
  const enabled = z
    .boolean()
    .optional()
    .meta({ description: "False gives up what was still to be sent; true forgets earlier failures." });
  return {
    create: z
      .strictObject({
        url: endpointUrl,
        description,
        events,
        format: endpointFormat.default("standard"),
      })
      .meta({ examples: [{ url: EXAMPLE_URL, events: types.slice(0, 2) }] }),
    change: z
      .strictObject({
        ...{ url: endpointUrl.optional(), description, events, format: endpointFormat.optional(), enabled },
      })
      .meta({ examples: [{ events: null, enabled: true }] }),
  };
}

/** How a secret is to be replaced. */
export const rotationRequest = z
  .strictObject({ keep_previous_seconds: keepPreviousSeconds })
  .meta({ id: "SecretRotation", examples: [{ keep_previous_seconds: 3_600 }] });

const endpointFields = {
  id: endpointId,
  url: endpointUrl,
  description: z.string().meta({ description: "For people.", examples: ["Billing alerts"] }),
  events: z.array(z.string()).nullable().meta({ description: "The events that it gets; null: all." }),
  format: endpointFormat,
  state: z.enum(["enabled", "disabled"]),
  disabled_because: z.enum(["gone", "failing", "owner"]).nullable().meta({
    description: "`gone`: it answered 410. `failing`: it failed for days. `owner`: it was turned off.",
  }),
  failing_since: instant("Since when it has only failed").nullable(),
  previous_secret_until: instant("Until when the secret before signs, too").nullable(),
  created_at: instant("When it was made"),
};

/** A webhook endpoint, without its secret. */
export const endpointSchema = z.strictObject(endpointFields).meta({ id: "WebhookEndpoint" });

/** A webhook endpoint with its secret: shown once. */
export const endpointWithSecret = z
  .strictObject({
    ...endpointFields,
    secret: z.string().meta({
      description: "Signs every delivery. Shown once.",
      examples: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    }),
  })
  .meta({ id: "NewWebhookEndpoint" });

/** An event to an endpoint, with its attempts. */
export const deliverySchema = z
  .strictObject({
    event_id: eventIdSchema,
    endpoint_id: endpointId,
    type: z.string().meta({ examples: ["balance.low", Object.keys(OPERATOR_EVENTS)[0]] }),
    state: z.enum(["pending", "delivered", "failed"]).meta({
      description: "`failed`: it was given up, and can be sent again.",
    }),
    tries: integer("Tries since it was made or asked to be sent again"),
    next_try_at: instant("When it is tried next").nullable(),
    created_at: instant("When it was made"),
    attempts: z.array(
      z.strictObject({
        at: instant("When it was tried"),
        duration_ms: integer("How long the receiver took, in milliseconds"),
        status: z.int().min(0).max(999).nullable().meta({ description: "What it answered; null: nothing." }),
        error: z.string().nullable(),
        excerpt: z.string().meta({ description: "The beginning of its answer." }),
      }),
    ),
  })
  .meta({ id: "WebhookDelivery" });

/** Which deliveries are asked for. */
export const deliveryQuery = z.strictObject({
  endpoint_id: endpointId.optional(),
  state: z.enum(["pending", "delivered", "failed"]).optional(),
  cursor: cursorQuery,
  limit: queryInteger({ min: 1, max: 100, default: 50, description: "Deliveries in a page." }),
});

/** Where a page of deliveries ends. */
export const deliveryPlace = z
  .tuple([z.string(), z.string()])
  .transform(([event_id, endpoint_id]) => ({ event_id, endpoint_id }));

/** A page of deliveries. */
export const deliveryPageSchema = z.strictObject({
  deliveries: z.array(deliverySchema),
  next_cursor: nextCursor,
});

/** From when on what was given up is sent again (parsed to ms since 1970). */
export const resendSince = z
  .strictObject({
    since: z.iso
      .datetime()
      .transform((text) => Date.parse(text))
      .meta({ description: "What was made from here on and given up.", examples: ["2026-11-20T00:00:00Z"] }),
  })
  .meta({ id: "ResendSince", examples: [{ since: "2026-11-20T00:00:00Z" }] });

/** How many deliveries are sent again. */
export const resentSchema = z.strictObject({
  count: integer("Deliveries that are sent again"),
  some_left: z.boolean().meta({ description: "Whether there are more: ask again." }),
});

/** A page of endpoints. */
export const endpointListSchema = z.strictObject({
  webhook_endpoints: z.array(endpointSchema),
  next_cursor: nextCursor,
});

/** Which part of the endpoints is asked for. */
export const endpointQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 100, default: 100, description: "Endpoints in a page." }),
  cursor: cursorQuery,
});

/** An endpoint in the path. */
export const endpointPath = z.strictObject({ endpoint_id: endpointId });

/** An event of an endpoint in the path. */
export const deliveryPath = z.strictObject({ endpoint_id: endpointId, event_id: eventIdSchema });
