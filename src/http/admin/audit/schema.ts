import { z } from "zod";
import { ACTOR_KINDS, AUDIT_OUTCOMES } from "../../../units/audit-fact";
import { instant, queryInteger } from "../../schema/amounts";
import { cursorQuery, nextCursor } from "../../schema/cursor";
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
        "`done`: written down together with the change. `refused`: nothing was changed; of each actor only the first refusals of an hour are kept. Null in older rows: written down before it was carried out, so that it says only what was asked for.",
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
    next_cursor: nextCursor,
  })
  .meta({ id: "AuditPage" });

/** Which part of an organization's audit is asked for. */
export const auditQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 500, default: 100, description: "Rows in a page." }),
  cursor: cursorQuery,
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

/** Which part of the audit is to be checked. */
export const auditVerifyQuery = z.strictObject({ cursor: cursorQuery });

/** Where a check of the audit goes on. */
export const auditPlace = z.object({
  seq: z.int().min(1),
  digest: z.string().max(64).nullable(),
  latest_ms: z.int().min(0),
});

/** What a check of a part of the audit has found. */
export const auditVerificationSchema = z
  .strictObject({
    ok: z.boolean().meta({ description: "Whether this part is as it was sealed." }),
    first_difference: z
      .string()
      .optional()
      .meta({ examples: ["row aud_01k9z3v8qhe1w9m4c7d2x5n6tp: it was changed after seal 12 was made"] }),
    seals: z.int().min(0).meta({ description: "Seals that were checked." }),
    rows: z.int().min(0).meta({ description: "Rows that were checked." }),
    sealed_from: instant("When the first of these seals was made").nullable().meta({
      description:
        "When the first of these seals was made: older rows are proven as they stood then. Null without a seal.",
    }),
    sealed_until: instant("When the last of these seals was made").nullable().meta({
      description: "When the last of these seals was made: rows that have come since are not proven yet.",
    }),
    late_rows: z.array(z.string()).max(100).meta({
      description:
        "Rows that came ten minutes or more after rows of a later time: the records were away when they were written, or somebody has put them in.",
    }),
    signed_seal: z
      .strictObject({ seq: z.int().min(1), digest: z.string() })
      .nullable()
      .meta({ description: "The last seal that has left, signed, in `ops.ledger_heads`." }),
    next_cursor: nextCursor,
  })
  .meta({ id: "AuditVerification" });
