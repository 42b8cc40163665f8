import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import type { Account } from "../../ledger/core/account/account";
import { standardVoiceRate } from "../../pricing/rates";
import { ledgerOf, organizationKey } from "../authenticate";
import { type AppContext, type AppEnv, unwrapAuthenticated } from "../context";
import { errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { accountBody } from "./present";
import { accountSchema } from "./schema";

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
  return c.json(accountBody(await ownAccount(c)));
}

/**
 * The account of the organization whose key was let in, read from its ledger.
 * @throws ApiError when the ledger refuses the key
 */
export async function ownAccount(c: AppContext): Promise<Account> {
  const voice = await standardVoiceRate(c.env);
  const ledger = await ledgerOf(c);
  return unwrapAuthenticated(c, await ledger.ask(async (object) => object.account(c.var.caller, voice)))
    .account;
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
    described("getOwnOrganization", "The organization and its balance (the same as /account)"),
    organizationKey("read"),
    answerAccount,
  );
