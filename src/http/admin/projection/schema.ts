import { z } from "zod";
import { instant } from "../../schema/amounts";
import { organizationId } from "../../schema/names";

const count = z.int().min(0);

/** How far a rebuild has come. */
export const rebuildStatus = z.enum(["under_way", "finished"]);

const written = (what: string) =>
  z.strictObject({
    inserted: count.meta({ description: `${what} that lists had lost.` }),
    replaced: count.meta({ description: `${what} that lists had otherwise, such as before a correction.` }),
  });

/** What a rebuild has put right, and what it has found that the ledger does not know. */
export const restored = {
  calls: written("Calls"),
  entries: written("Entries that are not a call's"),
  hours: z.strictObject({
    rewritten: count.meta({ description: "Hours whose sums were not what their calls come to." }),
  }),
  unknown_calls: z
    .strictObject({
      count,
      call_ids: z.array(z.string()).max(20).meta({ description: "The first of them." }),
    })
    .meta({
      description:
        "Calls in lists that the ledger does not know, or knows in an earlier version, though they cannot have left it. Nothing is removed: look at them.",
    }),
  unknown_entries: z
    .strictObject({
      count,
      entry_ids: z.array(z.string()).max(20).meta({ description: "The first of them, as `epoch:seq`." }),
    })
    .meta({ description: "The same of entries." }),
};

/** The copy of a ledger that lists and sums are read from: how it is compared, and made anew. */
export const projectionSchema = z
  .strictObject({
    rebuild: z
      .strictObject({
        status: rebuildStatus,
        reason: z.enum(["asked", "difference"]).meta({
          description: "`difference`: a nightly comparison has found one.",
        }),
        report_id: z.string().nullable().meta({ description: "The report of that comparison." }),
        started_at: instant("When it began"),
        finished_at: instant("When it ended").nullable(),
        stage: z
          .enum([
            "report",
            "organization",
            "entries",
            "calls",
            "unknown_entries",
            "unknown_calls",
            "hours",
            "end",
          ])
          .meta({ description: "What it is at, in this order." }),
        entries_read: count.meta({ description: "Entries of the ledger that were looked at." }),
        calls_read: count.meta({ description: "Calls of the ledger that were looked at." }),
        external_id_taken_by: organizationId.nullable().meta({
          description: "Another organization that has its `external_id` meanwhile: give one of them another.",
        }),
        ...restored,
      })
      .nullable()
      .meta({ description: "The rebuild that is under way, or the last one; null: there was none." }),
    check: z
      .strictObject({
        status: rebuildStatus,
        started_at: instant("When it was begun"),
        finished_at: instant("When it ended").nullable(),
        first_difference: z.string().nullable(),
        differing_hours: count,
      })
      .nullable()
      .meta({ description: "The comparison that is under way, or the last one." }),
    kept_from_seq: z.int().min(1).meta({
      description:
        "The first entry that can be made anew. Above 1, those before it have left the ledger: their rows stay as they are.",
    }),
    kept_after: instant(
      "Calls that began after this can all be made anew; null: all can. Of earlier ones, some have left the ledger: their rows, and the sums of those hours, stay as they are",
    ).nullable(),
  })
  .meta({ id: "Projection" });
