import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { createOrganization, patchOrganization } from "../../../admin/organizations";
import { standardVoiceRate } from "../../../pricing/rates";
import { findOrganization, listOrganizations } from "../../../storage/accounts/organizations";
import { openDatabase } from "../../../storage/database";
import { actorOf } from "../../authenticate";
import type { AppEnv } from "../../context";
import { idPlace, pageOf, readCursor } from "../../cursor";
import { ADMIN_ERRORS, BODY_ERRORS, errorResponses } from "../../errors";
import { json } from "../../openapi";
import { unwrap } from "../../refusals";
import { REPEATABLE, REPEATABLE_ERRORS, REPEATABLE_SAID, repeatableRequest } from "../../repeatable";
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
      description: `With its ledger and its first API key, which is in this answer only. ${REPEATABLE_SAID}`,
      parameters: REPEATABLE,
      responses: {
        ...errorResponses(...BODY_ERRORS, "external_id_taken", ...REPEATABLE_ERRORS, ...ADMIN_ERRORS),
        201: json(createdOrganizationSchema, "The organization."),
      },
    }),
    validJson(newOrganization),
    async (c) => {
      const body = c.req.valid("json");
      const asked = {
        company_name: body.company_name,
        email: body.email ?? null,
        language: body.language ?? "en",
        location_hint: body.location_hint ?? null,
        jurisdiction: body.jurisdiction ?? null,
        external_id: body.external_id ?? null,
        request: await repeatableRequest(c, body),
      };
      const { row, api_key } = unwrap(await createOrganization(c.env, actorOf(c), asked));
      return c.json({ ...organizationBody(row), api_key }, 201);
    },
  )
  .get(
    "/organizations",
    describeRoute({
      ...about("listOrganizations", "All organizations, the oldest first"),
      description: "With their profiles. A balance is read from its own ledger: ask for one organization.",
      responses: {
        ...errorResponses("invalid_request", ...ADMIN_ERRORS),
        200: json(organizationPageSchema, "A page of organizations."),
      },
    }),
    validQuery(listQuery),
    async (c) => {
      const { limit, external_id } = c.req.valid("query");
      const after_id = await readCursor(c, idPlace);
      const page_asked = { after_id, external_id, limit: limit + 1 };
      const rows = await listOrganizations(openDatabase(c.env), page_asked);
      const { page, ...rest } = await pageOf(c, rows, limit, ({ id }) => id);
      return c.json({ organizations: page.map(organizationBody), ...rest });
    },
  )
  .get(
    "/organizations/:organization_id",
    describeRoute({
      ...about("getOrganization", "One organization with its balance"),
      description: "Profile, state and balance, all from the ledger itself.",
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
      const [answer, row] = await Promise.all([
        ledger.ask(async (object) => object.account(null, voice)),
        findOrganization(openDatabase(c.env), id),
      ]);
      return c.json(organizationAccountBody(unwrap(answer).account, row?.external_id ?? null));
    },
  )
  .patch(
    "/organizations/:organization_id",
    describeRoute({
      ...about("changeOrganization", "Change an organization's profile or state"),
      description:
        "Suspended and closed organizations may start no calls; their live calls end with their quota.",
      responses: {
        ...errorResponses(...BODY_ERRORS, "external_id_taken", ...OF_AN_ORGANIZATION),
        200: json(organizationSchema, "The organization."),
      },
    }),
    validParam(organizationPath),
    validJson(organizationPatch),
    async (c) => {
      const { organization_id: id } = c.req.valid("param");
      const patch = c.req.valid("json");
      const organization = await requireOrganization(c, id);
      const { row } = unwrap(await patchOrganization(c.env, actorOf(c), organization, patch));
      return c.json(organizationBody(row));
    },
  );
