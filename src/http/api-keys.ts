import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { z } from "zod";
import { mintOwnKey } from "../billing/keys";
import { auditOwn, ledgerOf, organizationKey } from "./authenticate";
import { type AppEnv, accepted, admitted } from "./context";
import { ApiError, BODY_ERRORS, errorResponses, ORGANIZATION_KEY_ERRORS } from "./errors";
import { json } from "./openapi";
import { apiKeyBody } from "./present";
import { apiKeySchema, keyId, newApiKeySchema, statedApiKey } from "./schemas";
import { validJson, validParam } from "./validate";

/** Keys that work at one time, so that no script can fill an organization's memory with them. */
const MAX_WORKING_KEYS = 100;

const common = { tags: ["Account"], security: [{ organizationKey: [] }] };

/** An organization's own keys, made and revoked by its own people. */
export const apiKeys = new Hono<AppEnv>()
  .get(
    "/api_keys",
    describeRoute({
      ...common,
      operationId: "listApiKeys",
      summary: "The organization's API keys",
      responses: {
        200: json(z.strictObject({ api_keys: z.array(apiKeySchema) }), "All keys, without their secrets."),
        ...errorResponses(...ORGANIZATION_KEY_ERRORS),
      },
    }),
    organizationKey("keys"),
    async (c) => {
      const ledger = await ledgerOf(c);
      const { keys } = admitted(c, await ledger.ask(async (object) => object.keys(c.var.caller)));
      return c.json({ api_keys: keys.map(apiKeyBody) });
    },
  )
  .post(
    "/api_keys",
    describeRoute({
      ...common,
      operationId: "createApiKey",
      summary: "Make an API key",
      description: "The key is in this answer only.",
      responses: {
        201: json(newApiKeySchema, "The new key."),
        ...errorResponses(...BODY_ERRORS, "unprocessable", "records_unavailable", ...ORGANIZATION_KEY_ERRORS),
      },
    }),
    organizationKey("keys"),
    validJson(statedApiKey),
    async (c) => {
      const { label, scopes, expires_at } = c.req.valid("json");
      const { caller, organization_id } = c.var;
      const ledger = await ledgerOf(c);
      const { keys } = admitted(c, await ledger.ask(async (object) => object.keys(caller)));
      const now_ms = Date.now();
      if (expires_at !== undefined && expires_at <= now_ms)
        throw new ApiError("unprocessable", "expires_at lies in the past.", "expires_at");
      if (keys.filter(({ revoked_at_ms }) => revoked_at_ms === null).length >= MAX_WORKING_KEYS)
        throw new ApiError("unprocessable", `There are ${MAX_WORKING_KEYS} keys already: revoke one first.`);
      const stated = { label, scopes, expires_at_ms: expires_at ?? null };
      const { key, api_key } = await mintOwnKey(c.env, organization_id, stated);
      await auditOwn(c, "api_key.create", { key_id: api_key.key_id, label, scopes });
      accepted(await ledger.ask(async (object) => object.putKey(api_key)), organization_id);
      return c.json({ ...apiKeyBody(api_key), key }, 201);
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
    validParam(z.strictObject({ key_id: keyId })),
    async (c) => {
      const { key_id } = c.req.valid("param");
      const ledger = await ledgerOf(c);
      admitted(c, await ledger.ask(async (object) => object.admit(c.var.caller)));
      await auditOwn(c, "api_key.revoke", { key_id });
      accepted(await ledger.ask(async (object) => object.revokeKey(key_id)), c.var.organization_id);
      return c.body(null, 204);
    },
  );
