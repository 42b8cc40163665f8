import { Hono } from "hono";
import { endpointsOf } from "../../notifications/endpoint-owner";
import { endPreviousSecret, rotateSecret } from "../../notifications/endpoint-secrets";
import { changeEndpoint, createEndpoint, removeEndpoint } from "../../notifications/endpoints";
import { hostOnly } from "../../units/public-url";
import type { EndpointSettings } from "../../webhooks/rpc";
import type { Endpoint } from "../../webhooks/types";
import { actorOf } from "../authenticate";
import type { AppEnv } from "../context";
import { idPlace, pageOf, readCursor } from "../cursor";
import { BODY_ERRORS } from "../errors";
import { json } from "../openapi";
import { unwrap } from "../refusals";
import { REPEATABLE_ERRORS, repeatableRequest } from "../repeatable";
import { mayComeWithoutBody, validJson, validOptionalJson, validParam, validQuery } from "../validate";
import { describer, type WebhookAccess } from "./access";
import { deliveryRoutes } from "./delivery-routes";
import { endpointBody } from "./present";
import {
  endpointListSchema,
  endpointPath,
  endpointQuery,
  endpointRequests,
  endpointSchema,
  endpointWithSecret,
  rotationRequest,
} from "./schema";

/** Endpoints that events are sent to, and what came of it. */
export function webhookRoutes(access: WebhookAccess): Hono<AppEnv> {
  return new Hono<AppEnv>().route("/", endpointRoutes(access)).route("/", deliveryRoutes(access));
}

function endpointRoutes(access: WebhookAccess) {
  const { guard, ownerOf } = access;
  const requests = endpointRequests(access.events);
  const about = describer(access);
  return new Hono<AppEnv>()
    .get(
      "/webhook_endpoints",
      about(
        ["listWebhookEndpoints", "listOperatorWebhookEndpoints"],
        ["The endpoints that events are sent to", "Disabled ones, too, with why they are."],
        {
          200: json(
            endpointListSchema,
            "A page of them, the oldest first. A key without the scope `billing` is shown the host alone.",
          ),
        },
      ),
      guard("read"),
      validQuery(endpointQuery),
      async (c) => {
        const { limit } = c.req.valid("query");
        const { sees_urls, ...owner } = await ownerOf(c);
        const after = (await readCursor(c, idPlace)) ?? "";
        const endpoints = await endpointsOf(c.env, owner);
        const rest = endpoints.filter(({ endpoint_id }) => endpoint_id > after).sort(byId);
        const { page, next_cursor } = await pageOf(c, rest, limit, ({ endpoint_id }) => endpoint_id);
        const bodies = page.map(endpointBody);
        const shown = sees_urls ? bodies : bodies.map((body) => ({ ...body, url: hostOnly(body.url) }));
        return c.json({ webhook_endpoints: shown, next_cursor });
      },
    )
    .post(
      "/webhook_endpoints",
      about(
        ["createWebhookEndpoint", "createOperatorWebhookEndpoint"],
        [
          "Make an endpoint",
          "It gets what happens from now on. Its address is looked up before it is taken, and before every try.",
        ],
        { 201: json(endpointWithSecret, "It, with its secret.") },
        { errors: [...BODY_ERRORS, "unprocessable", ...REPEATABLE_ERRORS], is_repeatable: true },
      ),
      guard("billing"),
      validJson(requests.create),
      async (c) => {
        const body = c.req.valid("json");
        const { url, description = "", events = null, format } = body;
        const request = await repeatableRequest(c, body);
        const asked = { url, description, events, format, request };
        const made = unwrap(await createEndpoint(c.env, actorOf(c), await ownerOf(c), asked));
        return c.json({ ...endpointBody(made.endpoint), secret: made.secret }, 201);
      },
    )
    .patch(
      "/webhook_endpoints/:endpoint_id",
      about(
        ["changeWebhookEndpoint", "changeOperatorWebhookEndpoint"],
        [
          "Change, disable or enable an endpoint",
          "Only what is named changes. What happens while an endpoint is disabled is not told to it later.",
        ],
        { 200: json(endpointSchema, "It.") },
        { errors: [...BODY_ERRORS, "not_found", "unprocessable"] },
      ),
      guard("billing"),
      validParam(endpointPath),
      validJson(requests.change),
      async (c) => {
        const { endpoint_id } = c.req.valid("param");
        const change = c.req.valid("json") as Partial<EndpointSettings> & { enabled?: boolean };
        const owner = await ownerOf(c);
        const changed = unwrap(await changeEndpoint(c.env, actorOf(c), owner, { endpoint_id, ...change }));
        return c.json(endpointBody(changed.endpoint));
      },
    )
    .delete(
      "/webhook_endpoints/:endpoint_id",
      about(
        ["deleteWebhookEndpoint", "deleteOperatorWebhookEndpoint"],
        [
          "Delete an endpoint and what is known of its deliveries",
          "What was still to be sent to it is given up. A repeat is 404.",
        ],
        {
          204: { description: "It is gone." },
        },
        { errors: ["not_found"], is_repeatable: true },
      ),
      guard("billing"),
      validParam(endpointPath),
      async (c) => {
        const { endpoint_id } = c.req.valid("param");
        const asked = { endpoint_id, request: await repeatableRequest(c) };
        unwrap(await removeEndpoint(c.env, actorOf(c), await ownerOf(c), asked));
        return c.body(null, 204);
      },
    )
    .post(
      "/webhook_endpoints/:endpoint_id/rotate_secret",
      about(
        ["rotateWebhookSecret", "rotateOperatorWebhookSecret"],
        [
          "Give an endpoint a new secret; the old one signs beside it for a day, or for as long as you say",
          "The answer has the new secret, once. Another rotation meanwhile is 409, unless it keeps the previous secret for 0 seconds.",
        ],
        {
          200: json(endpointWithSecret, "It, with its new secret."),
        },
        {
          errors: [...BODY_ERRORS, "not_found", "rotation_under_way", ...REPEATABLE_ERRORS],
          is_repeatable: true,
        },
      ),
      guard("billing"),
      validParam(endpointPath),
      validOptionalJson(rotationRequest),
      mayComeWithoutBody,
      async (c) => {
        const { endpoint_id } = c.req.valid("param");
        const body = c.req.valid("json");
        const asked = { endpoint_id, ...body, request: await repeatableRequest(c, body) };
        const rotated = unwrap(await rotateSecret(c.env, actorOf(c), await ownerOf(c), asked));
        return c.json({ ...endpointBody(rotated.endpoint), secret: rotated.secret });
      },
    )
    .delete(
      "/webhook_endpoints/:endpoint_id/previous_secret",
      about(
        ["endPreviousWebhookSecret", "endPreviousOperatorWebhookSecret"],
        [
          "End the secret before the present one now",
          "For a secret that has leaked, once the new one is in use. Changes nothing when there is none.",
        ],
        { 200: json(endpointSchema, "The endpoint, whose present secret signs alone.") },
        { errors: ["not_found"], is_repeatable: true },
      ),
      guard("billing"),
      validParam(endpointPath),
      async (c) => {
        const { endpoint_id } = c.req.valid("param");
        const asked = { endpoint_id, request: await repeatableRequest(c) };
        const ended = unwrap(await endPreviousSecret(c.env, actorOf(c), await ownerOf(c), asked));
        return c.json(endpointBody(ended.endpoint));
      },
    );
}

/** In the order in which they were made. */
function byId({ endpoint_id: one }: Endpoint, { endpoint_id: other }: Endpoint): number {
  return one < other ? -1 : 1;
}
