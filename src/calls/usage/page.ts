import { type CallRow, listCalls, listCallsIn, type Place } from "../../storage/calls/calls";
import { REQUEST_ROWS, ReadTooLarge } from "../../storage/calls/read-bounds";
import type { Database } from "../../storage/database";
import { Spans } from "./spans";
import type { Span, Survey } from "./survey";

/** Calls of a page, the newest first. */
export interface CallPage {
  rows: CallRow[];
  /** After which call the next page begins, null when there is none. */
  next: Place | null;
}

/** Which page: after a call, or after so many. */
export interface PageStart {
  after: Place | null;
  offset: number;
  limit: number;
  /** Calls that are left out, and come in no page. */
  isLeftOut?: (row: CallRow) => boolean;
}

/**
 * Reads a page of what a survey has found, and nothing where that has found nothing. Where calls that are meant stand far
 * apart, the page ends early, and the next one goes on from there.
 */
export async function readPage(
  db: Database,
  organization_id: string,
  survey: Survey,
  { after, offset, limit, isLeftOut = () => false }: PageStart,
): Promise<CallPage> {
  const rows: CallRow[] = [];
  const spans = new Spans(db, organization_id, survey);
  let skip = await spans.skip(offset);
  if (skip > REQUEST_ROWS) throw new ReadTooLarge("offset", TOO_DEEP);
  for (let [place, read] = [after, 0]; ; ) {
    const batch = await spans.take(place, limit + 1 - rows.length + skip);
    const oldest = batch.at(-1);
    if (oldest === undefined) return { rows, next: null };
    const asked = limit + 1 - rows.length;
    const found = await readSpans(db, organization_id, survey, {
      spans: batch,
      after: place,
      limit: asked,
      offset: skip,
    });
    rows.push(...found.filter((row) => !isLeftOut(row)));
    if (rows.length > limit) return { rows: rows.slice(0, limit), next: placeOf(rows[limit - 1]) };
    skip = 0;
    read += batch.reduce((sum, span) => sum + span.rows, 0);
    // The earliest instant of what was looked into, before any id; or the last call, where there may be more beside it.
    place = found.length === asked ? placeOf(found.at(-1)) : { started_at_ms: oldest.from_ms, call_id: "" };
    if (read >= REQUEST_ROWS) return { rows, next: place };
  }
}

const TOO_DEEP =
  "This page lies too deep in one quarter hour to be counted to: go on with the cursor of the page before.";

function placeOf(row: CallRow | undefined): Place | null {
  return row ? { started_at_ms: row.started_at_ms, call_id: row.call_id } : null;
}

type Part = { after: Place | null; limit: number; offset: number };

/** The calls that are meant in these times, for as much as one query may read. */
function readSpans(
  db: Database,
  organization_id: string,
  { filter }: Survey,
  { spans, ...part }: Part & { spans: readonly Span[] },
): Promise<CallRow[]> {
  const [span] = spans;
  // One time is read in the order of the index, and no further than the page goes.
  if (span && spans.length === 1)
    return listCalls(
      db,
      organization_id,
      { ...filter, from_ms: span.from_ms, until_ms: span.until_ms },
      part,
    );
  const pieces = spans.map(({ from_ms, until_ms }) => [from_ms, until_ms - 1] as const);
  return listCallsIn(db, organization_id, filter, { pieces, ...part });
}
