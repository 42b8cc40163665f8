import { createMiddleware } from "hono/factory";
import type { PageEnv } from "./context";
import { PageError } from "./page-error";

const FORM = /^application\/x-www-form-urlencoded\b/i;

/** Takes forms and nothing else: of other bodies `csrf` does not ask where they come from. */
export const formsOnly = createMiddleware<PageEnv>(async (c, next) => {
  if (c.req.method === "POST" && !FORM.test(c.req.header("Content-Type") ?? ""))
    throw new PageError("cross_site");
  await next();
});
