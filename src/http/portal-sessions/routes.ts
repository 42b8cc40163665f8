import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import type { z } from "zod";
import { createPortalSession, LINK_PARAMETER, type Visitor } from "../../access/portal-sessions";
import { isoTime } from "../../units/duration";
import { about, OF_AN_ORGANIZATION, requireOrganization } from "../admin/context";
import { organizationPath } from "../admin/organizations/schema";
import { actorOf, checkKeyAtLedger, organizationKey } from "../authenticate";
import type { AppContext, AppEnv } from "../context";
import { BODY_ERRORS, errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { unwrap } from "../refusals";
import { REPEATABLE, REPEATABLE_ERRORS, REPEATABLE_SAID, repeatableRequest } from "../repeatable";
import { validJson, validParam } from "../validate";
import { newPortalSession, portalSessionSchema } from "./schema";

const description = `Answers a link that signs one person in to the dashboard, once, within five minutes. The session that follows lasts eight hours. ${REPEATABLE_SAID}`;

/** Links to the dashboard, for the platform to send its own people's browsers to. */
export const portalSessions = new Hono<AppEnv>().post(
  "/portal_sessions",
  describeRoute({
    operationId: "createPortalSession",
    tags: ["Account"],
    summary: "Let a person in to the dashboard",
    description: `${description} Takes the scope \`keys\`, because an owner may make keys.`,
    security: [{ organizationKey: [] }],
    parameters: REPEATABLE,
    responses: {
      201: json(portalSessionSchema, "The link."),
      ...errorResponses(
        ...BODY_ERRORS,
        "records_unavailable",
        ...REPEATABLE_ERRORS,
        ...ORGANIZATION_KEY_ERRORS,
      ),
    },
  }),
  organizationKey("keys"),
  validJson(newPortalSession),
  async (c) => {
    await checkKeyAtLedger(c);
    return c.json(await madeSession(c, c.var.organization_id, c.req.valid("json")), 201);
  },
);

/** The same for operators, of any organization. */
export const adminPortalSessions = new Hono<AppEnv>().post(
  "/organizations/:id/portal_sessions",
  describeRoute({
    ...about("createOrganizationPortalSession", "Let a person in to an organization's dashboard"),
    description,
    parameters: REPEATABLE,
    responses: {
      ...errorResponses(...BODY_ERRORS, ...REPEATABLE_ERRORS, ...OF_AN_ORGANIZATION),
      201: json(portalSessionSchema, "The link."),
    },
  }),
  validParam(organizationPath),
  validJson(newPortalSession),
  async (c) => {
    const { id } = c.req.valid("param");
    await requireOrganization(c, id);
    return c.json(await madeSession(c, id, c.req.valid("json")), 201);
  },
);

async function madeSession(
  c: AppContext,
  organization_id: string,
  body: z.output<typeof newPortalSession>,
): Promise<z.input<typeof portalSessionSchema>> {
  const { user, role, language = null, return_url = null, page = "overview" } = body;
  const visitor: Visitor = { user_id: user.id, user_name: user.name, role, language, return_url, page };
  const request = await repeatableRequest(c, body);
  const asked = { ...visitor, request };
  const made = unwrap(await createPortalSession(c.env, actorOf(c), organization_id, asked));
  const origin = c.var.settings.public_url || new URL(c.req.url).origin;
  return {
    id: made.id,
    url: `${origin}/billing/enter?${LINK_PARAMETER}=${made.secret}`,
    expires_at: isoTime(made.expires_at_ms),
  };
}
