import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { createOrganization, patchOrganization } from "../../../admin/organizations";
import { standardVoiceRate } from "../../../pricing/rates";
import { listOrganizations } from "../../../storage/accounts/organizations";
import { openDatabase } from "../../../storage/database";
import { actorOf } from "../../authenticate";
import type { AppEnv } from "../../context";
import { ADMIN_ERRORS, BODY_ERRORS, errorResponses } from "../../errors";
import { json } from "../../openapi";
import { pageOf } from "../../page";
import { unwrap } from "../../refusals";
import { validJson, validParam, validQuery } from "../../validate";
import { about, OF_AN_ORGANIZATION, requireOrganization } from "../context";
import { organizationAccountBody, organizationBody } from "./present";
import {
  createdOrganizationSchema,
  listQuery,
  newOrganization,
  organizationAccountSchema,
  organizationPageSchema,
  organizationPatch,
  organizationPath,
  organizationSchema,
} from "./schema";

/** The platform's customers. */
export const adminOrganizations = new Hono<AppEnv>()
  .post(
    "/organizations",
    describeRoute({
      ...about("createOrganization", "Create an organization"),
      description: "With its ledger and its first API key, which is in this answer only.",
      responses: {
        ...errorResponses(...BODY_ERRORS, ...ADMIN_ERRORS),
        201: json(createdOrganizationSchema, "The organization."),
      },
    }),
    validJson(newOrganization),
    async (c) => {
      const { company_name, email, language, location_hint, jurisdiction } = c.req.valid("json");
      const stated = {
        company_name,
        email: email ?? null,
        language: language ?? "en",
        location_hint: location_hint ?? null,
        jurisdiction: jurisdiction ?? null,
      };
      const { profile, api_key } = await createOrganization(c.env, actorOf(c), stated);
      return c.json({ ...organizationBody({ ...profile, id: profile.organization_id }), api_key }, 201);
    },
  )
  .get(
    "/organizations",
    describeRoute({
      ...about("listOrganizations", "All organizations, the oldest first"),
      responses: {
        ...errorResponses("invalid_request", ...ADMIN_ERRORS),
        200: json(organizationPageSchema, "A page of organizations."),
      },
    }),
    validQuery(listQuery),
    async (c) => {
      const { limit = 100, cursor = null } = c.req.valid("query");
      const rows = await listOrganizations(openDatabase(c.env), { after_id: cursor, limit: limit + 1 });
      const { page, ...rest } = pageOf(rows, limit);
      return c.json({ organizations: page.map(organizationBody), ...rest });
    },
  )
  .get(
    "/organizations/:organization_id",
    describeRoute({
      ...about("getOrganization", "One organization with its balance"),
      responses: {
        ...errorResponses(...OF_AN_ORGANIZATION),
        200: json(organizationAccountSchema, "The organization, as its ledger knows it."),
      },
    }),
    validParam(organizationPath),
    async (c) => {
      const { organization_id: id } = c.req.valid("param");
      const { ledger } = await requireOrganization(c, id);
      const voice = await standardVoiceRate(c.env);
      const answer = unwrap(await ledger.ask(async (object) => object.account(null, voice)));
      return c.json(organizationAccountBody(answer.account));
    },
  )
  .patch(
    "/organizations/:organization_id",
    describeRoute({
      ...about("changeOrganization", "Change an organization's profile or state"),
      description:
        "Suspended and closed organizations may start no calls; their live calls end with their quota.",
      responses: {
        ...errorResponses(...BODY_ERRORS, ...OF_AN_ORGANIZATION),
        200: json(organizationSchema, "The organization."),
      },
    }),
    validParam(organizationPath),
    validJson(organizationPatch),
    async (c) => {
      const { organization_id: id } = c.req.valid("param");
      const patch = c.req.valid("json");
      const organization = await requireOrganization(c, id);
      const { profile } = unwrap(await patchOrganization(c.env, actorOf(c), organization, patch));
      return c.json(organizationBody({ ...profile, id }));
    },
  );
