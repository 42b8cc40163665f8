import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { liveStatus } from "../../calls/call-status";
import { viewOfKnown, viewOfLive, viewOfRow } from "../../calls/call-view";
import type { LiveCall } from "../../ledger/core/calls/call";
import { type CallFilter, countCalls, findCall, listCalls } from "../../storage/calls/calls";
import { openDatabase } from "../../storage/database";
import { ledgerOf, organizationKey } from "../authenticate";
import { type AppContext, type AppEnv, unwrapAuthenticated } from "../context";
import { dateRange } from "../date-range";
import { ApiError, errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { validParam, validQuery } from "../validate";
import { callBody } from "./present";
import { callPageSchema, callPath, callSchema, type ListQuery, listQuery } from "./schema";

const common = { tags: ["Calls"], security: [{ organizationKey: [] }] };

/** An organization's calls, live and past. */
export const calls = new Hono<AppEnv>()
  .get(
    "/calls",
    describeRoute({
      ...common,
      operationId: "listCalls",
      summary: "Live and past calls",
      description:
        "Live calls first, then the others, each the newest first. Refused calls are calls too: `rejected`.",
      responses: {
        200: json(callPageSchema, "A page of calls."),
        ...errorResponses(...ORGANIZATION_KEY_ERRORS, "records_unavailable"),
      },
    }),
    organizationKey("read"),
    validQuery(listQuery),
    (c) => answerCalls(c, c.req.valid("query")),
  )
  .get(
    "/calls/:call_id",
    describeRoute({
      ...common,
      operationId: "getCall",
      summary: "One call",
      description:
        "Read from the ledger itself; when it is no longer kept there, from the records. The id is percent-encoded in the path.",
      responses: {
        200: json(callSchema, "The call."),
        ...errorResponses("not_found", ...ORGANIZATION_KEY_ERRORS, "records_unavailable"),
      },
    }),
    organizationKey("read"),
    validParam(callPath),
    async (c) => {
      const { call_id } = c.req.valid("param");
      const ledger = await ledgerOf(c);
      const answer = unwrapAuthenticated(
        c,
        await ledger.ask(async (object) => object.call(c.var.caller, call_id)),
      );
      const { known, some_left } = answer;
      if (known.state !== "unknown") return c.json(callBody(viewOfKnown(known)));
      const row = some_left ? await findCall(openDatabase(c.env), c.var.organization_id, call_id) : undefined;
      if (!row) throw new ApiError("not_found", "There is no such call.", "call_id");
      return c.json(callBody(viewOfRow(row)));
    },
  );

async function answerCalls(c: AppContext, query: ListQuery) {
  const range = dateRange(query);
  const ledger = await ledgerOf(c);
  const answer = unwrapAuthenticated(c, await ledger.ask(async (object) => object.calls(c.var.caller)));
  const live = answer.live.filter((call) => isWanted(call, query, range));
  const { limit, offset } = query;
  const shown = live.slice(offset, offset + limit);
  const finished = await finishedCalls(c, query, range, {
    limit: limit - shown.length,
    offset: Math.max(0, offset - live.length),
  });
  // A call that ended between the two readings would stand in both.
  const live_ids = new Set(live.map(({ call_id }) => call_id));
  const past = finished.rows.filter(({ call_id }) => !live_ids.has(call_id));
  return c.json({
    calls: [...shown.map(viewOfLive), ...past.map(viewOfRow)].map(callBody),
    pagination: { total: live.length + finished.total, limit, offset },
  });
}

type Range = ReturnType<typeof dateRange>;

async function finishedCalls(
  c: AppContext,
  { status, direction, parent_call_id }: ListQuery,
  range: Range,
  page: { limit: number; offset: number },
) {
  if (status === "connecting" || status === "in-progress") return { rows: [], total: 0 };
  const filter: CallFilter = { ...range, direction, ending: status, parent_call_id };
  const db = openDatabase(c.env);
  const [rows, total] = await Promise.all([
    page.limit === 0 ? [] : listCalls(db, c.var.organization_id, filter, page),
    countCalls(db, c.var.organization_id, filter),
  ]);
  return { rows, total };
}

function isWanted(
  call: LiveCall,
  { status, direction, parent_call_id }: ListQuery,
  { from_ms, until_ms }: Range,
): boolean {
  return (
    (parent_call_id === undefined || parent_call_id === call.parent_call_id) &&
    (status === undefined || status === liveStatus(call)) &&
    (direction === undefined || direction === call.direction) &&
    (from_ms === undefined || call.authorized_at_ms >= from_ms) &&
    (until_ms === undefined || call.authorized_at_ms < until_ms)
  );
}
