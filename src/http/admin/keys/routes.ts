import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import {
  createOwnKey,
  createPlatformKey,
  revokeOwnKey,
  revokePlatformKeyEverywhere,
} from "../../../access/api-keys";
import { keySecrets } from "../../../admin/key-secrets";
import { listPlatformKeys } from "../../../storage/accounts/platform-keys";
import { openDatabase } from "../../../storage/database";
import { keyPageBody, newKeyBody } from "../../api-keys/present";
import { keyPageQuery, keyPageSchema, newApiKeySchema, statedApiKey } from "../../api-keys/schema";
import { actorOf } from "../../authenticate";
import type { AppEnv } from "../../context";
import { idPlace, pageOf, readCursor } from "../../cursor";
import { ADMIN_ERRORS, ApiError, BODY_ERRORS, errorResponses } from "../../errors";
import { json } from "../../openapi";
import { unwrap } from "../../refusals";
import { REPEATABLE, REPEATABLE_ERRORS, REPEATABLE_SAID, repeatableRequest } from "../../repeatable";
import { validJson, validParam, validQuery } from "../../validate";
import { about, OF_AN_ORGANIZATION, requireOrganization } from "../context";
import { organizationPath } from "../organizations/schema";
import { keySecretsBody, platformKeyBody } from "./present";
import {
  createdPlatformKeySchema,
  keyPath,
  keySecretsSchema,
  listQuery,
  newPlatformKey,
  ownKeyPath,
  platformKeysSchema,
} from "./schema";

/** Keys of nodes and operators, and of organizations whose people cannot make their own. */
export const adminKeys = new Hono<AppEnv>()
  .post(
    "/keys",
    describeRoute({
      ...about("createPlatformKey", "Make a key for a telephony node or an operator"),
      description: `The key is in this answer only. An edge key has the scope \`calls\` unless it is given others. ${REPEATABLE_SAID}`,
      parameters: REPEATABLE,
      responses: {
        ...errorResponses(...BODY_ERRORS, "unprocessable", ...REPEATABLE_ERRORS, ...ADMIN_ERRORS),
        201: json(createdPlatformKeySchema, "The new key."),
      },
    }),
    validJson(newPlatformKey),
    async (c) => {
      const body = c.req.valid("json");
      const { kind, label = "", organization_ids = null, scopes, rights = "all", expires_at = null } = body;
      const stated = {
        kind,
        label,
        organization_ids,
        scopes: kind === "edge" ? [...new Set(scopes ?? (["calls"] as const))] : [],
        rights: kind === "admin" ? rights : null,
        expires_at_ms: expires_at,
        request: await repeatableRequest(c, body),
      };
      const { key, row } = unwrap(await createPlatformKey(c.env, actorOf(c), stated));
      return c.json({ ...platformKeyBody(row), key }, 201);
    },
  )
  .get(
    "/keys",
    describeRoute({
      ...about("listPlatformKeys", "Keys of telephony nodes and operators"),
      description: "Revoked ones, too.",
      responses: {
        ...errorResponses(...ADMIN_ERRORS),
        200: json(platformKeysSchema, "A page of them, the newest first, without their secrets."),
      },
    }),
    validQuery(listQuery),
    async (c) => {
      const { limit } = c.req.valid("query");
      const before = (await readCursor(c, idPlace)) ?? undefined;
      const rows = await listPlatformKeys(openDatabase(c.env), { before, limit: limit + 1 });
      const { page, next_cursor } = await pageOf(c, rows, limit, ({ key_id }) => key_id);
      return c.json({ keys: page.map(platformKeyBody), next_cursor });
    },
  )
  .get(
    "/key_secrets",
    describeRoute({
      ...about("getKeySecrets", "What the secrets of `KEY_SECRETS` are still needed for"),
      description:
        "By version, the newest first, never the secrets themselves. Keys and heads of ledgers are counted each night, the rest now.",
      responses: {
        ...errorResponses(...ADMIN_ERRORS),
        200: json(keySecretsSchema, "Those that are set, and those that are needed all the same."),
      },
    }),
    async (c) => c.json(keySecretsBody(await keySecrets(c.env))),
  )
  .delete(
    "/keys/:key_id",
    describeRoute({
      ...about("revokePlatformKey", "Revoke a key of a telephony node or an operator"),
      description: "For good, and everywhere within two minutes.",
      responses: {
        ...errorResponses("invalid_request", "not_found", ...ADMIN_ERRORS),
        204: { description: "It is revoked." },
      },
    }),
    validParam(keyPath),
    async (c) => {
      const { key_id } = c.req.valid("param");
      if (!(await revokePlatformKeyEverywhere(c.env, actorOf(c), key_id)))
        throw new ApiError("not_found", "There is no such API key.", "key_id");
      return c.body(null, 204);
    },
  )
  .get(
    "/organizations/:organization_id/api_keys",
    describeRoute({
      ...about("listOrganizationApiKeys", "An organization's API keys"),
      description: "Those that were revoked stay in the list for a month, the newest 100 of them.",
      responses: {
        ...errorResponses(...OF_AN_ORGANIZATION),
        200: json(keyPageSchema, "A page of them, the oldest first, without their secrets."),
      },
    }),
    validParam(organizationPath),
    validQuery(keyPageQuery),
    async (c) => {
      const { organization_id: id } = c.req.valid("param");
      const { ledger } = await requireOrganization(c, id);
      const { keys } = unwrap(await ledger.ask(async (object) => object.keys(null)));
      return c.json(await keyPageBody(c, keys, c.req.valid("query").limit));
    },
  )
  .post(
    "/organizations/:organization_id/api_keys",
    describeRoute({
      ...about("createOrganizationApiKey", "Make an API key for an organization"),
      description: `The key is in this answer only. ${REPEATABLE_SAID}`,
      parameters: REPEATABLE,
      responses: {
        ...errorResponses(...BODY_ERRORS, "unprocessable", ...REPEATABLE_ERRORS, ...OF_AN_ORGANIZATION),
        201: json(newApiKeySchema, "The new key."),
      },
    }),
    validParam(organizationPath),
    validJson(statedApiKey),
    async (c) => {
      const { organization_id: id } = c.req.valid("param");
      const body = c.req.valid("json");
      const { label, scopes, expires_at = null } = body;
      const request = await repeatableRequest(c, body);
      const maker_id = c.var.platform_key.key_id;
      const stated = { label, scopes, expires_at_ms: expires_at, maker_id, request };
      const made = await createOwnKey(c.env, actorOf(c), await requireOrganization(c, id), stated);
      return c.json(newKeyBody(unwrap(made)), 201);
    },
  )
  .delete(
    "/organizations/:organization_id/api_keys/:key_id",
    describeRoute({
      ...about("revokeOrganizationApiKey", "Revoke an organization's API key"),
      description: "At once and for good.",
      responses: { ...errorResponses(...OF_AN_ORGANIZATION), 204: { description: "It is revoked." } },
    }),
    validParam(ownKeyPath),
    async (c) => {
      const { organization_id: id, key_id } = c.req.valid("param");
      unwrap(await revokeOwnKey(c.env, actorOf(c), await requireOrganization(c, id), key_id));
      return c.body(null, 204);
    },
  );
