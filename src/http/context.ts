import type { Context } from "hono";
import type { Bindings, Settings } from "../env";
import type { Caller, RateLimit } from "../ledger/core/account/api-keys";
import type { PlatformKey } from "../organizations/directory";
import type { Accepted } from "../units/refusal";
import { ApiError, type ErrorCode } from "./errors";
import { rememberRejectedKey } from "./middleware/revoked-keys";
import { type RefusalCode, unwrap } from "./refusals";

/** What travels with a request from one middleware to the next. */
export interface Variables {
  request_id: string;
  /** When the request came: what has a deadline counts it from here. */
  arrived_at_ms: number;
  settings: Settings;
  /** Set by `organizationKey`: whose key it is and what its ledger has to check. */
  organization_id: string;
  caller: Caller;
  /** Set by `edgeKey` and `adminKey`. */
  platform_key: PlatformKey;
  /** Whether nobody could tell if that key is in force: then it is let in for calls for help alone. */
  is_unconfirmed?: boolean;
  /** What the ledger said of the key's requests in this minute, for the headers of the answer. */
  rate_limit: RateLimit | null;
  /** Whether the ledger has been asked on behalf of the caller, and so has counted the request. */
  asked: boolean;
  /** Set by `shedLoad`: called when the request has passed it. */
  leaveDoor: () => void;
  /** For the log. */
  error_code: ErrorCode | null;
}

/** What Hono is told of the Worker. */
export interface AppEnv {
  Bindings: Bindings;
  Variables: Variables;
}

/** A request on its way. */
export type AppContext = Context<AppEnv>;

/** What the ledger may say to an organization's own key. */
interface KeyAnswer {
  outcome: string;
  code?: RefusalCode;
  rate_limit?: RateLimit | null;
}

/**
 * The ledger's answer to an organization's own key, with its rate limit noted for the headers.
 * @throws ApiError when the key or the request was refused
 */
export function unwrapAuthenticated<Answer extends KeyAnswer>(
  c: AppContext,
  answer: Answer,
): Accepted<Answer> {
  c.set("asked", true);
  if (answer.rate_limit) c.set("rate_limit", answer.rate_limit);
  // A key of ours for an organization that was never created: its creation was cut off.
  if (answer.code === "no_such_organization") throw new ApiError("unauthorized");
  if (answer.code) rememberRejectedKey(c.var.caller.hash, answer.code);
  return unwrap(answer, c.var.organization_id);
}
