import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { rebuildProjection } from "../../../admin/projection";
import { actorOf } from "../../authenticate";
import type { AppEnv } from "../../context";
import { errorResponses } from "../../errors";
import { json } from "../../openapi";
import { unwrap } from "../../refusals";
import { validParam } from "../../validate";
import { about, OF_AN_ORGANIZATION, requireOrganization } from "../context";
import { organizationPath } from "../organizations/schema";
import { projectionBody } from "./present";
import { projectionSchema } from "./schema";

/** The copy of a ledger that lists and sums are read from. */
export const adminProjection = new Hono<AppEnv>()
  .post(
    "/organizations/:organization_id/projection",
    describeRoute({
      ...about("rebuildProjection", "Make the lists of an organization anew from its ledger"),
      description:
        "After the records were put back in time, or changed by hand: rows that are missing are inserted, others that differ are replaced, and the sums of each hour are added up anew. In portions, in the background; calls go on and are listed meanwhile. It may be repeated at any time; while one is under way, another begins nothing.",
      responses: {
        ...errorResponses(...OF_AN_ORGANIZATION),
        202: json(projectionSchema, "It is under way: poll this address."),
      },
    }),
    validParam(organizationPath),
    async (c) => {
      const { organization_id } = c.req.valid("param");
      const organization = await requireOrganization(c, organization_id);
      const status = unwrap(await rebuildProjection(c.env, actorOf(c), organization), organization_id);
      return c.json(projectionBody(status), 202);
    },
  )
  .get(
    "/organizations/:organization_id/projection",
    describeRoute({
      ...about("getProjection", "How the lists of an organization agree with its ledger"),
      description: "The last comparison, which is made nightly, and the last rebuild.",
      responses: {
        ...errorResponses(...OF_AN_ORGANIZATION),
        200: json(projectionSchema, "How they stand."),
      },
    }),
    validParam(organizationPath),
    async (c) => {
      const { organization_id } = c.req.valid("param");
      const { ledger } = await requireOrganization(c, organization_id);
      const status = unwrap(await ledger.ask(async (object) => object.projection()));
      return c.json(projectionBody(status));
    },
  );
