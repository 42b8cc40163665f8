import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { numbersAfter } from "../../ledger/core/account/own-numbers";
import { ledgerOf, organizationKey } from "../authenticate";
import { type AppEnv, unwrapAuthenticated } from "../context";
import { pageOf, readCursor, timedPlace } from "../cursor";
import { errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { validQuery } from "../validate";
import { ownNumberBody } from "./present";
import { ownNumbersQuery, ownNumbersSchema } from "./schema";

/** An organization's telephone numbers; operators give and take them. */
export const numbers = new Hono<AppEnv>().get(
  "/numbers",
  describeRoute({
    operationId: "listNumbers",
    tags: ["Calls"],
    summary: "The organization's numbers",
    description: "The oldest first. Read from the ledger itself.",
    security: [{ organizationKey: [] }],
    responses: {
      200: json(ownNumbersSchema, "A page of its present numbers."),
      ...errorResponses(...ORGANIZATION_KEY_ERRORS),
    },
  }),
  organizationKey("read"),
  validQuery(ownNumbersQuery),
  async (c) => {
    const { limit } = c.req.valid("query");
    const place = await readCursor(c, timedPlace);
    const asked = { after: place && { since_ms: place[0], e164: place[1] }, limit: limit + 1 };
    const ledger = await ledgerOf(c);
    const answer = unwrapAuthenticated(
      c,
      await ledger.ask(async (object) => object.numbers(c.var.caller, asked)),
    );
    // An object of the release before hands out all of them.
    const rows = numbersAfter(answer.numbers, asked);
    const { page, next_cursor } = await pageOf(c, rows, limit, ({ since_ms, e164 }) => [since_ms, e164]);
    return c.json({ numbers: page.map(ownNumberBody), next_cursor });
  },
);
