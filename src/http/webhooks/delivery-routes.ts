import { Hono } from "hono";
import { resendDelivery, resendFailed, sendTestEvent } from "../../notifications/deliveries";
import { ask } from "../../notifications/endpoint-owner";
import type { DeliveryPlace } from "../../webhooks/types";
import { actorOf } from "../authenticate";
import type { AppEnv } from "../context";
import { pageOf, readCursor, writeCursor } from "../cursor";
import { BODY_ERRORS } from "../errors";
import { json } from "../openapi";
import { unwrap } from "../refusals";
import { REPEATABLE_ERRORS, repeatableRequest } from "../repeatable";
import { validJson, validParam, validQuery } from "../validate";
import { describer, type WebhookAccess } from "./access";
import { deliveryBody } from "./present";
import {
  deliveryPageSchema,
  deliveryPath,
  deliveryPlace,
  deliveryQuery,
  deliverySchema,
  endpointPath,
  resendSince,
  resentSchema,
} from "./schema";

/** What was sent to endpoints, and sending it again. */
export function deliveryRoutes(access: WebhookAccess) {
  const { guard, ownerOf } = access;
  const about = describer(access);
  return new Hono<AppEnv>()
    .post(
      "/webhook_endpoints/:endpoint_id/test",
      about(
        ["testWebhookEndpoint", "testOperatorWebhookEndpoint"],
        [
          "Send an endpoint a test event",
          "The event is `webhook.test`, signed and repeated as any other, whatever the endpoint wants to be told.",
        ],
        { 201: json(deliverySchema, "It is under way.") },
        { errors: ["not_found", "endpoint_disabled"], is_repeatable: true },
      ),
      guard("billing"),
      validParam(endpointPath),
      async (c) => {
        const { endpoint_id } = c.req.valid("param");
        const asked = { endpoint_id, request: await repeatableRequest(c) };
        const sent = unwrap(await sendTestEvent(c.env, actorOf(c), await ownerOf(c), asked));
        return c.json(deliveryBody(sent.delivery), 201);
      },
    )
    .get(
      "/webhook_deliveries",
      about(
        ["listWebhookDeliveries", "listOperatorWebhookDeliveries"],
        [
          "Deliveries of the last 30 days, the newest first",
          "Each with every attempt. `state=failed` has what was given up.",
        ],
        {
          200: json(deliveryPageSchema, "A page of deliveries."),
        },
      ),
      guard("read"),
      validQuery(deliveryQuery),
      async (c) => {
        const { endpoint_id = null, state = null, limit } = c.req.valid("query");
        const owner = await ownerOf(c);
        const after = await readCursor(c, deliveryPlace);
        const filter = { endpoint_id, state, after, limit: limit + 1 };
        const found = await ask(c.env, owner, (webhooks) => webhooks.listDeliveries(filter));
        const placeOf = (delivery: DeliveryPlace) => [delivery.event_id, delivery.endpoint_id];
        const { page, next_cursor } = await pageOf(c, found.deliveries, limit, placeOf);
        // An object of the release before looks through all of them.
        const stopped = found.looked_up_to ?? null;
        const goes_on = next_cursor ?? (stopped && (await writeCursor(c, placeOf(stopped))));
        return c.json({ deliveries: page.map(deliveryBody), next_cursor: goes_on });
      },
    )
    .post(
      "/webhook_endpoints/:endpoint_id/deliveries/:event_id/resend",
      about(
        ["resendWebhookDelivery", "resendOperatorWebhookDelivery"],
        [
          "Send one event again",
          "Under the same event id, with a new series of tries. An event that has arrived is sent again, too.",
        ],
        { 202: json(deliverySchema, "It is under way.") },
        { errors: ["not_found", "endpoint_disabled"], is_repeatable: true },
      ),
      guard("billing"),
      validParam(deliveryPath),
      async (c) => {
        const asked = { ...c.req.valid("param"), request: await repeatableRequest(c) };
        const sent = unwrap(await resendDelivery(c.env, actorOf(c), await ownerOf(c), asked));
        return c.json(deliveryBody(sent.delivery), 202);
      },
    )
    .post(
      "/webhook_endpoints/:endpoint_id/resend_failed",
      about(
        ["resendFailedWebhookDeliveries", "resendFailedOperatorWebhookDeliveries"],
        [
          "Send again what was given up since a time",
          "At most 500 at a time: repeat it while `some_left` is true.",
        ],
        {
          202: json(resentSchema, "They are under way."),
        },
        {
          errors: [...BODY_ERRORS, "not_found", "endpoint_disabled", ...REPEATABLE_ERRORS],
          is_repeatable: true,
        },
      ),
      guard("billing"),
      validParam(endpointPath),
      validJson(resendSince),
      async (c) => {
        const { endpoint_id } = c.req.valid("param");
        const { since } = c.req.valid("json");
        const asked = { endpoint_id, since_ms: since, request: await repeatableRequest(c, since) };
        const sent = unwrap(await resendFailed(c.env, actorOf(c), await ownerOf(c), asked));
        return c.json({ count: sent.count, some_left: sent.some_left }, 202);
      },
    );
}
