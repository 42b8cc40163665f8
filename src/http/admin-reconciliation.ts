import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { z } from "zod";
import { reconcile } from "../billing/reconcile";
import { openDatabase } from "../storage/database";
import { lastReconciliation, type ReconciliationRow } from "../storage/reconciliations";
import { isoTime } from "../units/duration";
import { about, audit } from "./admin-context";
import type { AppEnv } from "./context";
import { ADMIN_ERRORS, ApiError, errorResponses } from "./errors";
import { json } from "./openapi";
import { instant } from "./schemas";

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
  );

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
