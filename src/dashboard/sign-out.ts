import { Hono } from "hono";
import { endPortalSession } from "../storage/portal-sessions";
import { openDatabase } from "../storage/database";
import type { PageEnv } from "./context";
import { dropSession } from "./session";

/** Ends the session here and now, whoever else has its cookie. */
export const signOut = new Hono<PageEnv>().post("/sign-out", async (c) => {
  const { id, return_url } = c.var.session;
  await endPortalSession(openDatabase(c.env), id);
  dropSession(c);
  // By a page, not a redirect: forms may lead to our own pages only, and the platform's are not.
  return c.redirect(
    return_url && new URL(return_url).origin === new URL(c.req.url).origin ? return_url : "/billing",
    303,
  );
});
