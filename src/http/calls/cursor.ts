import { z } from "zod";
import type { LiveCall } from "../../ledger/core/calls/call";
import type { WrittenUpTo } from "../../ledger/object/commands/calls";
import type { CallRow, Place } from "../../storage/calls/calls";
import type { AppContext } from "../context";
import { readCursor, timedPlace, writeCursor } from "../cursor";

/** Beyond so many pages of live calls some that end meanwhile may come twice. */
const MOST_SHOWN = 32;

/** A call in a list, as a cursor names it; without an id, all calls of that instant come after it. */
export const callPlace = timedPlace.transform(([started_at_ms, call_id]) => ({ started_at_ms, call_id }));

/** The same the other way round. */
export function packPlace({ started_at_ms, call_id }: Place): z.input<typeof callPlace> {
  return [started_at_ms, call_id];
}

const place = callPlace.nullable();
const seq = z.int().min(0);

/** What was shown of live calls: those down to a place, as they were when so much was written. */
const shownSchema = z.tuple([place, seq, seq, seq]).transform(([down_to, epoch, entry_seq, notice_seq]) => ({
  down_to,
  written: { epoch, entry_seq, notice_seq },
}));

const cursorSchema = z
  .tuple([z.enum(["live", "past"]), place, z.array(shownSchema).max(MOST_SHOWN)])
  .transform(([part, after, shown]) => ({ part, after, shown }));

/**
 * Where a list of calls goes on. Live calls come first, and one that ends between two pages moves behind them, to where it
 * began: `shown` tells whether it was live when its turn among the live ones came.
 */
export type CallsCursor = z.output<typeof cursorSchema>;

const FIRST_PAGE: CallsCursor = { part: "live", after: null, shown: [] };

/** As an earlier page has told it. */
export async function readCallsCursor(c: AppContext): Promise<CallsCursor> {
  return (await readCursor(c, cursorSchema)) ?? FIRST_PAGE;
}

/** As text for the next page. */
export function writeCallsCursor(c: AppContext, { part, after, shown }: CallsCursor): Promise<string> {
  const packed = (at: Place | null) => at && packPlace(at);
  const of_shown = shown.map(({ down_to, written: { epoch, entry_seq, notice_seq } }) => [
    packed(down_to),
    epoch,
    entry_seq,
    notice_seq,
  ]);
  return writeCursor(c, [part, packed(after), of_shown]);
}

/** Where a live call stands in lists: where it will stand when it has ended. */
export function placeOfLive({ authorized_at_ms, call_id }: LiveCall): Place {
  return { started_at_ms: authorized_at_ms, call_id };
}

/** Sorts the newest first; those of the same instant by their id, backwards. */
function byPlace(one: Place, other: Place): number {
  if (one.started_at_ms !== other.started_at_ms) return other.started_at_ms - one.started_at_ms;
  if (one.call_id === other.call_id) return 0;
  return one.call_id < other.call_id ? 1 : -1;
}

/** Live calls down to a place were shown, too, when so much was written. */
export function withShown(
  shown: CallsCursor["shown"],
  down_to: Place | null,
  written: WrittenUpTo,
): CallsCursor["shown"] {
  const last = shown.at(-1);
  const is_same =
    last && written.entry_seq === last.written.entry_seq && written.notice_seq === last.written.notice_seq;
  const before = is_same || shown.length === MOST_SHOWN ? shown.slice(0, -1) : shown;
  return [...before, { down_to, written }];
}

/** Whether a call that is over was live when its turn among the live ones came, and was shown then. */
export function wasShown(row: CallRow, shown: CallsCursor["shown"]): boolean {
  const at = shown.find(({ down_to }) => down_to === null || byPlace(placeOf(row), down_to) <= 0);
  if (!at || at.written.epoch !== row.epoch) return false;
  const { first_entry_seq, first_notice_seq } = row;
  // Of calls from before notices were kept it is not known, and they ended long ago.
  if (first_entry_seq === null && first_notice_seq === null) return false;
  const was_over =
    (first_entry_seq !== null && first_entry_seq <= at.written.entry_seq) ||
    (first_notice_seq !== null && first_notice_seq <= at.written.notice_seq);
  return !was_over;
}

function placeOf({ started_at_ms, call_id }: CallRow): Place {
  return { started_at_ms, call_id };
}
