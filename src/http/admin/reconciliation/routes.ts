import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { reconcileNow } from "../../../admin/reconcile";
import { adopt, findAdoptable } from "../../../purchases/adopt";
import { openDatabase } from "../../../storage/database";
import { lastReconciliation } from "../../../storage/purchases/reconciliations";
import { actorOf } from "../../authenticate";
import type { AppEnv } from "../../context";
import { ADMIN_ERRORS, ApiError, BODY_ERRORS, errorResponses } from "../../errors";
import { json } from "../../openapi";
import { purchaseBody } from "../../purchases/present";
import { unwrap } from "../../refusals";
import { REPEATABLE, REPEATABLE_SAID, repeatableRequest } from "../../repeatable";
import { validJson } from "../../validate";
import { about } from "../context";
import { reportBody } from "./present";
import { adoptedSchema, adoption, reportSchema } from "./schema";

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
      ...about("runReconciliation", "Compare payments, purchases and ledgers now"),
      description: `As it happens each night: what can be put right is, and every difference is in the report. ${REPEATABLE_SAID}`,
      parameters: REPEATABLE,
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
      const request = await repeatableRequest(c);
      const { report } = unwrap(await reconcileNow(c.env, actorOf(c), request));
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
      const found = unwrap(await findAdoptable(c.env, object_id));
      const purchase = await adopt(c.env, actorOf(c), found, { object_id, reason });
      return c.json({ object_id, purchase: purchase && purchaseBody(purchase) });
    },
  );
