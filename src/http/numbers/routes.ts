import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { ledgerOf, organizationKey } from "../authenticate";
import { type AppEnv, unwrapAuthenticated } from "../context";
import { errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { ownNumberBody } from "./present";
import { ownNumbersSchema } from "./schema";

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
      200: json(ownNumbersSchema, "Its present numbers."),
      ...errorResponses(...ORGANIZATION_KEY_ERRORS),
    },
  }),
  organizationKey("read"),
  async (c) => {
    const ledger = await ledgerOf(c);
    const answer = unwrapAuthenticated(c, await ledger.ask(async (object) => object.numbers(c.var.caller)));
    return c.json({ numbers: answer.numbers.map(ownNumberBody) });
  },
);
