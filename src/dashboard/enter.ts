import { Hono } from "hono";
import { enterPortal, PORTAL_PAGES, type PortalPage } from "../billing/portal-sessions";
import type { PageEnv } from "./context";
import { pathOf } from "./layout";
import { PageError } from "./page-error";
import { keepSession } from "./session";

/** Uses a link of a portal session and leads to the page that it is for. */
export const enter = new Hono<PageEnv>().get("/enter/:secret", async (c) => {
  // A browser that looks ahead, or a mail program that looks whether there is something, must not use the link up.
  if (c.req.method === "HEAD" || c.req.header("Sec-Purpose")?.includes("prefetch")) return c.body(null, 204);
  const { success } = await c.env.SIGN_INS.limit({ key: c.req.header("CF-Connecting-IP") ?? "local" });
  if (!success) throw new PageError("too_many_sign_ins");
  const entered = await enterPortal(c.env, c.req.param("secret"));
  if (entered.outcome === "refused") throw new PageError(entered.code, { return_url: entered.return_url });
  keepSession(c, entered.secret, entered.expires_at_ms);
  const page = PORTAL_PAGES.find((name) => name === entered.page) ?? ("overview" satisfies PortalPage);
  return c.redirect(pathOf(page), 303);
});
