import { Hono } from "hono";
import { TooManyReads } from "../calls/usage/list-reads";
import { readSettings } from "../env";
import { LedgerUnavailable } from "../ledger/client";
import { DirectoryUnavailable } from "../organizations/directory";
import { ReadTooLarge } from "../storage/calls/read-bounds";
import { isDatabaseFailure } from "../storage/database";
import { isStripeError } from "../stripe/client";
import { log } from "../units/log";
import { isWellEncoded } from "../units/web-text";
import { WebhooksUnavailable } from "../webhooks/client";
import { account } from "./account/routes";
import { admin } from "./admin/routes";
import { alerts } from "./alerts/routes";
import { apiKeys } from "./api-keys/routes";
import { rateLimitHeaders } from "./authenticate";
import { autoTopUp } from "./auto-top-up/routes";
import { billingPortal } from "./billing-portal/routes";
import { billingProfile } from "./billing-profile/routes";
import { calls } from "./calls/routes";
import type { AppContext, AppEnv } from "./context";
import { edge } from "./edge/routes";
import { ApiError } from "./errors";
import { health } from "./health/routes";
import { invoices } from "./invoices/routes";
import { ledger } from "./ledger/routes";
import { limitAnonymous } from "./middleware/anonymous-limit";
import { canonicalHostOnly } from "./middleware/canonical-host";
import { nameRequests } from "./middleware/request-id";
import { logRequests } from "./middleware/request-log";
import { securityHeaders } from "./middleware/security-headers";
import { numbers } from "./numbers/routes";
import { outbound } from "./outbound/routes";
import { paymentMethodReturn } from "./payment-method/return";
import { paymentMethod } from "./payment-method/routes";
import { portalSessions } from "./portal-sessions/routes";
import { purchaseReturn } from "./purchases/return";
import { purchases } from "./purchases/routes";
import { documentation } from "./reference/routes";
import { stripeWebhook } from "./stripe-webhook/routes";
import { usage } from "./usage/routes";
import { webhooks } from "./webhooks/routes";

/** The whole HTTP interface. */
export const app = new Hono<AppEnv>();

app.use(nameRequests);
app.use(logRequests);
app.use(securityHeaders);
app.use(rateLimitHeaders);
app.use(async (c, next) => {
  c.set("settings", readSettings(c.env));
  await next();
});
app.use(canonicalHostOnly);
app.use(limitAnonymous);
app.use("/api/*", async (c, next) => {
  if (!isWellEncoded(c.req.url))
    throw new ApiError("invalid_request", "The address must be percent-encoded UTF-8.");
  await next();
});

app.route("/", health);
app.route("/api/v1", account);
app.route("/api/v1", usage);
app.route("/api/v1", calls);
app.route("/api/v1", outbound);
app.route("/api/v1", numbers);
app.route("/api/v1", ledger);
app.route("/api/v1", apiKeys);
app.route("/api/v1", billingProfile);
app.route("/api/v1", purchases);
app.route("/api/v1", invoices);
app.route("/api/v1", billingPortal);
app.route("/api/v1", purchaseReturn);
app.route("/api/v1", paymentMethod);
app.route("/api/v1", paymentMethodReturn);
app.route("/api/v1", autoTopUp);
app.route("/api/v1", alerts);
app.route("/api/v1", webhooks);
app.route("/api/v1", portalSessions);
app.route("/api/v1", stripeWebhook);
app.route("/api/v1/edge", edge);
app.route("/api/v1/admin", admin);
app.route("/api", documentation(app));

app.notFound((c) => {
  const allowed = methodsOf(c.req.path);
  if (allowed.length === 0) return answer(c, new ApiError("not_found"));
  const headers = { Allow: allowed.join(", ") };
  return answer(c, new ApiError("method_not_allowed", { headers }));
});

app.onError((error, c) => answer(c, apiErrorOf(error, c.req.method)));

/** The methods that a path takes, none when there is no such path. */
function methodsOf(path: string): string[] {
  return ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((method) =>
    app.router.match(method, path)[0].some(([[, route]]) => route.method === method),
  );
}

function answer(c: AppContext, error: ApiError): Response {
  c.set("error_code", error.code);
  return error.response(c.var.request_id);
}

/** D1 may have made a change whose answer was lost or late. */
const OUTCOME_UNKNOWN =
  "The records cannot be reached at the moment, and it is not known whether this change was made. Look whether it was, or repeat the request with the same Idempotency-Key where the operation takes one.";

/** What went wrong, as it may be told: of a fault of ours only that there was one. */
function apiErrorOf(error: Error, method: string): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof LedgerUnavailable || error instanceof DirectoryUnavailable) {
    log.warn("unavailable", { error });
    return new ApiError("ledger_unavailable");
  }
  if (error instanceof ReadTooLarge) return new ApiError("invalid_request", error.message, error.field);
  if (error instanceof TooManyReads)
    return new ApiError("rate_limit_exceeded", {
      message: "Too many lists are being read at once. Please ask for them one after the other.",
      headers: { "Retry-After": "1" },
    });
  if (isDatabaseFailure(error)) {
    log.warn("records_unavailable", { error });
    return new ApiError("records_unavailable", method === "GET" ? {} : { message: OUTCOME_UNKNOWN });
  }
  if (error instanceof WebhooksUnavailable) {
    log.warn("webhooks_unavailable", { error });
    return new ApiError("webhooks_unavailable");
  }
  if (isStripeError(error)) {
    log.error("payments_unavailable", { error });
    return new ApiError("payments_unavailable");
  }
  log.error("fault", { error });
  return new ApiError("internal");
}
