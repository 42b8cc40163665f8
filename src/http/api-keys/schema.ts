import { z } from "zod";
import { newApiKey, scope } from "../../access/api-key-schema";
import { instant, queryInteger, timestamp } from "../schema/amounts";
import { cursorQuery, nextCursor } from "../schema/cursor";
import { keyId } from "../schema/names";

const MAX_KEYS_IN_A_PAGE = 1_000;

/** Under which secret a key was made. */
export const secretVersion = z.string().nullable().meta({
  id: "SecretVersion",
  description:
    "Which of the platform's secrets it was made under, for its operators. Null of keys from before this was kept, until they are used.",
});

/** A key of an organization, without its secret. */
export const apiKeySchema = z
  .strictObject({
    id: keyId,
    label: z.string(),
    scopes: z.array(scope),
    created_at: instant("When it was made"),
    expires_at: instant("When it stops working").nullable(),
    revoked_at: instant("When it was revoked").nullable(),
    last_used_at: instant("When it was last used, to the hour").nullable(),
    made_by: keyId.nullable().meta({
      description:
        "The organization's own key that made it, or that opened the session in which it was made. Null of keys that operators made, and of those from before this was kept.",
    }),
    secret_version: secretVersion,
  })
  .meta({ id: "ApiKey", description: "An API key of the organization, without its secret." });

/** What is asked for when a key of an organization is made. */
export const statedApiKey = newApiKey.extend({ expires_at: timestamp.optional() }).meta({
  id: "ApiKeyRequest",
  examples: [{ label: "CRM integration", scopes: ["read"], expires_at: "2027-11-23T00:00:00Z" }],
});

/** A key with its secret: shown once. */
export const newApiKeySchema = apiKeySchema
  .extend({ key: z.string().meta({ description: "The key itself: shown once.", examples: ["rf_live_1…"] }) })
  .meta({ id: "NewApiKey" });

/** Which part of an organization's keys is asked for. */
export const keyPageQuery = z.strictObject({
  limit: queryInteger({
    min: 1,
    max: MAX_KEYS_IN_A_PAGE,
    default: MAX_KEYS_IN_A_PAGE,
    description: "Keys in a page.",
  }),
  cursor: cursorQuery,
});

/** A page of an organization's keys. */
export const keyPageSchema = z
  .strictObject({
    api_keys: z.array(apiKeySchema),
    next_cursor: nextCursor,
  })
  .meta({ id: "ApiKeys" });

/** A key in the path. */
export const keyPath = z.strictObject({ key_id: keyId });
