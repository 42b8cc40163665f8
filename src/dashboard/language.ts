import { Hono } from "hono";
import { chooseLanguage, LANGUAGES } from "../access/portal-sessions";
import { actorOf, type PageEnv } from "./context";
import { PageError } from "./page-error";
import { readForm } from "./parts/form";

/** Another language for the rest of the session; back to the page that it was chosen on. */
export const language = new Hono<PageEnv>().post("/language", async (c) => {
  const asked = (await readForm(c)).language;
  const known = LANGUAGES.find((each) => each === asked);
  if (!known) throw new PageError("not_found");
  await chooseLanguage(c.env, actorOf(c), c.var.session, known);
  return c.redirect(pageBefore(c.req.header("Referer"), c.req.url), 303);
});

function pageBefore(referrer: string | undefined, here: string): string {
  if (!referrer || !URL.canParse(referrer)) return "/billing";
  const { origin, pathname, search } = new URL(referrer);
  return origin === new URL(here).origin && pathname.startsWith("/billing") ? pathname + search : "/billing";
}
