import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { ledgerOf, organizationKey } from "../authenticate";
import { type AppEnv, unwrapAuthenticated } from "../context";
import { readCursor } from "../cursor";
import { errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { validQuery } from "../validate";
import { entryPageBody } from "./present";
import { entryPageSchema, entryPlace, ledgerQuery } from "./schema";

/** The organization's entries, straight from its ledger. */
export const ledger = new Hono<AppEnv>().get(
  "/ledger",
  describeRoute({
    operationId: "listEntries",
    tags: ["Account"],
    summary: "Every change of the balance, the newest first",
    description:
      "Each entry's `balance_after_micros` is the one before it plus its `amount_micros`. Follow `next_cursor` to the end. The oldest may be a `checkpoint`: the sum of entries that are no longer kept.",
    security: [{ organizationKey: [] }],
    responses: {
      200: json(entryPageSchema, "A page of entries."),
      ...errorResponses(...ORGANIZATION_KEY_ERRORS),
    },
  }),
  organizationKey("read"),
  validQuery(ledgerQuery),
  async (c) => {
    const { limit } = c.req.valid("query");
    const page = { before_seq: await readCursor(c, entryPlace), limit };
    const object = await ledgerOf(c);
    const answer = unwrapAuthenticated(c, await object.ask(async (stub) => stub.entries(c.var.caller, page)));
    return c.json(await entryPageBody(c, answer));
  },
);
