import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import type { z } from "zod";
import { pushRateCard } from "../../../admin/watchdog";
import { extrasOf } from "../../../ledger/core/credit/rating";
import { putOwnRate, putStandardRateVersion, type StatedRate } from "../../../pricing/rates";
import { listStandardRates } from "../../../storage/accounts/standard-rates";
import { openDatabase } from "../../../storage/database";
import { actorOf } from "../../authenticate";
import type { AppEnv } from "../../context";
import { ADMIN_ERRORS, BODY_ERRORS, errorResponses } from "../../errors";
import { json } from "../../openapi";
import { unwrap } from "../../refusals";
import { validJson, validParam, validQuery } from "../../validate";
import { about, OF_AN_ORGANIZATION, requireOrganization } from "../context";
import { organizationPath } from "../organizations/schema";
import { datedRateBody, ratePageBody } from "./present";
import { datedRateSchema, listQuery, newRate, ownRatePath, ratePath, ratesSchema } from "./schema";

const versions =
  "Versions stay: calls keep the rate that they were authorized with, and reports of past calls find theirs.";

/** The rate card, and organizations' own rates that go before it. */
export const adminRates = new Hono<AppEnv>()
  .get(
    "/rates",
    describeRoute({
      ...about("listRates", "The rate card"),
      description: `All versions, in the order in which they come into force. \`voice\` and \`byok\` cost EUR 0.07 a minute by the second where the card has none.`,
      responses: { ...errorResponses(...ADMIN_ERRORS), 200: json(ratesSchema, "A page of them.") },
    }),
    validQuery(listQuery),
    async (c) => {
      const rates = await listStandardRates(openDatabase(c.env));
      return c.json(await ratePageBody(c, rates, c.req.valid("query").limit));
    },
  )
  .put(
    "/rates/:name",
    describeRoute({
      ...about("putRate", "Set a rate for all"),
      description: versions,
      responses: {
        ...errorResponses(...BODY_ERRORS, "unprocessable", ...ADMIN_ERRORS),
        200: json(datedRateSchema, "The version as it stands on the card."),
      },
    }),
    validParam(ratePath),
    validJson(newRate),
    async (c) => {
      const { name } = c.req.valid("param");
      const stated = toStatedRate(name, c.req.valid("json"));
      const { rate } = unwrap(await putStandardRateVersion(c.env, actorOf(c), stated));
      if (name === "voice") c.executionCtx.waitUntil(pushRateCard(c.env));
      return c.json(datedRateBody(rate));
    },
  )
  .get(
    "/organizations/:organization_id/rates",
    describeRoute({
      ...about("listOrganizationRates", "An organization's own rates"),
      description: "All versions, in the order in which they come into force. They go before the rate card.",
      responses: { ...errorResponses(...OF_AN_ORGANIZATION), 200: json(ratesSchema, "A page of them.") },
    }),
    validParam(organizationPath),
    validQuery(listQuery),
    async (c) => {
      const { organization_id: id } = c.req.valid("param");
      const { ledger } = await requireOrganization(c, id);
      const { rates } = unwrap(await ledger.ask(async (object) => object.rates()));
      return c.json(await ratePageBody(c, rates, c.req.valid("query").limit));
    },
  )
  .put(
    "/organizations/:organization_id/rates/:name",
    describeRoute({
      ...about("putOrganizationRate", "Set a rate for one organization"),
      description: versions,
      responses: {
        ...errorResponses(...BODY_ERRORS, "unprocessable", ...OF_AN_ORGANIZATION),
        200: json(datedRateSchema, "The version as the organization has it."),
      },
    }),
    validParam(ownRatePath),
    validJson(newRate),
    async (c) => {
      const { organization_id: id, name } = c.req.valid("param");
      const stated = toStatedRate(name, c.req.valid("json"));
      const organization = await requireOrganization(c, id);
      const { rate } = unwrap(await putOwnRate(c.env, actorOf(c), organization, stated));
      return c.json(datedRateBody(rate));
    },
  );

function toStatedRate(name: string, body: z.output<typeof newRate>): StatedRate {
  return {
    name,
    price_micros_per_minute: body.price_micros_per_minute,
    ...body.increments,
    minimum_seconds: body.minimum_seconds ?? 0,
    ...extrasOf(body),
    effective_from_ms: body.effective_from ?? null,
  };
}
