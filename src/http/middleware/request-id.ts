import { createMiddleware } from "hono/factory";
import { newId } from "../../units/id";
import type { AppEnv } from "../context";

const HEADER = "X-Request-Id";
const SAFE = /^[\w.:=+/-]{1,128}$/;

/** Gives each request an id, its sender's own when that is fit for logs and headers, and answers it. */
export const nameRequests = createMiddleware<AppEnv>(async (c, next) => {
  const given = c.req.header(HEADER);
  const request_id = given !== undefined && SAFE.test(given) ? given : newId("req");
  c.set("arrived_at_ms", Date.now());
  c.set("request_id", request_id);
  await next();
  // On the answer itself: once there is one, `c.header` makes a new one of it.
  c.res.headers.set(HEADER, request_id);
});
