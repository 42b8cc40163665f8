import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import { isAddressAllowed } from "../../runtime/ip-rate-limit";
import type { AppContext, AppEnv } from "../context";
import { ApiError } from "../errors";

/** Middleware that lets nobody on without proof of who asks. */
const proof_middleware = new WeakSet<object>();

/** Says of a middleware that it lets nobody on without a key or a signature, and limits those whom it refuses. */
export function requiresProof<Middleware extends object>(middleware: Middleware): Middleware {
  proof_middleware.add(middleware);
  return middleware;
}

/** Limits by address whoever asks where no proof is asked for, also where there is nothing. */
export const limitAnonymous = createMiddleware<AppEnv>(async (c, next) => {
  if (!matchedRoutes(c).some(({ handler }) => proof_middleware.has(handler))) await limitByAddress(c);
  await next();
});

/**
 * Counts a request of somebody without a good key, by address. Good keys are never counted here: who shares an address with
 * an attacker goes on.
 * @throws ApiError when there were too many
 */
export async function limitByAddress(c: AppContext): Promise<void> {
  if (!(await isAddressAllowed(c.env.KEYLESS, c.req.raw.headers))) throw tooMany();
}

/** For limits that are counted in periods of ten seconds. */
export function tooMany(): ApiError {
  return new ApiError("rate_limit_exceeded", { headers: { "Retry-After": "10" } });
}
