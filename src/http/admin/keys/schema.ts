import { z } from "zod";
import { keyLabel } from "../../../access/api-key-schema";
import { instant, queryInteger, timestamp } from "../../schema/amounts";
import { keyId, organizationId } from "../../schema/names";
import { nextCursor } from "../../schema/paging";

const label = keyLabel.meta({ description: "What the key is for.", examples: ["node ams-1"] });
export const keyPath = z.strictObject({ key_id: keyId });
export const ownKeyPath = z.strictObject({ id: organizationId, key_id: keyId });

export const newPlatformKey = z
  .strictObject({
    kind: z.enum(["edge", "admin"]),
    label: label.optional(),
    organization_ids: z.array(organizationId).min(1).max(1_000).optional(),
    scopes: z
      .array(z.enum(["calls", "correct"]))
      .max(2)
      .optional(),
    expires_at: timestamp.optional(),
  })
  .refine(({ kind, organization_ids, scopes }) => kind === "edge" || (!organization_ids && !scopes), {
    path: ["kind"],
    message: "Only an edge key can be limited to organizations and scopes.",
  })
  .refine(({ scopes }) => !scopes || scopes.includes("calls"), {
    path: ["scopes"],
    message: "Must include calls.",
  })
  .meta({ id: "NewPlatformKey" });

export const platformKeySchema = z
  .strictObject({
    id: keyId,
    kind: z.enum(["edge", "admin"]),
    label: z.string(),
    organization_ids: z.array(organizationId).nullable(),
    scopes: z.array(z.enum(["calls", "correct"])),
    created_at: instant("When it was made"),
    expires_at: instant("When it stops working").nullable(),
    revoked_at: instant("When it was revoked").nullable(),
  })
  .meta({ id: "PlatformKey" });

export const createdPlatformKeySchema = platformKeySchema
  .extend({ key: z.string().meta({ description: "Shown here only." }) })
  .meta({ id: "CreatedPlatformKey" });

export const platformKeysSchema = z
  .strictObject({ keys: z.array(platformKeySchema), next_cursor: nextCursor })
  .meta({ id: "PlatformKeys" });

export const listQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 1_000, default: 1_000, description: "Keys in a page." }),
  cursor: keyId.optional(),
});
