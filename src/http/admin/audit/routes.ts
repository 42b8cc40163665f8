import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { verifyAudit } from "../../../admin/verify-audit";
import { recordLook } from "../../../organizations/looks";
import { type AuditPage, listAudit } from "../../../storage/accounts/audit";
import { findOrganization } from "../../../storage/accounts/organizations";
import { openDatabase } from "../../../storage/database";
import { actorOf } from "../../authenticate";
import type { AppContext, AppEnv } from "../../context";
import { idPlace, pageOf, readCursor, writeCursor } from "../../cursor";
import { ADMIN_ERRORS, ApiError, errorResponses } from "../../errors";
import { json } from "../../openapi";
import { validParam, validQuery } from "../../validate";
import { about, OF_AN_ORGANIZATION, requireOrganization } from "../context";
import { organizationPath } from "../organizations/schema";
import { auditBody, auditFindingBody } from "./present";
import {
  auditPageSchema,
  auditPlace,
  auditQuery,
  auditVerificationSchema,
  auditVerifyQuery,
  wholeAuditQuery,
} from "./schema";

/** Who asked for what. */
export const adminAudit = new Hono<AppEnv>()
  .get(
    "/audit",
    describeRoute({
      ...about("listAudit", "What was asked for of all organizations and of none, the newest first"),
      description:
        "With `organization_id` what was asked for of one organization, with `actor_id` what one key or person asked for: one of the two.",
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
      if (organization_id === undefined)
        return answerPage(c, actor_id === undefined ? null : { actor_id }, page);
      const answer = await answerPage(c, { organization_id }, page);
      if (await findOrganization(openDatabase(c.env), organization_id))
        await recordLook(c.env, actorOf(c), organization_id, "audit");
      return answer;
    },
  )
  .get(
    "/audit/verify",
    describeRoute({
      ...about("verifyAudit", "Whether the audit is as it was sealed, a part in each request"),
      description:
        "Rows are sealed every five minutes: the digest of each, over the seal before. Names the first row that was changed, taken out or put in since, or the seal. Go on with `next_cursor` until it is null.",
      responses: {
        ...errorResponses("invalid_request", ...ADMIN_ERRORS),
        200: json(auditVerificationSchema, "What the check of this part has found."),
      },
    }),
    validQuery(auditVerifyQuery),
    async (c) => {
      const found = await verifyAudit(c.env, await readCursor(c, auditPlace));
      const next_cursor = found.cursor && (await writeCursor(c, found.cursor));
      return c.json({ ...auditFindingBody(found), next_cursor });
    },
  )
  .get(
    "/organizations/:organization_id/audit",
    describeRoute({
      ...about("listOrganizationAudit", "What operators and its own people asked for, the newest first"),
      description: "Who asked for what, from where, in which request, and what came of it.",
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

async function answerPage(c: AppContext, of: AuditPage["of"], { limit }: { limit: number }) {
  const before_id = await readCursor(c, idPlace);
  const rows = await listAudit(openDatabase(c.env), { of, before_id, limit: limit + 1 });
  const { page, ...rest } = await pageOf(c, rows, limit, ({ id }) => id);
  return c.json({ changes: page.map(auditBody), ...rest });
}
