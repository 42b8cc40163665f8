import { liveStatus } from "../../calls/call-status";
import { viewOfLive, viewOfRow } from "../../calls/call-view";
import { readList } from "../../calls/usage/list-reads";
import { type PageStart, readPage } from "../../calls/usage/page";
import { rangeOf, surveyCalls } from "../../calls/usage/survey";
import type { LiveCall } from "../../ledger/core/calls/call";
import { type CallRow, countLegs, listCalls, type Place } from "../../storage/calls/calls";
import type { CallFilter } from "../../storage/calls/filter";
import { type Database, openDatabase } from "../../storage/database";
import { ledgerOf } from "../authenticate";
import { type AppContext, unwrapAuthenticated } from "../context";
import { refuseTwoStarts } from "../cursor";
import { dateRange } from "../date-range";
import {
  byPlace,
  type CallsCursor,
  placeOfLive,
  readCallsCursor,
  wasShown,
  withShown,
  writeCallsCursor,
} from "./cursor";
import { callBody } from "./present";
import type { ListQuery } from "./schema";

type Range = ReturnType<typeof dateRange>;

/** Live and past calls, a page of them. */
export async function answerCalls(c: AppContext, query: ListQuery) {
  const range = dateRange(query);
  refuseTwoStarts({ cursor: query.cursor, offset: c.req.query("offset") });
  const cursor = readCallsCursor(query.cursor);
  const ledger = await ledgerOf(c);
  const answer = unwrapAuthenticated(c, await ledger.ask(async (object) => object.calls(c.var.caller)));
  const live = answer.live
    .filter((call) => isWanted(call, query, range))
    .sort((one, other) => byPlace(placeOfLive(one), placeOfLive(other)));
  const { limit, offset } = query;
  const left = cursor.part === "live" ? live.filter((call) => isAfter(cursor.after, call)) : [];
  const shown = left.slice(offset, offset + limit);
  const more_live = left.length > offset + limit;
  const last = shown.at(-1);
  // Who asks for calls that are over is shown no live ones; an object of the release before does not say what it has written.
  const written = query.status === undefined && cursor.part === "live" ? answer.written : undefined;
  const seen = written
    ? withShown(cursor.shown, more_live && last ? placeOfLive(last) : null, written)
    : cursor.shown;
  const live_ids = new Set(live.map(({ call_id }) => call_id));
  const past = await pastCalls(c, query, range, {
    after: cursor.part === "past" ? cursor.after : null,
    offset: Math.max(0, offset - left.length),
    limit: limit - shown.length,
    // A call that ended between the two readings would stand in both.
    isLeftOut: (row) => live_ids.has(row.call_id) || wasShown(row, seen),
  });
  const next: CallsCursor | null = more_live
    ? { part: "live", after: last ? placeOfLive(last) : cursor.after, shown: seen }
    : past.has_more
      ? { part: "past", after: past.next, shown: seen }
      : null;
  return c.json({
    calls: [...shown.map(viewOfLive), ...past.rows.map(viewOfRow)].map(callBody),
    pagination: { total: live.length + past.total, limit, offset },
    next_cursor: next && writeCallsCursor(next),
  });
}

function isAfter(place: Place | null, call: LiveCall): boolean {
  return place === null || byPlace(place, placeOfLive(call)) < 0;
}

interface PastCalls {
  rows: CallRow[];
  total: number;
  next: Place | null;
  has_more: boolean;
}

async function pastCalls(
  c: AppContext,
  { status, direction, parent_call_id }: ListQuery,
  range: Range,
  page: PageStart,
): Promise<PastCalls> {
  if (status === "connecting" || status === "in-progress")
    return { rows: [], total: 0, next: null, has_more: false };
  const filter: CallFilter = { ...range, direction, ending: status };
  const db = openDatabase(c.env);
  const { organization_id } = c.var;
  return readList(organization_id, () =>
    parent_call_id === undefined
      ? readPast(db, organization_id, filter, page)
      : readLegs(db, organization_id, { ...filter, parent_call_id }, page),
  );
}

async function readPast(
  db: Database,
  organization_id: string,
  filter: CallFilter,
  page: PageStart,
): Promise<PastCalls> {
  const { from_ms, until_ms } = rangeOf(filter);
  const survey = await surveyCalls(db, organization_id, filter, [from_ms, until_ms]);
  const total = survey.parts[0]?.calls ?? 0;
  if (page.limit === 0) return { rows: [], total, next: null, has_more: total > 0 };
  const { rows, next } = await readPage(db, organization_id, survey, page);
  return { rows, total, next, has_more: next !== null };
}

async function readLegs(
  db: Database,
  organization_id: string,
  filter: CallFilter & { parent_call_id: string },
  { after, offset, limit, isLeftOut = () => false }: PageStart,
): Promise<PastCalls> {
  const total = await countLegs(db, organization_id, filter);
  if (limit === 0) return { rows: [], total, next: null, has_more: total > 0 };
  const found = await listCalls(db, organization_id, filter, { after, limit: limit + 1, offset });
  const rows = found.slice(0, limit);
  const has_more = found.length > limit;
  return {
    rows: rows.filter((row) => !isLeftOut(row)),
    total,
    next: has_more ? (rows.at(-1) ?? null) : null,
    has_more,
  };
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
