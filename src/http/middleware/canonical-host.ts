import { createMiddleware } from "hono/factory";
import { classifyOrigin } from "../../units/public-url";
import type { AppEnv } from "../context";
import { ApiError } from "../errors";

/** Refuses what comes over plain http, before a key that was sent in clear seems to work, or past the deployment's address. */
export const canonicalHostOnly = createMiddleware<AppEnv>(async (c, next) => {
  const { public_url } = c.var.settings;
  const way = classifyOrigin(new URL(c.req.url), public_url);
  if (way === "plain") throw new ApiError("https_required");
  if (way === "side_door") throw new ApiError("not_found", `This service is reached at ${public_url}.`);
  await next();
});
