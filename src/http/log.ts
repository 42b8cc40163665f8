import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import type { AppEnv } from "./context";

/** One line a request. The route's pattern instead of its path: paths and queries hold numbers and ids of callers. */
export const logRequests = createMiddleware<AppEnv>(async (c, next) => {
  const began_at_ms = Date.now();
  await next();
  const route = matchedRoutes(c).findLast(({ method }) => method !== "ALL");
  console.log(
    JSON.stringify({
      event: "request",
      request_id: c.var.request_id,
      method: c.req.method,
      route: route?.path ?? null,
      organization_id: c.var.organization_id ?? null,
      key_id: c.var.caller?.key_id ?? c.var.platform_key?.key_id ?? null,
      status: c.res.status,
      code: c.var.error_code ?? null,
      duration_ms: Date.now() - began_at_ms,
    }),
  );
});
