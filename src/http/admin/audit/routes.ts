import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { type AuditPage, listAudit } from "../../../storage/accounts/audit";
import { openDatabase } from "../../../storage/database";
import type { AppContext, AppEnv } from "../../context";
import { ADMIN_ERRORS, ApiError, errorResponses } from "../../errors";
import { json } from "../../openapi";
import { pageOf } from "../../page";
import { validParam, validQuery } from "../../validate";
import { about, OF_AN_ORGANIZATION, requireOrganization } from "../context";
import { organizationPath } from "../organizations/schema";
import { auditBody } from "./present";
import { auditPageSchema, auditQuery, wholeAuditQuery } from "./schema";

/** Who asked for what. */
export const adminAudit = new Hono<AppEnv>()
  .get(
    "/audit",
    describeRoute({
      ...about("listAudit", "What was asked for of all organizations and of none, the newest first"),
      responses: {
        ...errorResponses("invalid_request", ...ADMIN_ERRORS),
        200: json(auditPageSchema, "A page of the audit."),
      },
    }),
    validQuery(wholeAuditQuery),
    async (c) => {
      const { organization_id, actor_id, ...page } = c.req.valid("query");
      if (organization_id !== undefined && actor_id !== undefined)
        throw new ApiError("invalid_request", "Give organization_id or actor_id, not both.", "actor_id");
      const actor = actor_id === undefined ? null : { actor_id };
      return answerPage(c, organization_id === undefined ? actor : { organization_id }, page);
    },
  )
  .get(
    "/organizations/:organization_id/audit",
    describeRoute({
      ...about("listOrganizationAudit", "What operators and its own people asked for, the newest first"),
      responses: {
        ...errorResponses(...OF_AN_ORGANIZATION),
        200: json(auditPageSchema, "A page of the audit."),
      },
    }),
    validParam(organizationPath),
    validQuery(auditQuery),
    async (c) => {
      const { organization_id } = c.req.valid("param");
      await requireOrganization(c, organization_id);
      return answerPage(c, { organization_id }, c.req.valid("query"));
    },
  );

async function answerPage(
  c: AppContext,
  of: AuditPage["of"],
  { limit = 100, cursor: before_id = null }: { limit?: number; cursor?: string | null | undefined },
) {
  const rows = await listAudit(openDatabase(c.env), { of, before_id, limit: limit + 1 });
  const { page, ...rest } = pageOf(rows, limit);
  return c.json({ changes: page.map(auditBody), ...rest });
}
