import { Hono } from "hono";
import { LANGUAGES } from "../access/portal-sessions";
import { setPortalLanguage } from "../storage/accounts/portal-sessions";
import { openDatabase } from "../storage/database";
import type { PageEnv } from "./context";
import { PageError } from "./page-error";
import { readForm } from "./parts/form";

/** Another language for the rest of the session; back to the page that it was chosen on. */
export const language = new Hono<PageEnv>().post("/language", async (c) => {
  const asked = (await readForm(c)).language;
  const known = LANGUAGES.find((each) => each === asked);
  if (!known) throw new PageError("not_found");
  await setPortalLanguage(openDatabase(c.env), c.var.session.id, known);
  return c.redirect(pageBefore(c.req.header("Referer"), c.req.url), 303);
});

function pageBefore(referrer: string | undefined, here: string): string {
  if (!referrer || !URL.canParse(referrer)) return "/billing";
  const { origin, pathname, search } = new URL(referrer);
  return origin === new URL(here).origin && pathname.startsWith("/billing") ? pathname + search : "/billing";
}
