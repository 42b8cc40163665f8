import { z } from "zod";
import { keyLabel } from "../../access/api-key-schema";
import { typedEmail, typedText } from "../../units/text-schema";
import { accountSchema, entrySchema, organizationState } from "../account/schema";
import {
  increments,
  instant,
  moneyMicros,
  priceMicrosPerMinute,
  signedMicros,
  timestamp,
} from "../schema/amounts";
import { keyId, organizationId, phoneNumber, rateName, reasonText } from "../schema/names";
import { rateSchema } from "../schema/rates";

const companyName = typedText({ max: 200 }).meta({ examples: ["Example Voice B.V."] });

const language = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, "Must be a language tag, such as nl or de-AT.")
  .meta({ description: "The language of announcements to its callers.", examples: ["nl"] });

const email = typedEmail();
const label = keyLabel.meta({ description: "What the key is for.", examples: ["node ams-1"] });

/** Where an object may be asked to live (developers.cloudflare.com/durable-objects/reference/data-location). */
const locationHint = z.enum(["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"]);
const jurisdiction = z.enum(["eu", "fedramp"]);

const nextCursor = z.string().nullable().meta({ description: "For the next page, null on the last one." });

export const organizationPath = z.strictObject({ id: organizationId });
export const ratePath = z.strictObject({ name: rateName });
export const ownRatePath = z.strictObject({ id: organizationId, name: rateName });
export const numberPath = z.strictObject({ e164: phoneNumber });
export const keyPath = z.strictObject({ key_id: keyId });
export const ownKeyPath = z.strictObject({ id: organizationId, key_id: keyId });

export const newOrganization = z
  .strictObject({
    company_name: companyName,
    email: email.optional(),
    language: language.optional(),
    location_hint: locationHint.optional(),
    jurisdiction: jurisdiction.optional(),
  })
  .meta({ id: "NewOrganization" });

export const organizationPatch = z
  .strictObject({
    company_name: companyName.optional(),
    email: email.nullable().optional(),
    language: language.optional(),
    state: organizationState.optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, "Must change something.")
  .meta({ id: "OrganizationPatch" });

export const newAdjustment = z
  .strictObject({
    amount_micros: signedMicros.refine((amount_micros) => amount_micros !== 0, "Must not be 0."),
    reason: reasonText,
    kind: z.enum(["adjustment", "promotion"]),
  })
  .refine(({ kind, amount_micros }) => kind === "adjustment" || amount_micros > 0, {
    path: ["amount_micros"],
    message: "A promotion gives credit: it must be above 0.",
  })
  .meta({ id: "NewAdjustment" });

export const newRate = z
  .strictObject({
    price_micros_per_minute: priceMicrosPerMinute,
    increments,
    minimum_seconds: z.int().min(0).max(3_600).optional().meta({ description: "0 when left out." }),
    effective_from: timestamp.optional(),
  })
  .meta({ id: "NewRate" });

export const newNumber = z
  .strictObject({
    organization_id: organizationId,
    is_default: z.boolean().optional().meta({
      description:
        "Whether outbound calls of the organization come from it that name no number: the oldest is used where none is marked. Stays as it is when left out.",
    }),
  })
  .meta({ id: "NewNumber" });

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

export const newEpoch = z.strictObject({ epoch: z.int().min(2).max(1_000_000) }).meta({ id: "NewEpoch" });

export const organizationSchema = z
  .strictObject({
    id: organizationId,
    company_name: z.string(),
    email: z.string().nullable(),
    language: z.string(),
    state: organizationState,
    location_hint: locationHint.nullable(),
    jurisdiction: jurisdiction.nullable(),
    created_at: instant("When it was created"),
  })
  .meta({ id: "Organization" });

export const createdOrganizationSchema = organizationSchema
  .extend({ api_key: z.string().meta({ description: "Its first key: shown here only." }) })
  .meta({ id: "CreatedOrganization" });

export const organizationPageSchema = z
  .strictObject({
    organizations: z.array(organizationSchema),
    has_more: z.boolean(),
    next_cursor: organizationId.nullable(),
  })
  .meta({ id: "OrganizationPage" });

export const organizationAccountSchema = accountSchema
  .extend({
    language: z.string(),
    location_hint: locationHint.nullable(),
    jurisdiction: jurisdiction.nullable(),
    epoch: z.int().min(1),
  })
  .meta({ id: "OrganizationAccount" });

export const adjustmentSchema = entrySchema.meta({ id: "Adjustment" });

export const verificationSchema = z
  .strictObject({
    ok: z.boolean().meta({ description: "Whether the ledger adds up." }),
    first_difference: z.string().optional(),
    posted_micros: moneyMicros("Sum of all entries"),
    held_micros: moneyMicros("Held for live calls"),
    entries: z.int().min(0).meta({ description: "Entries that were checked, from `proves_from_seq` on." }),
    proves_from_seq: z.int().min(1).meta({
      description:
        "The first entry that was checked one by one. Above 1, those before it are no longer kept: their sum, the checkpoint, was checked against what was added up when they left.",
    }),
  })
  .meta({ id: "Verification" });

/** A proof that takes longer than a request. */
export const verificationReportSchema = z
  .strictObject({
    report_id: z.string(),
    status: z.enum(["under_way", "finished"]),
    started_at: instant("When the check began"),
    finished_at: instant("When it ended").nullable(),
    verification: verificationSchema.nullable().meta({ description: "What was found, at the end." }),
  })
  .meta({ id: "VerificationReport" });

export const datedRateSchema = rateSchema
  .extend({ effective_from: instant("From when it is in force") })
  .meta({ id: "DatedRate" });
export const ratesSchema = z.strictObject({ rates: z.array(datedRateSchema) }).meta({ id: "Rates" });

export const numberSchema = z
  .strictObject({
    number: phoneNumber,
    organization_id: organizationId,
    from: instant("Since when it belongs to the organization"),
    until: instant("Until when it belonged to the organization").nullable(),
  })
  .meta({ id: "Number" });
export const numbersSchema = z
  .strictObject({
    numbers: z.array(
      numberSchema.extend({
        is_default: z.boolean().meta({ description: "Marked as the one that outbound calls come from." }),
      }),
    ),
    next_cursor: nextCursor,
  })
  .meta({ id: "Numbers" });

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

export const auditPageSchema = z
  .strictObject({
    changes: z.array(
      z.strictObject({
        id: z.string(),
        key_id: z.string().meta({
          description: "The API key, or `user:` and the platform's id of a person at the dashboard.",
          examples: ["key_01k9z3v8qhe1w9m4c7d2x5n6tp"],
        }),
        actor_name: z.string().nullable().meta({ description: "The person's name, null for a key." }),
        action: z.string().meta({ examples: ["adjustment.post"] }),
        detail: z.record(z.string(), z.unknown()),
        created_at: instant("When it was asked for"),
      }),
    ),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "AuditPage" });
