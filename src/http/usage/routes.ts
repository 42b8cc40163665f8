import { Hono } from "hono";
import { accepts } from "hono/accepts";
import { describeRoute, resolver } from "hono-openapi";
import { viewOfRow } from "../../calls/call-view";
import { usageColumns } from "../../calls/usage-csv";
import {
  type CallFilter,
  countCalls,
  listCalls,
  listCallsAfter,
  summarizeCalls,
} from "../../storage/calls/calls";
import { openDatabase } from "../../storage/database";
import { csvOf } from "../../units/csv";
import { ledgerOf, organizationKey } from "../authenticate";
import { callBody } from "../calls/present";
import { type AppContext, type AppEnv, unwrapAuthenticated } from "../context";
import { dateRange } from "../date-range";
import { errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { validQuery } from "../validate";
import { summaryBody } from "./present";
import { usageQuery, usageSchema } from "./schema";

/** Charged calls and what they come to. Rejected calls and calls that never were answered stand in /calls only. */
export const usage = new Hono<AppEnv>().get(
  "/usage",
  describeRoute({
    operationId: "listUsage",
    tags: ["Account"],
    summary: "Charged calls and what they cost",
    description:
      "The newest first, by the time they began. The summary covers the whole range, not the page. `logs` is the same array as `usage`. Ask for `text/csv` (Accept, or `format=csv`) to get the whole range as a file.",
    security: [{ organizationKey: [] }],
    responses: {
      200: {
        description: "Usage in the range.",
        content: {
          "application/json": { schema: resolver(usageSchema) },
          "text/csv": { schema: { type: "string" } },
        },
      },
      ...errorResponses(...ORGANIZATION_KEY_ERRORS, "records_unavailable"),
    },
  }),
  organizationKey("read"),
  validQuery(usageQuery),
  async (c) => {
    const asked = c.req.valid("query");
    const filter = { ...dateRange(asked), charged: true };
    const ledger = await ledgerOf(c);
    unwrapAuthenticated(c, await ledger.ask(async (object) => object.admit(c.var.caller)));
    c.header("Vary", "Accept");
    return wantsCsv(c, asked.format) ? answerCsv(c, filter) : answerJson(c, filter, asked);
  },
);

function wantsCsv(c: AppContext, format: "json" | "csv" | undefined): boolean {
  if (format) return format === "csv";
  const supports = ["application/json", "text/csv"];
  return accepts(c, { header: "Accept", supports, default: "application/json" }) === "text/csv";
}

async function answerJson(c: AppContext, filter: CallFilter, page: { limit: number; offset: number }) {
  const db = openDatabase(c.env);
  const { organization_id } = c.var;
  const { limit, offset } = page;
  const [rows, total, summary] = await Promise.all([
    listCalls(db, organization_id, filter, page),
    countCalls(db, organization_id, filter),
    summarizeCalls(db, organization_id, filter),
  ]);
  const usage = rows.map(viewOfRow).map(callBody);
  return c.json({ usage, logs: usage, pagination: { total, limit, offset }, summary: summaryBody(summary) });
}

async function answerCsv(c: AppContext, filter: CallFilter) {
  const db = openDatabase(c.env);
  const { organization_id } = c.var;
  const body = await csvOf(usageColumns, viewOfRow, (after, limit) =>
    listCallsAfter(db, organization_id, filter, { after, limit }),
  );
  c.header("Content-Type", "text/csv; charset=utf-8; header=present");
  c.header("Content-Disposition", 'attachment; filename="usage.csv"');
  return c.body(body);
}
