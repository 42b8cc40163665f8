import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import { log } from "../../units/log";
import type { AppEnv } from "../context";

/** One line a request. The route's pattern instead of its path: paths and queries hold numbers and ids of callers. */
export const logRequests = createMiddleware<AppEnv>(async (c, next) => {
  const began_at_ms = Date.now();
  await next();
  const route = matchedRoutes(c).findLast(({ method }) => method !== "ALL");
  // Once: each reading of `c.var` copies all there is.
  const { request_id, organization_id, caller, platform_key, error_code } = c.var;
  log.info("request", {
    request_id,
    method: c.req.method,
    route: route?.path ?? null,
    organization_id: organization_id ?? null,
    key_id: caller?.key_id ?? platform_key?.key_id ?? null,
    status: c.res.status,
    code: error_code ?? null,
    duration_ms: Date.now() - began_at_ms,
  });
});
