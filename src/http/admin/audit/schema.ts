import { z } from "zod";
import { idPattern } from "../../../units/id";
import { instant, queryInteger } from "../../schema/amounts";

/** What was asked for, the newest first. */
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

/** Which part of the audit is asked for. */
export const auditQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 500, default: 100, description: "Changes in a page." }),
  cursor: z.string().regex(idPattern("aud"), "Must be the next_cursor of an earlier page.").optional(),
});
