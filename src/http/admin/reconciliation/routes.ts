import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { z } from "zod";
import { reconcile } from "../../../admin/reconcile";
import { type AdoptRefusal, adopt, findAdoptable } from "../../../purchases/adopt";
import { openDatabase } from "../../../storage/database";
import { lastReconciliation, type ReconciliationRow } from "../../../storage/reconciliations";
import { isoTime } from "../../../units/duration";
import type { AppEnv } from "../../context";
import { ADMIN_ERRORS, ApiError, BODY_ERRORS, errorResponses } from "../../errors";
import { json } from "../../openapi";
import { purchaseBody } from "../../purchases/present";
import { purchaseSchema } from "../../purchases/schema";
import { instant } from "../../schema/amounts";
import { validJson } from "../../validate";
import { about, audit } from "../context";

const differenceSchema = z.strictObject({
  kind: z.string().meta({ examples: ["paid_not_credited"] }),
  id: z
    .string()
    .meta({ description: "The purchase, refund, dispute, object of Stripe or key that it is about." }),
  organization_id: z.string().nullable(),
  detail: z.string(),
});

const reportSchema = z
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

const adoption = z.strictObject({
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
});

const adoptedSchema = z
  .strictObject({
    object_id: z.string(),
    purchase: purchaseSchema.nullable().meta({ description: "Null: it is a card, and of no purchase." }),
  })
  .meta({ id: "Adopted" });

/** Whether the payment provider, our records and the ledgers agree. */
export const adminReconciliation = new Hono<AppEnv>()
  .get(
    "/reconciliation",
    describeRoute({
      ...about("getReconciliation", "The last comparison of payments, purchases and ledgers"),
      description: "Made every night over the last 35 days.",
      responses: { ...errorResponses(...ADMIN_ERRORS, "not_found"), 200: json(reportSchema, "The report.") },
    }),
    async (c) => {
      const report = await lastReconciliation(openDatabase(c.env));
      if (!report) throw new ApiError("not_found", "Nothing was compared yet: POST here to do it now.");
      return c.json(reportBody(report));
    },
  )
  .post(
    "/reconciliation",
    describeRoute({
      ...about("reconcile", "Compare payments, purchases and ledgers now"),
      responses: {
        ...errorResponses(
          ...ADMIN_ERRORS,
          "purchases_unavailable",
          "payments_unavailable",
          "ledger_unavailable",
        ),
        201: json(reportSchema, "The report."),
      },
    }),
    async (c) => {
      await audit(c, "reconciliation.run", null);
      const report = await reconcile(c.env);
      if (!report) throw new ApiError("purchases_unavailable");
      return c.json(reportBody(report), 201);
    },
  )
  .post(
    "/reconciliation/adopt",
    describeRoute({
      ...about("adoptStripeObject", "Make known an object of ours at Stripe that was lost here"),
      description:
        "For the differences `paid_unknown`, `refund_unknown`, `dispute_unknown` and `card_page_unknown`, and for `ops.stripe_object_unknown`. The purchase is written down as Stripe has it, its payment is checked as any other, and its credit posted under its own key, then what went back of it. A repeat changes nothing.",
      responses: {
        ...errorResponses(
          ...ADMIN_ERRORS,
          ...BODY_ERRORS,
          "not_found",
          "unprocessable",
          "purchases_unavailable",
          "payments_unavailable",
          "ledger_unavailable",
        ),
        200: json(adoptedSchema, "It is known now."),
      },
    }),
    validJson(adoption),
    async (c) => {
      const { object_id, reason } = c.req.valid("json");
      const found = await findAdoptable(c.env, object_id);
      if (found.outcome === "refused") throw adoptError(found.code);
      await audit(c, "reconciliation.adopt", found.organization_id, { object_id, reason });
      const purchase = await adopt(c.env, found);
      return c.json({ object_id, purchase: purchase && purchaseBody(purchase) });
    },
  );

function adoptError(code: AdoptRefusal["code"]): ApiError {
  switch (code) {
    case "not_found":
      return new ApiError(
        code,
        "Stripe has no payment, refund, dispute or card page with this id.",
        "object_id",
      );
    case "not_ours":
      return new ApiError("unprocessable", "It is not this deployment's.", "object_id");
    case "no_such_organization":
      return new ApiError("unprocessable", "The organization that it names is not known.", "object_id");
    case "purchases_unavailable":
      return new ApiError(code);
  }
}

function reportBody({ started_at_ms, finished_at_ms, from_ms, until_ms, ...report }: ReconciliationRow) {
  return {
    id: report.id,
    ok: report.counts.differences === 0,
    started_at: isoTime(started_at_ms),
    finished_at: isoTime(finished_at_ms),
    from: isoTime(from_ms),
    until: isoTime(until_ms),
    counts: report.counts,
    differences: report.differences as z.input<typeof differenceSchema>[],
  };
}
