import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import { lifeOfKey } from "../access/api-keys";
import { isOurSecret, noteUse, portalSession } from "../access/portal-sessions";
import { standingOf } from "../access/session-standing";
import type { KeyLife } from "../ledger/core/account/api-keys";
import { openOrganization } from "../organizations/open-organization";
import { standardVoiceRate } from "../pricing/rates";
import { isAddressAllowed, isUnderLimit } from "../runtime/ip-rate-limit";
import type { PortalSessionRow } from "../storage/accounts/portal-sessions";
import { isReachedSecurely } from "../units/public-url";
import { may, type PageContext, type PageEnv, type Permission } from "./context";
import { Format } from "./format/format";
import { PageError } from "./page-error";

/** With the prefix browsers take it over https only, from this host only, for all of it (RFC 6265bis, 4.1.3). */
const SECURE_NAME = "__Host-ringfence";
/** For running on one's own machine, over http. */
const PLAIN_NAME = "ringfence";

/**
 * Tells cookies of ours from all others and limits visitors, before anything is looked up for them: each session by itself and
 * all of an address together; whoever has no session of ours by address alone, counted apart, so that no stranger stops a session.
 */
export const limited = createMiddleware<PageEnv>(async (c, next) => {
  const secret = getCookie(c, cookieName(c)) ?? "";
  const is_ours = await isOurSecret(c.env, "session", secret);
  c.set("session_secret", is_ours ? secret : null);
  const { headers } = c.req.raw;
  const is_allowed = is_ours
    ? (await isUnderLimit(c.env.KEYLESS, secret)) && (await isAddressAllowed(c.env.VISITORS, headers))
    : await isAddressAllowed(c.env.KEYLESS, headers);
  if (!is_allowed) throw new PageError("too_many_requests");
  await next();
});

/**
 * Lets in whoever holds the cookie of a session, and reads the organization's account, which every page shows a part of.
 * @throws PageError when there is no session, or it has ended, such as with the key that let them in
 */
export const signedIn = createMiddleware<PageEnv>(async (c, next) => {
  const secret = c.var.session_secret;
  const session = secret === null ? undefined : await portalSession(c.env, secret);
  if (!session) throw new PageError("signed_out");
  refuseEnded(session);
  c.set("session", session);
  if (session.language) c.set("format", Format.of(session.language, c.var.settings.time_zone));
  const [organization, voice] = await Promise.all([
    openOrganization(c.env, session.organization_id),
    standardVoiceRate(c.env),
  ]);
  if (!organization) throw new PageError("signed_out");
  const [answer, key] = await Promise.all([
    organization.ledger.ask(async (ledger) => ledger.account(null, voice)),
    lifeOfKey(c.env, organization, session.key_id),
  ]);
  // Whoever got in by a key that was stolen must not stay.
  refuseEnded(session, key);
  if (answer.outcome !== "account") throw new PageError("signed_out");
  // A page that keeps itself fresh is left open, not used.
  if (c.req.header("Sec-Fetch-Dest") !== "empty") await noteUse(c.env, session);
  c.set("ledger", organization.ledger);
  c.set("account", answer.account);
  await next();
});

/** @throws PageError when a session has ended */
function refuseEnded(session: PortalSessionRow, key?: KeyLife | null): void {
  const { status, end_reason } = standingOf(session, key, Date.now());
  if (status !== "ended") return;
  const { return_url } = session;
  throw end_reason === "key_revoked"
    ? new PageError("signed_out")
    : new PageError("session_ended", { return_url });
}

/** Refuses people whose role does not allow it. */
export function allowed(permission: Permission) {
  return createMiddleware<PageEnv>(async (c, next) => {
    if (!may(c.var.session.role, permission)) throw new PageError("not_allowed");
    await next();
  });
}

/** Puts the session's secret into the browser's cookie until it expires, in Unix milliseconds. */
export function keepSession(c: PageContext, secret: string, expires_at_ms: number): void {
  setCookie(c, cookieName(c), secret, {
    path: "/",
    httpOnly: true,
    // Lax, because people come from the platform's own pages.
    sameSite: "Lax",
    secure: isSecure(c),
    expires: new Date(expires_at_ms),
  });
}

/** Takes the cookie away again. */
export function dropSession(c: PageContext): void {
  deleteCookie(c, cookieName(c), { path: "/", secure: isSecure(c) });
}

function cookieName(c: PageContext): string {
  return isSecure(c) ? SECURE_NAME : PLAIN_NAME;
}

function isSecure(c: PageContext): boolean {
  return isReachedSecurely(new URL(c.req.url), c.var.settings.public_url);
}
