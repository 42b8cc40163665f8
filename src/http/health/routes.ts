import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import type { AppEnv } from "../context";
import { errorResponses } from "../errors";
import { json } from "../openapi";
import { healthSchema } from "./schema";

/** Whether this Worker runs and its settings are in order. Asks no storage: what hangs must not make it look dead. */
export const health = new Hono<AppEnv>().get(
  "/health",
  describeRoute({
    operationId: "getHealth",
    tags: ["Service"],
    summary: "Whether the service is up",
    security: [],
    responses: {
      200: json(healthSchema, "It is."),
      ...errorResponses("rate_limit_exceeded"),
    },
  }),
  (c) => c.json({ status: "ok" as const }),
);
