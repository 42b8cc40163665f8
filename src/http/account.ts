import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { standardVoiceRate } from "../billing/rates";
import { ledgerOf, organizationKey } from "./authenticate";
import { type AppContext, type AppEnv, admitted } from "./context";
import { errorResponses, ORGANIZATION_KEY_ERRORS } from "./errors";
import { json } from "./openapi";
import { accountBody } from "./present";
import { accountSchema } from "./schemas";

const described = (operationId: string, summary: string) =>
  describeRoute({
    operationId,
    tags: ["Account"],
    summary,
    description: "Read from the ledger itself, so that it is exact at this moment.",
    security: [{ organizationKey: [] }],
    responses: {
      200: json(accountSchema, "The account."),
      ...errorResponses(...ORGANIZATION_KEY_ERRORS),
    },
  });

async function answerAccount(c: AppContext) {
  const voice = await standardVoiceRate(c.env);
  const ledger = await ledgerOf(c);
  const answer = admitted(c, await ledger.ask(async (object) => object.account(c.var.caller, voice)));
  return c.json(accountBody(answer.account));
}

/** What an organization may know of itself. */
export const account = new Hono<AppEnv>()
  .get(
    "/account",
    described("getAccount", "The organization and its balance"),
    organizationKey("read"),
    answerAccount,
  )
  .get(
    "/organizations",
    described("getOrganizations", "The organization and its balance (the same as /account)"),
    organizationKey("read"),
    answerAccount,
  );
