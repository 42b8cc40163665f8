import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import type { Settings } from "../env";
import { log } from "../units/log";
import type { PageEnv } from "./context";

/** What every page says to a browser, and a line for the log: the route's pattern, because paths hold secrets and ids. */
export const pageHeaders = createMiddleware<PageEnv>(async (c, next) => {
  const began_at_ms = Date.now();
  await next();
  const { request_id, session } = c.var;
  // A page of errors may come without.
  const settings: Settings | undefined = c.var.settings;
  // Browsers hold the redirect that follows a form to this, too: to Stripe's pages and back to the platform.
  const leads_to = ["'self'", ...(settings?.checkout_origins ?? [])].join(" ");
  const { headers } = c.res;
  headers.set(
    "Content-Security-Policy",
    `default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action ${leads_to}; base-uri 'none'; frame-ancestors 'none'`,
  );
  headers.set("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Referrer-Policy", "same-origin");
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  headers.set("X-Request-Id", request_id);
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "private, no-store");
  log.info("request", {
    request_id,
    method: c.req.method,
    route: matchedRoutes(c).findLast(({ method }) => method !== "ALL")?.path ?? null,
    organization_id: session?.organization_id ?? null,
    session_id: session?.id ?? null,
    status: c.res.status,
    duration_ms: Date.now() - began_at_ms,
  });
});
