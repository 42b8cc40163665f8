import { Hono } from "hono";
import { signOut as endOwnSession } from "../access/portal-sessions";
import { actorOf, type PageEnv } from "./context";
import { PageError } from "./page-error";
import { ErrorPage } from "./pages/error/page";
import { dropSession } from "./session";

/** Ends the session here and now, whoever else has its cookie. */
export const signOut = new Hono<PageEnv>().post("/sign-out", async (c) => {
  const { session } = c.var;
  await endOwnSession(c.env, actorOf(c), session);
  dropSession(c);
  // A page with a link, and not a redirect: forms may lead to our own pages only, and the platform's are not.
  return c.html(<ErrorPage c={c} error={new PageError("left", session)} />);
});
