import { z } from "zod";
import { idPattern } from "../../../units/id";
import { entrySchema } from "../../ledger/schema";
import { instant, moneyMicros, signedMicros } from "../../schema/amounts";
import { reasonText } from "../../schema/names";
import { organizationPath } from "../organizations/schema";
import { rebuildStatus, restored } from "../projection/schema";

/** Credit that an operator gives or takes, in micro-euros. */
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
  .meta({
    id: "NewAdjustment",
    examples: [{ amount_micros: 5_000_000, kind: "promotion", reason: "Goodwill after incident 42" }],
  });

/** The generation of a ledger that is asked for, or in force. */
export const newEpoch = z
  .strictObject({ epoch: z.int().min(2).max(1_000_000) })
  .meta({ id: "NewEpoch", examples: [{ epoch: 2 }] });

/** The entry of an adjustment. */
export const adjustmentSchema = entrySchema.meta({ id: "Adjustment" });

/** What a check of a ledger has found, in micro-euros. */
export const verificationSchema = z
  .strictObject({
    ok: z.boolean().meta({
      description:
        "Whether the ledger adds up, and where `projection` is stated, whether lists agree with it.",
    }),
    first_difference: z.string().optional(),
    posted_micros: moneyMicros("Sum of all entries"),
    held_micros: moneyMicros("Held for live calls"),
    entries: z.int().min(0).meta({ description: "Entries that were checked, from `proves_from_seq` on." }),
    proves_from_seq: z.int().min(1).meta({
      description:
        "The first entry that was checked one by one. Above 1, those before it are no longer kept: their sum, the checkpoint, was checked against what was added up when they left.",
    }),
    chain_from_seq: z.int().min(1).optional().meta({
      description:
        "The first entry that the chain of digests proves: those before it are from before there was one. Left out when the chain proves all from `proves_from_seq` on.",
    }),
    head: z
      .strictObject({
        epoch: z.int().min(1),
        seq: z.int().min(0),
        day: z.iso.date().meta({ description: "The UTC day on which it left the ledger." }),
      })
      .optional()
      .meta({
        description:
          "The last signed head that has left the ledger, which it was compared with. Left out when none has, or its entry is no longer kept.",
      }),
    released_calls: z
      .array(
        z.strictObject({
          call_id: z.string(),
          entry_seq: z.int().min(1).nullable().meta({ description: "The entry that it posted." }),
          invariant: z.string().meta({ description: "What does not hold of it, such as `entry_added_up`." }),
          detail: z.string(),
          released_at: instant("When an operator released it."),
        }),
      )
      .optional()
      .meta({
        description:
          "Calls whose report an operator had written in spite of an invariant. What differs because of them is no `first_difference`.",
      }),
    stopped_calls: z
      .strictObject({
        count: z.int().min(1),
        call_ids: z.array(z.string()).max(100).meta({ description: "The first hundred of them." }),
      })
      .optional()
      .meta({
        description:
          "Calls whose report an invariant has stopped: `POST …/calls/{call_id}/release` has one written all the same.",
      }),
    projection: z
      .strictObject({
        status: rebuildStatus,
        differing_hours: z.int().min(0).meta({ description: "Hours whose calls differ; 1,000 at most." }),
        ...restored,
      })
      .optional()
      .meta({
        description:
          "Of a nightly comparison of the ledger with its copy in the lists: they differed, and the copy is made anew.",
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

/** A check of an organization's ledger. */
export const reportPath = organizationPath.extend({
  report_id: z.string().regex(idPattern("chk"), "Must be a report_id."),
});
