import { Hono } from "hono";
import { html } from "hono/html";
import { describeRoute } from "hono-openapi";
import { returnFromCardSetup } from "../../purchases/cards/finish-setup";
import { isOurReturn, mayReturn, type Way } from "../../purchases/return-pages";
import type { AppEnv } from "../context";
import { header } from "../document/headers";
import { ApiError, errorResponses } from "../errors";
import { tooMany } from "../middleware/anonymous-limit";
import { unwrap } from "../refusals";
import { validQuery } from "../validate";
import { returnQuery } from "./schema";

const SAVED = ["Thank you", "Your card is saved."] as const;
const NOT_SAVED = ["Not saved", "No card was saved."] as const;

/** Where the page for entering a card leads back to: keeps the card, whether or not a webhook has come. */
export const paymentMethodReturn = new Hono<AppEnv>().get(
  "/payment_method/return",
  describeRoute({
    operationId: "returnFromCardSetup",
    tags: ["Buying credit"],
    summary: "Where the page for entering a card leads back to",
    description:
      "For the customer's browser. Leads on to the `return_url` that was given, with `card=saved` or `card=not_saved`; without one it is a page that says which.",
    security: [],
    responses: {
      200: { description: "Whether it is saved.", content: { "text/html": { schema: { type: "string" } } } },
      303: { description: "To the `return_url`.", headers: { Location: header("Location") } },
      ...errorResponses(
        "invalid_request",
        "not_found",
        "rate_limit_exceeded",
        "payments_unavailable",
        "purchases_unavailable",
        "records_unavailable",
        "ledger_unavailable",
      ),
    },
  }),
  validQuery(returnQuery),
  async (c) => {
    const { organization_id, seal, session_id } = c.req.valid("query");
    const way: Way = `payment_method/${organization_id}`;
    if (!(await isOurReturn(c.env, way, seal))) throw new ApiError("not_found", "There is no such page.");
    if (!(await mayReturn(c.env, way))) throw tooMany();
    if (!c.var.settings.stripe) throw new ApiError("purchases_unavailable");
    if (session_id === undefined) return c.html(page(NOT_SAVED));
    const { setup } = unwrap(await returnFromCardSetup(c.env, session_id));
    if (!setup || setup.organization_id !== organization_id)
      throw new ApiError("not_found", "There is no such page.");
    const is_saved = setup.payment_method_id !== null;
    if (setup.return_url === null) return c.html(page(is_saved ? SAVED : NOT_SAVED));
    const back = new URL(setup.return_url);
    back.searchParams.set("card", is_saved ? "saved" : "not_saved");
    return c.redirect(back.href, 303);
  },
);

function page([title, text]: readonly [string, string]) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
      </head>
      <body>
        <h1>${title}</h1>
        <p>${text}</p>
      </body>
    </html>`;
}
