import { z } from "zod";
import { purchaseSchema } from "../../purchases/schema";
import { instant } from "../../schema/amounts";

/** One thing about which Stripe, our records and the ledgers do not agree. */
export const differenceSchema = z.strictObject({
  kind: z.string().meta({ examples: ["paid_not_credited"] }),
  id: z
    .string()
    .meta({ description: "The purchase, refund, dispute, object of Stripe or key that it is about." }),
  organization_id: z.string().nullable(),
  detail: z.string(),
});

/** What a comparison has found. */
export const reportSchema = z
  .strictObject({
    id: z.string(),
    ok: z.boolean().meta({ description: "Whether everything agreed." }),
    started_at: instant("When the comparison began"),
    finished_at: instant("When it ended"),
    from: instant("What was begun from here"),
    until: instant("To here, was compared"),
    counts: z.record(z.string(), z.int()).meta({ description: "How many of each were compared." }),
    differences: z.array(differenceSchema),
  })
  .meta({ id: "Reconciliation" });

/** Which object at Stripe is to be made known, and why. */
export const adoption = z
  .strictObject({
    object_id: z
      .string()
      .regex(
        /^(?:cs|in|pi|re|pyr|du|dp)_\w{1,250}$/,
        "Must be the id of a session, invoice, payment, refund or dispute.",
      )
      .meta({ examples: ["cs_test_a1b2c3"] }),
    reason: z
      .string()
      .min(1)
      .max(200)
      .meta({ examples: ["Lost when the records were restored"] }),
  })
  .meta({
    id: "NewAdoption",
    examples: [{ object_id: "cs_test_a1b2c3", reason: "Lost when the records were restored" }],
  });

/** What was made known. */
export const adoptedSchema = z
  .strictObject({
    object_id: z.string(),
    purchase: purchaseSchema.nullable().meta({ description: "Null: it is a card, and of no purchase." }),
  })
  .meta({ id: "Adopted" });
