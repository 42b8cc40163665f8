import { routePath } from "hono/route";
import { type Repeatable, repeatable } from "../units/repeatable";
import { actorOf } from "./authenticate";
import type { AppContext } from "./context";
import type { ErrorCode } from "./errors";
import { idempotencyHeader } from "./purchases/schema";
import { idempotencyKey } from "./validate";

/** How the description of a route says that `repeatableRequest` is asked of it. */
export const REPEATABLE = [{ ...idempotencyHeader("a new one for each request"), required: false }];

/** What such a route may answer besides. */
export const REPEATABLE_ERRORS = ["idempotency_conflict"] as const satisfies readonly ErrorCode[];

/** What is said of it to people. */
export const REPEATABLE_SAID =
  "A repeat with the same Idempotency-Key within 24 hours does nothing more and answers the same.";

/**
 * What a repeat of this request is known by: whose key asks, for what, and the Idempotency-Key. Null without one: then nothing
 * knows a repeat. `content` is all that is asked for besides the path.
 */
export async function repeatableRequest(c: AppContext, content: unknown = null): Promise<Repeatable | null> {
  const key = idempotencyKey(c);
  if (key === null) return null;
  return repeatable(actorOf(c).id, [c.req.method, routePath(c), c.req.param()], key, content);
}
