import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import type { AppEnv } from "../context";
import { errorResponses } from "../errors";
import { json } from "../openapi";
import { healthSchema } from "./schema";

/** Whether this Worker runs and what calls need is in order, with the names of other settings that are not. Asks no storage: what hangs must not make it look dead. */
export const health = new Hono<AppEnv>().get(
  "/health",
  describeRoute({
    operationId: "getHealth",
    tags: ["Service"],
    summary: "Whether the service is up",
    description: "Asks no storage, so that one that hangs does not make the service look dead. Needs no key.",
    security: [],
    responses: {
      200: json(healthSchema, "It is."),
      ...errorResponses("rate_limit_exceeded"),
    },
  }),
  (c) => {
    const wrong_settings = c.var.settings.wrong.map(({ setting }) => setting);
    return c.json({ status: "ok" as const, wrong_settings });
  },
);
