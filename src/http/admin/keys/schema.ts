import { z } from "zod";
import { keyLabel } from "../../../access/api-key-schema";
import { SECRET_USE_KINDS } from "../../../admin/key-secrets";
import { ADMIN_KEY_DAYS, ADMIN_RIGHTS } from "../../../units/api-key-format";
import { secretVersion } from "../../api-keys/schema";
import { instant, queryInteger, timestamp } from "../../schema/amounts";
import { cursorQuery, nextCursor } from "../../schema/cursor";
import { keyId, organizationId } from "../../schema/names";
import { organizationPath } from "../organizations/schema";

const label = keyLabel.meta({ description: "What the key is for.", examples: ["node ams-1"] });

/** What an admin key may do. */
const rights = z.enum(ADMIN_RIGHTS).meta({
  id: "AdminRights",
  description:
    "`look`: read. `money`: also adjustments, refunds, purchases that differ, rates and calls that wait. `all`: also keys, organizations, numbers and webhook endpoints, which is the default.",
});

/** A key of a node or an operator. */
export const keyPath = z.strictObject({ key_id: keyId });

/** A key of an organization. */
export const ownKeyPath = organizationPath.extend({ key_id: keyId });

/** What is asked for when a key of a node or an operator is made. */
export const newPlatformKey = z
  .strictObject({
    kind: z.enum(["edge", "admin"]),
    label: label.optional(),
    organization_ids: z.array(organizationId).min(1).max(1_000).optional(),
    scopes: z
      .array(z.enum(["calls", "correct"]))
      .max(2)
      .optional(),
    rights: rights.optional(),
    expires_at: timestamp.optional().meta({
      description: `When it stops working. Left out: an admin key after ${ADMIN_KEY_DAYS} days, an edge key never.`,
    }),
  })
  .refine(({ kind, rights: asked }) => kind === "admin" || !asked, {
    path: ["rights"],
    message: "Only an admin key has rights.",
  })
  .refine(({ kind, organization_ids, scopes }) => kind === "edge" || (!organization_ids && !scopes), {
    path: ["kind"],
    message: "Only an edge key can be limited to organizations and scopes.",
  })
  .refine(({ scopes }) => !scopes || scopes.includes("calls"), {
    path: ["scopes"],
    message: "Must include calls.",
  })
  .meta({
    id: "NewPlatformKey",
    examples: [{ kind: "edge", label: "node ams-1", scopes: ["calls", "correct"] }],
  });

/** A key of a node or an operator, without its secret. */
export const platformKeySchema = z
  .strictObject({
    id: keyId,
    kind: z.enum(["edge", "admin"]),
    label: z.string(),
    organization_ids: z.array(organizationId).nullable(),
    scopes: z.array(z.enum(["calls", "correct"])),
    rights: rights.nullable().meta({ description: "Of an admin key; null of an edge key." }),
    created_at: instant("When it was made"),
    expires_at: instant("When it stops working").nullable(),
    revoked_at: instant("When it was revoked").nullable(),
    secret_version: secretVersion,
  })
  .meta({ id: "PlatformKey" });

/** A key with its secret: shown once. */
export const createdPlatformKeySchema = platformKeySchema
  .extend({ key: z.string().meta({ description: "Shown here only." }) })
  .meta({ id: "CreatedPlatformKey" });

/** A page of keys of nodes and operators. */
export const platformKeysSchema = z
  .strictObject({ keys: z.array(platformKeySchema), next_cursor: nextCursor })
  .meta({ id: "PlatformKeys" });

/** What the secrets of KEY_SECRETS are still needed for. */
export const keySecretsSchema = z
  .strictObject({
    secrets: z.array(
      z.strictObject({
        version: z.string(),
        is_set: z.boolean().meta({ description: "Whether it stands in `KEY_SECRETS`." }),
        is_newest: z.boolean().meta({ description: "New things are made under it." }),
        replaced_at: instant("When another one came in its place").nullable(),
        can_be_removed: z.boolean().meta({ description: "Nothing that works now needs it." }),
        uses: z.array(
          z.strictObject({
            kind: z.enum(SECRET_USE_KINDS),
            count: z.int().nullable().meta({ description: "Null of what is not counted: see `until`." }),
            has_more: z.boolean().meta({ description: "Counted is the first part only." }),
            organization_ids: z.array(organizationId).meta({ description: "Some of those whose they are." }),
            until: instant("When the last of what is not counted ends").nullable(),
          }),
        ),
      }),
    ),
    counted_at: instant("When ledgers were last asked, all of them; the night").nullable(),
    ledgers_not_counted: z.int().nullable().meta({ description: "Ledgers that could not be asked then." }),
  })
  .meta({ id: "KeySecrets" });

/** Which part of the keys is asked for. */
export const listQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 1_000, default: 1_000, description: "Keys in a page." }),
  cursor: cursorQuery,
});
