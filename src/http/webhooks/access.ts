import type { MiddlewareHandler } from "hono";
import { describeRoute } from "hono-openapi";
import type { EndpointOwner } from "../../notifications/endpoint-owner";
import type { EventType } from "../../webhooks/event-catalogue";
import type { AppContext, AppEnv } from "../context";
import { type ErrorCode, errorResponses } from "../errors";
import { REPEATABLE, REPEATABLE_SAID } from "../repeatable";

/** For whom the routes are: who is let in, and whose endpoints it is about. */
export interface WebhookAccess {
  tags: string[];
  security: Record<string, string[]>[];
  /** Which of the two operationIds of a route is theirs: of the organization's own routes, or of the operators'. */
  operation_ids: "organization" | "operator";
  errors: readonly ErrorCode[];
  /** What they may be told. */
  events: readonly EventType[];
  guard(scope: "read" | "billing"): MiddlewareHandler<AppEnv>;
  /** Called once in every request. `sees_urls`: whether whoever asks may read the endpoints' addresses, and tokens in them. */
  ownerOf(c: AppContext): Promise<EndpointOwner & { sees_urls: boolean }>;
}

/** Describes a route of both doors; `operation_ids` are the organization's and the operators'. */
export function describer({ tags, security, operation_ids: whose, errors }: WebhookAccess) {
  return (
    operation_ids: readonly [organization: string, operator: string],
    [summary, description]: readonly [summary: string, description: string],
    responses: Record<number, object>,
    {
      errors: also = [],
      is_repeatable = false,
    }: { errors?: readonly ErrorCode[]; is_repeatable?: boolean } = {},
  ) =>
    describeRoute({
      operationId: operation_ids[whose === "organization" ? 0 : 1],
      summary,
      description: is_repeatable ? `${description} ${REPEATABLE_SAID}` : description,
      ...(is_repeatable && { parameters: REPEATABLE }),
      tags,
      security,
      responses: {
        ...responses,
        ...errorResponses(...errors, "webhooks_unavailable", ...also),
      },
    });
}
