import { Hono, type MiddlewareHandler } from "hono";
import { describeRoute } from "hono-openapi";
import {
  ask,
  changeEndpoint,
  createEndpoint,
  type EndpointOwner,
  endpointsOf,
  removeEndpoint,
  rotateSecret,
  sendTestEvent,
} from "../../notifications/endpoints";
import type { EventType } from "../../webhooks/event-catalogue";
import type { EndpointSettings } from "../../webhooks/rpc";
import { actorOf } from "../authenticate";
import type { AppContext, AppEnv } from "../context";
import { BODY_ERRORS, type ErrorCode, errorResponses } from "../errors";
import { json } from "../openapi";
import { unwrap } from "../refusals";
import { validJson, validParam, validQuery } from "../validate";
import { deliveryBody, endpointBody } from "./present";
import {
  deliveryPageSchema,
  deliveryPath,
  deliveryQuery,
  deliverySchema,
  endpointListSchema,
  endpointPath,
  endpointRequests,
  endpointSchema,
  endpointWithSecret,
  resendSince,
  resentSchema,
} from "./schema";

/** For whom the routes are: who is let in, and whose endpoints it is about. */
export interface WebhookAccess {
  tags: string[];
  security: Record<string, string[]>[];
  /** Comes before the name of the thing in every operationId, such as `listOperatorWebhookEndpoints`. */
  prefix: "" | "Operator";
  errors: readonly ErrorCode[];
  /** What they may be told. */
  events: readonly EventType[];
  guard(scope: "read" | "billing"): MiddlewareHandler<AppEnv>;
  /** Called once in every request. */
  ownerOf(c: AppContext): Promise<EndpointOwner>;
}

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
      about("list", "Endpoints", "The endpoints that events are sent to", {
        200: json(endpointListSchema, "All endpoints."),
      }),
      guard("read"),
      async (c) => {
        const endpoints = await endpointsOf(c.env, await ownerOf(c));
        return c.json({ webhook_endpoints: endpoints.map(endpointBody) });
      },
    )
    .post(
      "/webhook_endpoints",
      about(
        "create",
        "Endpoint",
        "Make an endpoint",
        { 201: json(endpointWithSecret, "It, with its secret.") },
        [...BODY_ERRORS, "unprocessable"],
      ),
      guard("billing"),
      validJson(requests.create),
      async (c) => {
        const { url, description = "", events = null } = c.req.valid("json");
        const owner = await ownerOf(c);
        const made = unwrap(await createEndpoint(c.env, actorOf(c), owner, { url, description, events }));
        return c.json({ ...endpointBody(made.endpoint), secret: made.secret }, 201);
      },
    )
    .patch(
      "/webhook_endpoints/:endpoint_id",
      about(
        "change",
        "Endpoint",
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
        "delete",
        "Endpoint",
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
        "rotate",
        "Secret",
        "Give an endpoint a new secret; the old one signs beside it for a day",
        {
          200: json(endpointWithSecret, "It, with its new secret."),
        },
        ["not_found", "rotation_under_way"],
      ),
      guard("billing"),
      validParam(endpointPath),
      async (c) => {
        const { endpoint_id } = c.req.valid("param");
        const owner = await ownerOf(c);
        const rotated = unwrap(await rotateSecret(c.env, actorOf(c), owner, endpoint_id));
        return c.json({ ...endpointBody(rotated.endpoint), secret: rotated.secret });
      },
    );
}

function deliveryRoutes(access: WebhookAccess) {
  const { guard, ownerOf } = access;
  const about = describer(access);
  return new Hono<AppEnv>()
    .post(
      "/webhook_endpoints/:endpoint_id/test",
      about(
        "test",
        "Endpoint",
        "Send an endpoint a test event",
        { 201: json(deliverySchema, "It is under way.") },
        ["not_found", "endpoint_disabled"],
      ),
      guard("billing"),
      validParam(endpointPath),
      async (c) => {
        const owner = await ownerOf(c);
        const sent = unwrap(await sendTestEvent(c.env, owner, c.req.valid("param").endpoint_id));
        return c.json(deliveryBody(sent.delivery), 201);
      },
    )
    .get(
      "/webhook_deliveries",
      about("list", "Deliveries", "Deliveries of the last 30 days, the newest first", {
        200: json(deliveryPageSchema, "A page of deliveries."),
      }),
      guard("read"),
      validQuery(deliveryQuery),
      async (c) => {
        const { endpoint_id = null, state = null, cursor: after = null, limit } = c.req.valid("query");
        const filter = { endpoint_id, state, after, limit: limit + 1 };
        const owner = await ownerOf(c);
        const page = await ask(c.env, owner, (webhooks) => webhooks.listDeliveries(filter));
        const deliveries = page.deliveries.slice(0, limit);
        const last = page.deliveries.length > limit ? deliveries.at(-1) : undefined;
        const next_cursor = last ? `${last.event_id}.${last.endpoint_id}` : null;
        return c.json({ deliveries: deliveries.map(deliveryBody), next_cursor });
      },
    )
    .post(
      "/webhook_endpoints/:endpoint_id/deliveries/:event_id/resend",
      about("resend", "Delivery", "Send one event again", { 202: json(deliverySchema, "It is under way.") }, [
        "not_found",
        "endpoint_disabled",
      ]),
      guard("billing"),
      validParam(deliveryPath),
      async (c) => {
        const { endpoint_id, event_id } = c.req.valid("param");
        const owner = await ownerOf(c);
        const sent = unwrap(await ask(c.env, owner, (webhooks) => webhooks.resend(endpoint_id, event_id)));
        return c.json(deliveryBody(sent.delivery), 202);
      },
    )
    .post(
      "/webhook_endpoints/:endpoint_id/resend_failed",
      about(
        "resendFailed",
        "Deliveries",
        "Send again what was given up since a time",
        {
          202: json(resentSchema, "They are under way."),
        },
        [...BODY_ERRORS, "not_found", "endpoint_disabled"],
      ),
      guard("billing"),
      validParam(endpointPath),
      validJson(resendSince),
      async (c) => {
        const { endpoint_id } = c.req.valid("param");
        const { since } = c.req.valid("json");
        const owner = await ownerOf(c);
        const sent = unwrap(await ask(c.env, owner, (webhooks) => webhooks.resendFailed(endpoint_id, since)));
        return c.json({ count: sent.count, some_left: sent.some_left }, 202);
      },
    );
}

function describer({ tags, security, prefix, errors }: WebhookAccess) {
  return (
    verb: string,
    what: string,
    summary: string,
    responses: Record<number, object>,
    also: readonly ErrorCode[] = [],
  ) =>
    describeRoute({
      operationId: `${verb}${prefix}Webhook${what}`,
      summary,
      tags,
      security,
      responses: { ...responses, ...errorResponses(...errors, "webhooks_unavailable", ...also) },
    });
}
