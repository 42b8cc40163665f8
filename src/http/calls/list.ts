import { viewOfLive, viewOfRow } from "../../calls/call-view";
import { readList } from "../../calls/usage/list-reads";
import { type PageStart, readPage } from "../../calls/usage/page";
import { rangeOf, surveyCalls } from "../../calls/usage/survey";
import { type LiveAsked, type LivePage, livePage } from "../../ledger/core/calls/live-page";
import type { WrittenUpTo } from "../../ledger/object/commands/calls";
import { type CallRow, countLegs, listCalls, type Place } from "../../storage/calls/calls";
import type { CallFilter } from "../../storage/calls/filter";
import { type Database, openDatabase } from "../../storage/database";
import { ledgerOf } from "../authenticate";
import { type AppContext, unwrapAuthenticated } from "../context";
import { refuseTwoStarts } from "../cursor";
import { dateRange } from "../date-range";
import {
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
  refuseTwoStarts(c);
  const cursor = await readCallsCursor(c);
  const { limit, offset } = query;
  const { live, total, left, written } = await liveCalls(c, query, range, cursor);
  const more_live = left > offset + limit;
  const last = live.at(-1);
  const shown = written
    ? withShown(cursor.shown, more_live && last ? placeOfLive(last) : null, written)
    : cursor.shown;
  const past = await pastCalls(c, query, range, {
    after: cursor.part === "past" ? cursor.after : null,
    offset: Math.max(0, offset - left),
    limit: limit - live.length,
    isLeftOut: (row) => wasShown(row, shown),
  });
  const next: CallsCursor | null = more_live
    ? { part: "live", after: last ? placeOfLive(last) : cursor.after, shown }
    : past.has_more
      ? { part: "past", after: past.next, shown }
      : null;
  return c.json({
    calls: [...live.map(viewOfLive), ...past.rows.map(viewOfRow)].map(callBody),
    pagination: { total: total + past.total, limit, offset },
    next_cursor: next && (await writeCallsCursor(c, next)),
  });
}

/** The live calls of the page, and how far the ledger had written then; null where no live call could be shown. */
async function liveCalls(
  c: AppContext,
  { status, direction, parent_call_id, limit, offset }: ListQuery,
  range: Range,
  { part, after }: CallsCursor,
): Promise<LivePage & { written: WrittenUpTo | null }> {
  const is_their_turn = part === "live" && !isOver(status);
  const asked: LiveAsked = {
    ...range,
    order: "newest",
    direction,
    parent_call_id,
    is_answered: status && status === "in-progress",
    after: after && { authorized_at_ms: after.started_at_ms, call_id: after.call_id },
    offset,
    limit: is_their_turn ? limit : 0,
  };
  const ledger = await ledgerOf(c);
  const answer = unwrapAuthenticated(
    c,
    await ledger.ask(async (object) => object.calls(c.var.caller, asked)),
  );
  if (isOver(status)) return { live: [], total: 0, left: 0, written: null };
  // An object of the release before hands out all of them, and does not say what it has written.
  const page = answer.total === undefined ? { ...livePage(answer.live, asked), written: null } : answer;
  return is_their_turn ? page : { ...page, left: 0, written: null };
}

/** Whether calls of this status are resolved. */
function isOver(status: ListQuery["status"]): boolean {
  return status === "ended" || status === "failed" || status === "rejected";
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
