import type { Context } from "hono";
import type { Bindings, Settings } from "../env";
import type { Caller, RateLimit } from "../ledger/core/account/api-keys";
import type { PlatformKey } from "../organizations/directory";
import { ApiError, type ErrorCode, type Refusal, refusalError } from "./errors";
import { rememberRejectedKey } from "./middleware/revoked-keys";

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
  /** What the ledger said of the key's requests in this minute, for the headers of the answer. */
  rate_limit: RateLimit | null;
  /** Whether the ledger has been asked on behalf of the caller, and so has counted the request. */
  asked: boolean;
  /** Set by `shedLoad`: called when the request has passed it. */
  leaveDoor: () => void;
  /** For the log. */
  error_code: ErrorCode | null;
}

export interface AppEnv {
  Bindings: Bindings;
  Variables: Variables;
}

export type AppContext = Context<AppEnv>;

type Refused = { outcome: "refused" };

/**
 * The ledger's answer to an organization's own key, with its rate limit noted for the headers.
 * @throws ApiError when the key or the request was refused
 */
export function unwrapAuthenticated<Answer extends { outcome: string; rate_limit?: RateLimit | null }>(
  c: AppContext,
  answer: Answer | Refusal,
): Exclude<Answer, Refused> {
  c.set("asked", true);
  if ("rate_limit" in answer && answer.rate_limit) c.set("rate_limit", answer.rate_limit);
  // A key of ours for an organization that was never created: its creation was cut off.
  if ("code" in answer && answer.code === "no_such_organization") throw new ApiError("unauthorized");
  if ("code" in answer) rememberRejectedKey(c.var.caller.hash, answer.code);
  return unwrap(answer, c.var.organization_id) as Exclude<Answer, Refused>;
}

/**
 * The ledger's answer when it is not a refusal.
 * @throws ApiError when it is one
 */
export function unwrap<Answer extends { outcome: string }>(
  answer: Answer | Refusal,
  organization_id: string,
): Exclude<Answer, Refused> {
  if (answer.outcome === "refused") throw refusalError(answer as Refusal, organization_id);
  return answer as Exclude<Answer, Refused>;
}
