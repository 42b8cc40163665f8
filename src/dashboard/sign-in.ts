import { Hono } from "hono";
import {
  enterPortal,
  isOurSecret,
  LINK_PARAMETER,
  PORTAL_PAGES,
  type PortalPage,
} from "../access/portal-sessions";
import { originOf } from "../organizations/actor";
import { isAddressAllowed, isUnderLimit } from "../runtime/ip-rate-limit";
import type { PageContext, PageEnv } from "./context";
import { pathOf } from "./layout";
import { PageError } from "./page-error";
import { unwrap } from "./refusals";
import { keepSession } from "./session";

/** Uses a link of a portal session and leads to the page that it is for. */
export const enter = new Hono<PageEnv>()
  .get("/enter", (c) => signIn(c, c.req.query(LINK_PARAMETER) ?? ""))
  // As links were made before: some may still be on their way while a new version is deployed.
  .get("/enter/:secret", (c) => signIn(c, c.req.param("secret")));

async function signIn(c: PageContext, secret: string): Promise<Response> {
  // A browser that looks ahead, or a mail program that looks whether there is something, must not use the link up.
  if (c.req.method === "HEAD" || c.req.header("Sec-Purpose")?.includes("prefetch")) return c.body(null, 204);
  if (!(await isOurSecret(c.env, "link", secret))) {
    if (!(await isAddressAllowed(c.env.SIGN_INS, c.req.raw.headers)))
      throw new PageError("too_many_sign_ins");
    throw new PageError("link_unknown");
  }
  // Of one link, not of one address: however many people come from an office, nobody stands in another's way.
  if (!(await isUnderLimit(c.env.SIGN_INS, secret))) throw new PageError("too_many_sign_ins");
  const entered = unwrap(await enterPortal(c.env, originOf(c.req.raw, c.var.request_id), secret));
  keepSession(c, entered.secret, entered.expires_at_ms);
  const page = PORTAL_PAGES.find((name) => name === entered.page) ?? ("overview" satisfies PortalPage);
  return c.redirect(pathOf(page), 303);
}
