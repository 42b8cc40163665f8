import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import type { z } from "zod";
import { createPortalSession, LINK_PARAMETER, type Visitor } from "../../access/portal-sessions";
import { endSession, endSessionsOf, listSessions } from "../../access/session-list";
import type { OrganizationHandle } from "../../organizations/open-organization";
import { isoTime } from "../../units/duration";
import { about, OF_AN_ORGANIZATION, requireOrganization } from "../admin/context";
import { organizationPath } from "../admin/organizations/schema";
import { actorOf, checkKeyAtLedger, organizationKey, ownOrganization } from "../authenticate";
import type { AppContext, AppEnv } from "../context";
import { BODY_ERRORS, errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { unwrap } from "../refusals";
import { REPEATABLE, REPEATABLE_ERRORS, REPEATABLE_SAID, repeatableRequest } from "../repeatable";
import { validJson, validParam, validQuery } from "../validate";
import { sessionFilter, sessionPageBody } from "./present";
import {
  endedSessionsSchema,
  newPortalSession,
  portalSessionSchema,
  sessionPageQuery,
  sessionPageSchema,
  sessionPath,
  sessionPathOf,
  sessionsOfUserQuery,
} from "./schema";

const description = `Answers a link that signs one person in to the dashboard, once, within five minutes. The session that follows lasts eight hours, ends after 30 minutes without use, and no later than the key that made the link. ${REPEATABLE_SAID}`;

const list_description =
  "How each stands now: one whose key was revoked or has ended stands as ended. A page may be short, or empty, while `next_cursor` names a next one.";

const end_description =
  "At once and for good; the person can be let in again. What has ended before stays as it is.";

const common = { tags: ["Account"], security: [{ organizationKey: [] }] };

/** Links to the dashboard, for the platform to send its own people's browsers to, and the sessions that come of them. */
export const portalSessions = new Hono<AppEnv>()
  .post(
    "/portal_sessions",
    describeRoute({
      operationId: "createPortalSession",
      ...common,
      summary: "Let a person in to the dashboard",
      description: `${description} Takes the scope \`keys\`, because an owner may make keys.`,
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
      return c.json(await madeSession(c, await ownOrganization(c), c.req.valid("json")), 201);
    },
  )
  .get(
    "/portal_sessions",
    describeRoute({
      ...common,
      operationId: "listPortalSessions",
      summary: "Links to the dashboard and sessions of the last 30 days",
      description: `${list_description} Takes the scope \`keys\`.`,
      responses: {
        200: json(sessionPageSchema, "A page of them, the newest first."),
        ...errorResponses("records_unavailable", ...ORGANIZATION_KEY_ERRORS),
      },
    }),
    organizationKey("keys"),
    validQuery(sessionPageQuery),
    async (c) => {
      await checkKeyAtLedger(c);
      const filter = await sessionFilter(c, c.req.valid("query"));
      const page = unwrap(await listSessions(c.env, await ownOrganization(c), filter));
      return c.json(await sessionPageBody(c, page, false));
    },
  )
  .delete(
    "/portal_sessions",
    describeRoute({
      ...common,
      operationId: "endPortalSessionsOfUser",
      summary: "End all sessions of one person",
      description: `${end_description} Links that were not used yet work no more, either.`,
      responses: {
        200: json(endedSessionsSchema, "They have ended."),
        ...errorResponses("missing_field", "records_unavailable", ...ORGANIZATION_KEY_ERRORS),
      },
    }),
    organizationKey("keys"),
    validQuery(sessionsOfUserQuery),
    async (c) => {
      await checkKeyAtLedger(c);
      const { user_id } = c.req.valid("query");
      return c.json(
        await endSessionsOf(c.env, actorOf(c), { organization_id: c.var.organization_id, user_id }),
      );
    },
  )
  .delete(
    "/portal_sessions/:session_id",
    describeRoute({
      ...common,
      operationId: "endPortalSession",
      summary: "End a session",
      description: end_description,
      responses: {
        204: { description: "It has ended." },
        ...errorResponses("not_found", "records_unavailable", ...ORGANIZATION_KEY_ERRORS),
      },
    }),
    organizationKey("keys"),
    validParam(sessionPath),
    async (c) => {
      await checkKeyAtLedger(c);
      const { session_id } = c.req.valid("param");
      unwrap(await endSession(c.env, actorOf(c), c.var.organization_id, session_id));
      return c.body(null, 204);
    },
  );

/** The same for operators, of any organization. */
export const adminPortalSessions = new Hono<AppEnv>()
  .post(
    "/organizations/:organization_id/portal_sessions",
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
      const { organization_id: id } = c.req.valid("param");
      return c.json(await madeSession(c, await requireOrganization(c, id), c.req.valid("json")), 201);
    },
  )
  .get(
    "/organizations/:organization_id/portal_sessions",
    describeRoute({
      ...about(
        "listOrganizationPortalSessions",
        "An organization's links to the dashboard and sessions of the last 30 days",
      ),
      description: list_description,
      responses: {
        ...errorResponses(...OF_AN_ORGANIZATION),
        200: json(sessionPageSchema, "A page of them, the newest first."),
      },
    }),
    validParam(organizationPath),
    validQuery(sessionPageQuery),
    async (c) => {
      const organization = await requireOrganization(c, c.req.valid("param").organization_id);
      const filter = await sessionFilter(c, c.req.valid("query"));
      const page = unwrap(await listSessions(c.env, organization, filter));
      return c.json(await sessionPageBody(c, page, true));
    },
  )
  .delete(
    "/organizations/:organization_id/portal_sessions",
    describeRoute({
      ...about("endOrganizationPortalSessionsOfUser", "End all sessions of one person of an organization"),
      description: `${end_description} Links that were not used yet work no more, either.`,
      responses: {
        ...errorResponses("missing_field", ...OF_AN_ORGANIZATION),
        200: json(endedSessionsSchema, "They have ended."),
      },
    }),
    validParam(organizationPath),
    validQuery(sessionsOfUserQuery),
    async (c) => {
      const { organization_id } = await requireOrganization(c, c.req.valid("param").organization_id);
      const { user_id } = c.req.valid("query");
      return c.json(await endSessionsOf(c.env, actorOf(c), { organization_id, user_id }));
    },
  )
  .delete(
    "/organizations/:organization_id/portal_sessions/:session_id",
    describeRoute({
      ...about("endOrganizationPortalSession", "End a session of an organization"),
      description: end_description,
      responses: { ...errorResponses(...OF_AN_ORGANIZATION), 204: { description: "It has ended." } },
    }),
    validParam(sessionPathOf),
    async (c) => {
      const { organization_id: id, session_id } = c.req.valid("param");
      const { organization_id } = await requireOrganization(c, id);
      unwrap(await endSession(c.env, actorOf(c), organization_id, session_id));
      return c.body(null, 204);
    },
  );

async function madeSession(
  c: AppContext,
  organization: Pick<OrganizationHandle, "organization_id" | "ledger">,
  body: z.output<typeof newPortalSession>,
): Promise<z.input<typeof portalSessionSchema>> {
  const { user, role, language = null, return_url = null, page = "overview" } = body;
  const visitor: Visitor = { user_id: user.id, user_name: user.name, role, language, return_url, page };
  const request = await repeatableRequest(c, body);
  const asked = { ...visitor, request };
  const made = unwrap(await createPortalSession(c.env, actorOf(c), organization, asked));
  const origin = c.var.settings.public_url || new URL(c.req.url).origin;
  return {
    id: made.id,
    url: `${origin}/billing/enter?${LINK_PARAMETER}=${made.secret}`,
    expires_at: isoTime(made.expires_at_ms),
  };
}
