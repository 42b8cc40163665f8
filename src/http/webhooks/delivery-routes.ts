import { Hono } from "hono";
import { ask } from "../../notifications/endpoint-owner";
import { resendDelivery, resendFailed, sendTestEvent } from "../../notifications/requested-deliveries";
import type { AppEnv } from "../context";
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
        "Send an endpoint a test event",
        { 201: json(deliverySchema, "It is under way.") },
        { errors: ["not_found", "endpoint_disabled"], is_repeatable: true },
      ),
      guard("billing"),
      validParam(endpointPath),
      async (c) => {
        const { endpoint_id } = c.req.valid("param");
        const asked = { endpoint_id, request: await repeatableRequest(c) };
        const sent = unwrap(await sendTestEvent(c.env, await ownerOf(c), asked));
        return c.json(deliveryBody(sent.delivery), 201);
      },
    )
    .get(
      "/webhook_deliveries",
      about(
        ["listWebhookDeliveries", "listOperatorWebhookDeliveries"],
        "Deliveries of the last 30 days, the newest first",
        {
          200: json(deliveryPageSchema, "A page of deliveries."),
        },
      ),
      guard("read"),
      validQuery(deliveryQuery),
      async (c) => {
        const { endpoint_id = null, state = null, cursor: after = null, limit } = c.req.valid("query");
        const filter = { endpoint_id, state, after, limit: limit + 1 };
        const owner = await ownerOf(c);
        const page = await ask(c.env, owner, (webhooks) => webhooks.listDeliveries(filter));
        const found = page.deliveries;
        const deliveries = found.slice(0, limit);
        const last = found.length > limit ? deliveries.at(-1) : undefined;
        const next_cursor = last ? `${last.event_id}.${last.endpoint_id}` : null;
        return c.json({ deliveries: deliveries.map(deliveryBody), next_cursor });
      },
    )
    .post(
      "/webhook_endpoints/:endpoint_id/deliveries/:event_id/resend",
      about(
        ["resendWebhookDelivery", "resendOperatorWebhookDelivery"],
        "Send one event again",
        { 202: json(deliverySchema, "It is under way.") },
        { errors: ["not_found", "endpoint_disabled"], is_repeatable: true },
      ),
      guard("billing"),
      validParam(deliveryPath),
      async (c) => {
        const asked = { ...c.req.valid("param"), request: await repeatableRequest(c) };
        const sent = unwrap(await resendDelivery(c.env, await ownerOf(c), asked));
        return c.json(deliveryBody(sent.delivery), 202);
      },
    )
    .post(
      "/webhook_endpoints/:endpoint_id/resend_failed",
      about(
        ["resendFailedWebhookDeliveries", "resendFailedOperatorWebhookDeliveries"],
        "Send again what was given up since a time",
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
        const sent = unwrap(await resendFailed(c.env, await ownerOf(c), asked));
        return c.json({ count: sent.count, some_left: sent.some_left }, 202);
      },
    );
}
