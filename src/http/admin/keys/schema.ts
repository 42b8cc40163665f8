import { z } from "zod";
import { keyLabel } from "../../../access/api-key-schema";
import { ADMIN_KEY_DAYS, ADMIN_RIGHTS } from "../../../units/api-key-format";
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

/** Which part of the keys is asked for. */
export const listQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 1_000, default: 1_000, description: "Keys in a page." }),
  cursor: cursorQuery,
});
