import { matchedRoutes } from "hono/route";
import type { PlatformKey } from "../../organizations/directory";
import { ADMIN_RIGHTS } from "../../units/api-key-format";
import type { AppContext } from "../context";
import { ApiError } from "../errors";

type Right = (typeof ADMIN_RIGHTS)[number];

const PREFIX = "/api/v1/admin";

/**
 * What an admin key needs for each route that changes something: `money` for what is paid, charged, credited or given back,
 * `all` for who is let in, what belongs to whom and where events go. To read takes `look`. A route that is missing here takes
 * `all`.
 *
 * @internal exported for tests
 */
export const RIGHT_TO_CHANGE: Readonly<Record<string, Right>> = {
  "POST /organizations": "all",
  "PATCH /organizations/:organization_id": "all",
  "POST /organizations/:organization_id/adjustments": "money",
  "POST /organizations/:organization_id/calls/:call_id/release": "money",
  "POST /organizations/:organization_id/epoch": "all",
  "POST /organizations/:organization_id/projection": "all",
  "POST /organizations/:organization_id/purchases/:purchase_id/refunds": "money",
  "POST /organizations/:organization_id/purchases/:purchase_id/resolve": "money",
  "POST /organizations/:organization_id/purchases/:purchase_id/tax_refund": "money",
  "PUT /organizations/:organization_id/rates/:name": "money",
  "PUT /rates/:name": "money",
  "POST /reconciliation": "money",
  "POST /reconciliation/adopt": "money",
  "POST /organizations/:organization_id/api_keys": "all",
  "DELETE /organizations/:organization_id/api_keys/:key_id": "all",
  "POST /organizations/:organization_id/portal_sessions": "all",
  "DELETE /organizations/:organization_id/portal_sessions": "all",
  "DELETE /organizations/:organization_id/portal_sessions/:session_id": "all",
  "POST /keys": "all",
  "DELETE /keys/:key_id": "all",
  "PUT /numbers/:e164": "all",
  "DELETE /numbers/:e164": "all",
  "POST /webhook_endpoints": "all",
  "PATCH /webhook_endpoints/:endpoint_id": "all",
  "DELETE /webhook_endpoints/:endpoint_id": "all",
  "POST /webhook_endpoints/:endpoint_id/rotate_secret": "all",
  "DELETE /webhook_endpoints/:endpoint_id/previous_secret": "all",
  "POST /webhook_endpoints/:endpoint_id/test": "all",
  "POST /webhook_endpoints/:endpoint_id/deliveries/:event_id/resend": "all",
  "POST /webhook_endpoints/:endpoint_id/resend_failed": "all",
};

/**
 * Refuses an operator's key that may not do this. Those from before there were rights may do all.
 * @throws ApiError that names the right
 */
export function requireRight(c: AppContext, { rights }: PlatformKey): void {
  const needed = rightNeeded(c);
  if (ADMIN_RIGHTS.indexOf(rights ?? "all") < ADMIN_RIGHTS.indexOf(needed))
    throw new ApiError("forbidden", `This takes an admin key with the right \`${needed}\`.`);
}

/** A path that is none takes no more than it does to read that. */
function rightNeeded(c: AppContext): Right {
  const { method } = c.req;
  const route = matchedRoutes(c).find((matched) => matched.method === method);
  if (!route || method === "GET") return "look";
  return RIGHT_TO_CHANGE[`${method} ${route.path.slice(PREFIX.length)}`] ?? "all";
}
