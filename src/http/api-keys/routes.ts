import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { createOwnKey, revokeOwnKey } from "../../access/api-keys";
import { actorOf, checkKeyAtLedger, ledgerOf, organizationKey, ownOrganization } from "../authenticate";
import { type AppEnv, unwrapAuthenticated } from "../context";
import { BODY_ERRORS, errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { unwrap } from "../refusals";
import { REPEATABLE, REPEATABLE_ERRORS, REPEATABLE_SAID, repeatableRequest } from "../repeatable";
import { validJson, validParam, validQuery } from "../validate";
import { keyPageBody, newKeyBody } from "./present";
import { keyPageQuery, keyPageSchema, keyPath, newApiKeySchema, statedApiKey } from "./schema";

const common = { tags: ["Account"], security: [{ organizationKey: [] }] };

/** An organization's own keys, made and revoked by its own people. */
export const apiKeys = new Hono<AppEnv>()
  .get(
    "/api_keys",
    describeRoute({
      ...common,
      operationId: "listApiKeys",
      summary: "The organization's API keys",
      description: "Those that were revoked stay in the list for a month, the newest 100 of them.",
      responses: {
        200: json(keyPageSchema, "A page of them, the oldest first, without their secrets."),
        ...errorResponses(...ORGANIZATION_KEY_ERRORS),
      },
    }),
    organizationKey("keys"),
    validQuery(keyPageQuery),
    async (c) => {
      const ledger = await ledgerOf(c);
      const { keys } = unwrapAuthenticated(c, await ledger.ask(async (object) => object.keys(c.var.caller)));
      return c.json(await keyPageBody(c, keys, c.req.valid("query").limit));
    },
  )
  .post(
    "/api_keys",
    describeRoute({
      ...common,
      operationId: "createApiKey",
      summary: "Make an API key",
      description: `The key is in this answer only. It does nothing that the key that makes it may not do (403, \`param\` \`scopes\`), and works no longer than that one: without \`expires_at\` until then. ${REPEATABLE_SAID}`,
      parameters: REPEATABLE,
      responses: {
        201: json(newApiKeySchema, "The new key."),
        ...errorResponses(
          ...BODY_ERRORS,
          "unprocessable",
          "records_unavailable",
          ...REPEATABLE_ERRORS,
          ...ORGANIZATION_KEY_ERRORS,
        ),
      },
    }),
    organizationKey("keys"),
    validJson(statedApiKey),
    async (c) => {
      const body = c.req.valid("json");
      const { label, scopes, expires_at = null } = body;
      const request = await repeatableRequest(c, body);
      await checkKeyAtLedger(c);
      const maker_id = c.var.caller.key_id;
      const stated = { label, scopes, expires_at_ms: expires_at, maker_id, request };
      const made = await createOwnKey(c.env, actorOf(c), await ownOrganization(c), stated);
      return c.json(newKeyBody(unwrap(made)), 201);
    },
  )
  .delete(
    "/api_keys/:key_id",
    describeRoute({
      ...common,
      operationId: "revokeApiKey",
      summary: "Revoke an API key",
      description: "At once and for good. A key that was revoked before stays so.",
      responses: {
        204: { description: "It is revoked." },
        ...errorResponses("not_found", "records_unavailable", ...ORGANIZATION_KEY_ERRORS),
      },
    }),
    organizationKey("keys"),
    validParam(keyPath),
    async (c) => {
      const { key_id } = c.req.valid("param");
      await checkKeyAtLedger(c);
      const revoked = await revokeOwnKey(c.env, actorOf(c), await ownOrganization(c), key_id);
      unwrap(revoked);
      return c.body(null, 204);
    },
  );
