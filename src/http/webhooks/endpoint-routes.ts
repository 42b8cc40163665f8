import { Hono } from "hono";
import {
  changeEndpoint,
  createEndpoint,
  endPreviousSecret,
  endpointsOf,
  removeEndpoint,
  rotateSecret,
} from "../../notifications/endpoints";
import { hostOnly } from "../../units/public-url";
import type { EndpointSettings } from "../../webhooks/rpc";
import { actorOf } from "../authenticate";
import type { AppEnv } from "../context";
import { BODY_ERRORS } from "../errors";
import { json } from "../openapi";
import { unwrap } from "../refusals";
import { mayComeWithoutBody, validJson, validOptionalJson, validParam } from "../validate";
import { describer, type WebhookAccess } from "./access";
import { deliveryRoutes } from "./delivery-routes";
import { endpointBody } from "./present";
import {
  endpointListSchema,
  endpointPath,
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
        "The endpoints that events are sent to",
        {
          200: json(
            endpointListSchema,
            "All endpoints. A key without the scope `billing` is shown the host alone.",
          ),
        },
      ),
      guard("read"),
      async (c) => {
        const { sees_urls, ...owner } = await ownerOf(c);
        const bodies = (await endpointsOf(c.env, owner)).map(endpointBody);
        const shown = sees_urls ? bodies : bodies.map((body) => ({ ...body, url: hostOnly(body.url) }));
        return c.json({ webhook_endpoints: shown });
      },
    )
    .post(
      "/webhook_endpoints",
      about(
        ["createWebhookEndpoint", "createOperatorWebhookEndpoint"],
        "Make an endpoint",
        { 201: json(endpointWithSecret, "It, with its secret.") },
        [...BODY_ERRORS, "unprocessable"],
      ),
      guard("billing"),
      validJson(requests.create),
      async (c) => {
        const { url, description = "", events = null, format } = c.req.valid("json");
        const owner = await ownerOf(c);
        const made = unwrap(
          await createEndpoint(c.env, actorOf(c), owner, { url, description, events, format }),
        );
        return c.json({ ...endpointBody(made.endpoint), secret: made.secret }, 201);
      },
    )
    .patch(
      "/webhook_endpoints/:endpoint_id",
      about(
        ["changeWebhookEndpoint", "changeOperatorWebhookEndpoint"],
        "Change, disable or enable an endpoint",
        { 200: json(endpointSchema, "It.") },
        [...BODY_ERRORS, "not_found", "unprocessable"],
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
        "Delete an endpoint and what is known of its deliveries",
        {
          204: { description: "It is gone." },
        },
        ["not_found"],
      ),
      guard("billing"),
      validParam(endpointPath),
      async (c) => {
        const { endpoint_id } = c.req.valid("param");
        const owner = await ownerOf(c);
        unwrap(await removeEndpoint(c.env, actorOf(c), owner, endpoint_id));
        return c.body(null, 204);
      },
    )
    .post(
      "/webhook_endpoints/:endpoint_id/rotate_secret",
      about(
        ["rotateWebhookSecret", "rotateOperatorWebhookSecret"],
        "Give an endpoint a new secret; the old one signs beside it for a day, or for as long as you say",
        {
          200: json(endpointWithSecret, "It, with its new secret."),
        },
        [...BODY_ERRORS, "not_found", "rotation_under_way"],
      ),
      guard("billing"),
      validParam(endpointPath),
      validOptionalJson(rotationRequest),
      mayComeWithoutBody,
      async (c) => {
        const asked = { ...c.req.valid("param"), ...c.req.valid("json") };
        const owner = await ownerOf(c);
        const rotated = unwrap(await rotateSecret(c.env, actorOf(c), owner, asked));
        return c.json({ ...endpointBody(rotated.endpoint), secret: rotated.secret });
      },
    )
    .delete(
      "/webhook_endpoints/:endpoint_id/previous_secret",
      about(
        ["endPreviousWebhookSecret", "endPreviousOperatorWebhookSecret"],
        "End the secret before the present one now",
        { 200: json(endpointSchema, "The endpoint, whose present secret signs alone.") },
        ["not_found"],
      ),
      guard("billing"),
      validParam(endpointPath),
      async (c) => {
        const { endpoint_id } = c.req.valid("param");
        const owner = await ownerOf(c);
        const ended = unwrap(await endPreviousSecret(c.env, actorOf(c), owner, endpoint_id));
        return c.json(endpointBody(ended.endpoint));
      },
    );
}
