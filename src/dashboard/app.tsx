import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { csrf } from "hono/csrf";
import { trimTrailingSlash } from "hono/trailing-slash";
import { TooManyReads } from "../calls/usage/list-reads";
import { readSettings } from "../env";
import { LedgerUnavailable } from "../ledger/client";
import { DirectoryUnavailable } from "../organizations/directory";
import { ReadTooLarge } from "../storage/calls/read-bounds";
import { isDatabaseFailure } from "../storage/database";
import { isStripeError } from "../stripe/client";
import { newId } from "../units/id";
import { log } from "../units/log";
import { canonicalUrl, classifyOrigin } from "../units/public-url";
import { isWellEncoded } from "../units/web-text";
import { WebhooksUnavailable } from "../webhooks/client";
import type { PageContext, PageEnv } from "./context";
import { Format, preferredLanguage } from "./format/format";
import { formsOnly } from "./forms-only";
import { language } from "./language";
import { PageError } from "./page-error";
import { pageHeaders } from "./page-headers";
import { alerts } from "./pages/alerts/page";
import { audit } from "./pages/audit/page";
import { autoTopUp } from "./pages/auto-top-up/page";
import { credits } from "./pages/credits/page";
import { ErrorPage } from "./pages/error/page";
import { information } from "./pages/information/page";
import { invoices } from "./pages/invoices/page";
import { keys } from "./pages/keys/page";
import { ledger } from "./pages/ledger/page";
import { overview } from "./pages/overview/page";
import { sessions } from "./pages/sessions/page";
import { usage } from "./pages/usage/page";
import { webhooks } from "./pages/webhooks/page";
import { limited, signedIn } from "./session";
import { enter } from "./sign-in";
import { signOut } from "./sign-out";

/** Larger than any form of ours. */
const MAX_FORM_BYTES = 32 * 1_024;

/** The dashboard: Settings > Billing of an organization's own people. */
export const dashboard = new Hono<PageEnv>().basePath("/billing");

dashboard.use(pageHeaders);
dashboard.use(async (c, next) => {
  c.set("request_id", newId("req"));
  const language = preferredLanguage(c.req.header("Accept-Language"));
  // So that there is a page of errors whatever the settings are.
  c.set("format", Format.of(language, "UTC"));
  c.set("settings", readSettings(c.env));
  c.set("format", Format.of(language, c.var.settings.time_zone));
  await next();
});
dashboard.use(async (c, next) => {
  const [url, { public_url }] = [new URL(c.req.url), c.var.settings];
  if (classifyOrigin(url, public_url) !== "right") return c.redirect(canonicalUrl(url, public_url), 308);
  await next();
});
dashboard.route("/", enter);

dashboard.use(limited);
dashboard.use(async (c, next) => {
  if (!isWellEncoded(c.req.url)) throw new PageError("not_found");
  await next();
});
dashboard.use(trimTrailingSlash());
dashboard.use(csrf());
dashboard.use(formsOnly);
dashboard.use(signedIn);
dashboard.use(bodyLimit({ maxSize: MAX_FORM_BYTES, onError: tooLarge }));
dashboard.route("/", signOut);
dashboard.route("/", language);
dashboard.route("/", overview);
dashboard.route("/alerts", alerts);
dashboard.route("/audit", audit);
dashboard.route("/auto-top-up", autoTopUp);
dashboard.route("/credits", credits);
dashboard.route("/information", information);
dashboard.route("/invoices", invoices);
dashboard.route("/keys", keys);
dashboard.route("/ledger", ledger);
dashboard.route("/sessions", sessions);
dashboard.route("/usage", usage);
dashboard.route("/webhooks", webhooks);

dashboard.notFound((c) => {
  const page = pageOfForm(c.req.method, c.req.path);
  return page === null ? answerError(c, new PageError("not_found")) : c.redirect(page, 303);
});
dashboard.onError((error, c) => answerError(c, pageErrorOf(error)));

/**
 * The page of a form, of the address that the form is sent to: people get there who choose a language on its answer, or
 * ask for the address again. Null for all other addresses.
 */
function pageOfForm(method: string, path: string): string | null {
  if (method !== "GET" || !hasRoute("POST", path)) return null;
  let page = path;
  while (!hasRoute("GET", page)) page = page.slice(0, page.lastIndexOf("/"));
  return page;
}

function hasRoute(method: string, path: string): boolean {
  return dashboard.router.match(method, path)[0].some(([[, route]]) => route.method === method);
}

function tooLarge(): never {
  throw new PageError("too_large");
}

function answerError(c: PageContext, error: PageError): Response | Promise<Response> {
  const { retry_after_seconds } = error;
  if (retry_after_seconds !== undefined) c.header("Retry-After", String(retry_after_seconds));
  return c.html(<ErrorPage c={c} error={error} />, error.status);
}

/** What went wrong, as it may be told: of a fault of ours only that there was one. */
function pageErrorOf(error: Error): PageError {
  if (error instanceof PageError) return error;
  // What `csrf` throws.
  if ("status" in error && error.status === 403) return new PageError("cross_site");
  const away =
    error instanceof LedgerUnavailable ||
    error instanceof DirectoryUnavailable ||
    error instanceof WebhooksUnavailable ||
    error instanceof ReadTooLarge ||
    error instanceof TooManyReads ||
    isDatabaseFailure(error) ||
    isStripeError(error);
  log.error(away ? "page_unavailable" : "page_fault", { error });
  return new PageError(away ? "unavailable" : "fault");
}
