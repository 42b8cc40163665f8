import { z } from "zod";
import { ACTOR_KINDS, AUDIT_OUTCOMES } from "../../../units/audit-fact";
import { idPattern } from "../../../units/id";
import { instant, queryInteger } from "../../schema/amounts";
import { organizationId } from "../../schema/names";

const UNKNOWN = "Null in rows from before this was kept.";

/** A row of the audit. */
export const auditRowSchema = z
  .strictObject({
    id: z.string(),
    key_id: z.string().meta({
      description:
        "Who asked: an API key, `user:` and the platform's id of a person at the dashboard, `stripe`, or `system`.",
      examples: ["key_01k9z3v8qhe1w9m4c7d2x5n6tp"],
    }),
    actor_name: z.string().nullable().meta({ description: "The person's name, null for all others." }),
    actor_kind: z.enum(ACTOR_KINDS).nullable().meta({ description: UNKNOWN }),
    session_id: z.string().nullable().meta({ description: "The dashboard session of a person." }),
    action: z.string().meta({ examples: ["adjustment.post"] }),
    organization_id: z.string().nullable().meta({
      description: "Whom it is about, null when it is about no single organization.",
    }),
    detail: z.record(z.string(), z.unknown()),
    address: z
      .string()
      .nullable()
      .meta({ description: "The client's IP address.", examples: ["2001:db8::7"] }),
    country: z
      .string()
      .nullable()
      .meta({ description: "Its country (ISO 3166-1).", examples: ["NL"] }),
    user_agent: z.string().nullable(),
    request_id: z.string().nullable().meta({ description: "The `X-Request-Id` of the request." }),
    outcome: z.enum(AUDIT_OUTCOMES).nullable().meta({
      description:
        "`done`: written down together with the change. `refused`: nothing was changed; of each actor only the first refusals of an hour are kept. Null: written down before it was carried out, so that it says only what was asked for.",
    }),
    code: z.string().nullable().meta({ description: "Why it was refused." }),
    created_at: instant("When it was asked for"),
  })
  .meta({ id: "AuditRow" });

/** What was asked for, the newest first. */
export const auditPageSchema = z
  .strictObject({
    changes: z.array(auditRowSchema),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "AuditPage" });

/** Which part of an organization's audit is asked for. */
export const auditQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 500, default: 100, description: "Rows in a page." }),
  cursor: z.string().regex(idPattern("aud"), "Must be the next_cursor of an earlier page.").optional(),
});

/** Which part of the audit of all organizations is asked for. */
export const wholeAuditQuery = auditQuery.extend({
  organization_id: organizationId.optional(),
  actor_id: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({
      description: "As `key_id` of a row. Not together with `organization_id`.",
      examples: ["key_01k9z3v8qhe1w9m4c7d2x5n6tp"],
    }),
});
