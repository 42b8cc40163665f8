import { Hono } from "hono";
import { accepts } from "hono/accepts";
import { describeRoute } from "hono-openapi";
import { viewOfRow } from "../../calls/call-view";
import { callsCsv } from "../../calls/usage/csv";
import { readList } from "../../calls/usage/list-reads";
import { readPage } from "../../calls/usage/page";
import { rangeOf, surveyCalls } from "../../calls/usage/survey";
import { noUsage } from "../../calls/usage/usage";
import type { CallFilter } from "../../storage/calls/filter";
import { openDatabase } from "../../storage/database";
import { ledgerOf, organizationKey, readerOf } from "../authenticate";
import { callPlace, packPlace } from "../calls/cursor";
import { callBody } from "../calls/present";
import { type AppContext, type AppEnv, unwrapAuthenticated } from "../context";
import { readCursor, refuseTwoStarts, writeCursor } from "../cursor";
import { dateRange } from "../date-range";
import { header } from "../document/headers";
import { errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { validQuery } from "../validate";
import { summaryBody } from "./present";
import { type UsageQuery, usageFileQuery, usageQuery, usageSchema } from "./schema";

/** Charged calls and what they come to. Rejected calls and calls that never were answered stand in /calls only. */
export const usage = new Hono<AppEnv>()
  .get(
    "/usage",
    describeRoute({
      operationId: "listUsage",
      tags: ["Account"],
      summary: "Charged calls and what they cost",
      description:
        "The newest first, by the time they began. The summary covers the whole range, not the page. Follow `next_cursor` to its end to get every call once; where charged calls stand far apart a page is shorter than `limit`. Pages by `offset` drift while calls come in: some come twice and others never. `logs` is the same array as `usage`. Asked for as `text/csv` (Accept, or `format=csv`) it answers what `GET /usage.csv` does.",
      security: [{ organizationKey: [] }],
      responses: {
        200: json(usageSchema, "Usage in the range."),
        ...errorResponses(...ORGANIZATION_KEY_ERRORS, "records_unavailable"),
      },
    }),
    organizationKey("read"),
    validQuery(usageQuery),
    async (c) => {
      const asked = c.req.valid("query");
      const filter = { ...dateRange(asked), charged: true };
      refuseTwoStarts(c);
      const ledger = await ledgerOf(c);
      unwrapAuthenticated(c, await ledger.ask(async (object) => object.admit(c.var.caller)));
      c.header("Vary", "Accept");
      return wantsCsv(c, asked.format) ? answerCsv(c, filter) : answerJson(c, filter, asked);
    },
  )
  .get(
    "/usage.csv",
    describeRoute({
      operationId: "getUsageCsv",
      tags: ["Account"],
      summary: "Charged calls as a file",
      description:
        "All of the range, the newest first: RFC 4180 in UTF-8 with a line of headings, which are the names of the fields in `GET /usage`. No cell can be taken for a formula.",
      security: [{ organizationKey: [] }],
      responses: {
        200: {
          description: "The file.",
          headers: { "Content-Disposition": header("ContentDisposition") },
          content: { "text/csv": { schema: { type: "string" } } },
        },
        ...errorResponses(...ORGANIZATION_KEY_ERRORS, "records_unavailable"),
      },
    }),
    organizationKey("read"),
    validQuery(usageFileQuery),
    async (c) => {
      const filter = { ...dateRange(c.req.valid("query")), charged: true };
      const ledger = await ledgerOf(c);
      unwrapAuthenticated(c, await ledger.ask(async (object) => object.admit(c.var.caller)));
      return answerCsv(c, filter);
    },
  );

function wantsCsv(c: AppContext, format: "json" | "csv" | undefined): boolean {
  if (format) return format === "csv";
  const supports = ["application/json", "text/csv"];
  return accepts(c, { header: "Accept", supports, default: "application/json" }) === "text/csv";
}

async function answerJson(c: AppContext, filter: CallFilter, asked: UsageQuery) {
  const { limit, offset } = asked;
  const { from_ms, until_ms } = rangeOf(filter);
  const { organization_id } = c.var;
  const after = await readCursor(c, callPlace);
  const db = openDatabase(c.env);
  const { summary, rows, next } = await readList(organization_id, async () => {
    const survey = await surveyCalls(db, organization_id, filter, [from_ms, until_ms]);
    const page = await readPage(db, organization_id, survey, { after, offset, limit });
    return { summary: survey.parts[0] ?? noUsage(), ...page };
  });
  const usage = rows.map(viewOfRow).map(callBody);
  return c.json({
    usage,
    logs: usage,
    pagination: { total: summary.calls, limit, offset },
    next_cursor: next && (await writeCursor(c, packPlace(next))),
    summary: summaryBody(summary),
  });
}

async function answerCsv(c: AppContext, filter: CallFilter) {
  const body = await callsCsv(c.env, readerOf(c), c.var.organization_id, filter);
  c.header("Content-Type", "text/csv; charset=utf-8; header=present");
  c.header("Content-Disposition", 'attachment; filename="usage.csv"');
  return c.body(body);
}
