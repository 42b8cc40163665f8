import { z } from "zod";
import { typedEmail, typedText } from "../../../units/text-schema";
import { accountSchema, organizationState } from "../../account/schema";
import { instant, queryInteger } from "../../schema/amounts";
import { cursorQuery, nextCursor } from "../../schema/cursor";
import { organizationId, platformsOwnId } from "../../schema/names";

const companyName = typedText({ max: 200 }).meta({ examples: ["Example Voice B.V."] });

const language = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, "Must be a language tag, such as nl or de-AT.")
  .meta({ description: "The language of announcements to its callers.", examples: ["nl"] });

const email = typedEmail();

/** Where an object may be asked to live (developers.cloudflare.com/durable-objects/reference/data-location). */
const locationHint = z.enum(["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"]);

const jurisdiction = z.enum(["eu", "fedramp"]);

const externalId = platformsOwnId.meta({
  id: "ExternalId",
  description: "The platform's own id of it, kept as it is. No two organizations have the same.",
  examples: ["customer-42"],
});

/** An organization in the path. */
export const organizationPath = z.strictObject({ organization_id: organizationId });

/** What is asked for when an organization is created. */
export const newOrganization = z
  .strictObject({
    company_name: companyName,
    email: email.optional(),
    language: language.optional(),
    location_hint: locationHint.optional(),
    jurisdiction: jurisdiction.optional(),
    external_id: externalId.optional(),
  })
  .meta({
    id: "NewOrganization",
    examples: [{ company_name: "Example Voice B.V.", email: "billing@example.com", language: "nl" }],
  });

/** What is changed of an organization: at least one thing. */
export const organizationPatch = z
  .strictObject({
    company_name: companyName.optional(),
    email: email.nullable().optional(),
    language: language.optional(),
    state: organizationState.optional(),
    external_id: externalId.nullable().optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, "Must change something.")
  .meta({ id: "OrganizationPatch", examples: [{ state: "suspended" }] });

/** An organization, without its balance. */
export const organizationSchema = z
  .strictObject({
    id: organizationId,
    company_name: z.string(),
    email: z.string().nullable(),
    language: z.string(),
    state: organizationState,
    location_hint: locationHint.nullable(),
    jurisdiction: jurisdiction.nullable(),
    external_id: externalId.nullable(),
    created_at: instant("When it was created"),
  })
  .meta({ id: "Organization" });

/** An organization with its first API key: shown once. */
export const createdOrganizationSchema = organizationSchema
  .extend({ api_key: z.string().meta({ description: "Its first key: shown here only." }) })
  .meta({ id: "CreatedOrganization" });

/** A page of organizations. */
export const organizationPageSchema = z
  .strictObject({
    organizations: z.array(organizationSchema),
    has_more: z.boolean(),
    next_cursor: nextCursor,
  })
  .meta({ id: "OrganizationPage" });

/** An organization with its balance, as its ledger knows it. */
export const organizationAccountSchema = accountSchema
  .extend({
    language: z.string(),
    location_hint: locationHint.nullable(),
    jurisdiction: jurisdiction.nullable(),
    external_id: externalId.nullable(),
    epoch: z.int().min(1),
  })
  .meta({ id: "OrganizationAccount" });

/** Which part of the organizations is asked for. */
export const listQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 500, default: 100, description: "Organizations in a page." }),
  cursor: cursorQuery,
  external_id: externalId
    .optional()
    .meta({ description: "Only the one that has this id of the platform's." }),
});
