import { type CallFilter, callsOfGroup } from "../../storage/calls/filter";
import { QUERY_ROWS, REQUEST_ROWS, ReadTooLarge } from "../../storage/calls/read-bounds";
import { addUpCalls, listDayQuarters, listDays, type Range } from "../../storage/calls/usage-days";
import type { Group, Quarter } from "../../storage/calls/usage-figures";
import type { Database } from "../../storage/database";
import { DAY_MS, QUARTER_MS } from "../../units/duration";
import { numberQuarters } from "./number-quarters";
import { addGroup, noUsage, type Usage } from "./usage";

/** How many other calls a quarter hour is taken to have beside those of a number. */
const OTHERS_OF_A_NUMBER = 500;

/** The latest instant that a `Date` has: no call begins after it. */
const END_OF_TIME_MS = 8.64e15;

/** What a filter finds between instants, each part with what is known of where its calls stand. */
export interface Survey {
  filter: CallFilter & Range;
  /** What the calls between each two instants come to. */
  parts: Usage[];
  /** Parts of the range in which there are calls that the filter means, the latest first. */
  spans: Span[];
}

/** A time in which calls that a filter means began: a whole day, or the part of a quarter hour that has them. */
export interface Span extends Range {
  /** How many of them. */
  meant: number;
  /** How many calls there are to read to find them, about. */
  rows: number;
  is_day: boolean;
}

/** The range that a filter says, without ends where it says none. */
export function rangeOf({ from_ms = 0, until_ms = END_OF_TIME_MS }: CallFilter): Range {
  return { from_ms, until_ms: Math.max(from_ms, until_ms) };
}

/**
 * Adds up what a filter finds between each two of the instants `cuts`, from days and quarter hours; calls are read for what
 * is less than a quarter hour, and for hours of a number that nobody has added up yet.
 */
export async function surveyCalls(
  db: Database,
  organization_id: string,
  filter: CallFilter,
  cuts: readonly number[],
): Promise<Survey> {
  const range = { from_ms: cuts[0] ?? 0, until_ms: cuts.at(-1) ?? 0 };
  const survey: Survey = {
    filter: { ...filter, ...range },
    parts: cuts.slice(1).map(noUsage),
    spans: [],
  };
  if (range.from_ms >= range.until_ms) return survey;
  const quarters =
    filter.number === undefined
      ? await addWholeDays(db, organization_id, cuts, survey)
      : await numberQuarters(db, organization_id, filter.number, range);
  const divided = new Set(floors(cuts, QUARTER_MS));
  for (const [quarter_ms, groups] of Map.groupBy(quarters, ({ quarter_ms }) => quarter_ms)) {
    if (quarter_ms + QUARTER_MS <= range.from_ms || quarter_ms >= range.until_ms) continue;
    if (!divided.has(quarter_ms)) add(survey, cuts, groups);
    else
      for (const piece of piecesOf(quarter_ms, cuts, groups)) {
        const found = await addUpCalls(db, organization_id, { ...filter, ...piece });
        add(survey, cuts, found);
      }
  }
  survey.spans.sort((one, other) => other.from_ms - one.from_ms);
  return survey;
}

/** Where the instants divide a day or a quarter hour: the beginnings of those. */
function floors(cuts: readonly number[], length_ms: number): number[] {
  return cuts.filter((cut_ms) => cut_ms % length_ms !== 0).map((cut_ms) => floor(cut_ms, length_ms));
}

function floor(at_ms: number, length_ms: number): number {
  return Math.floor(at_ms / length_ms) * length_ms;
}

/** The parts of a quarter hour that instants divide, as far as they lie between the first and the last, for one query each. */
function piecesOf(quarter_ms: number, cuts: readonly number[], groups: readonly Group[]): Range[] {
  const rows = groups.reduce((sum, { calls }) => sum + calls, 0);
  if (rows > REQUEST_ROWS) throw new ReadTooLarge("start_date", TOO_DENSE);
  const [first_ms = 0, last_ms = 0] = [cuts[0], cuts.at(-1)];
  const ends = [quarter_ms, ...cuts, quarter_ms + QUARTER_MS]
    .map((at_ms) => Math.min(Math.max(at_ms, quarter_ms, first_ms), quarter_ms + QUARTER_MS, last_ms))
    .sort((one, other) => one - other);
  return ends.flatMap((from_ms, at) => {
    const until_ms = ends[at + 1] ?? from_ms;
    return from_ms < until_ms ? slices({ from_ms, until_ms }, rows) : [];
  });
}

const TOO_DENSE = `More than ${REQUEST_ROWS} calls began within one quarter hour here: choose times of whole quarter hours.`;

/** Adds groups of one quarter hour to the part that they belong to, and makes a span of those that the filter means. */
function add({ filter, parts, spans }: Survey, cuts: readonly number[], groups: readonly Quarter[]): void {
  const meant = groups.filter((group) => addToPart({ filter, parts }, cuts, group.first_at_ms, group));
  if (meant.length === 0) return;
  const from_ms = Math.min(...meant.map(({ first_at_ms }) => first_at_ms));
  const until_ms = Math.max(...meant.map(({ last_at_ms }) => last_at_ms)) + 1;
  const count = meant.reduce((sum, group) => sum + callsOfGroup(filter, group), 0);
  const all = groups.reduce((sum, { calls }) => sum + calls, 0);
  const share = (until_ms - from_ms) / QUARTER_MS;
  // Of a number's quarter hours it is not known what else they have.
  const others = filter.number === undefined ? (all - count) * share : OTHERS_OF_A_NUMBER * share;
  spans.push({ from_ms, until_ms, meant: count, rows: count + Math.ceil(others), is_day: false });
}

/** Answers whether the filter means any of the group. */
function addToPart(
  { filter, parts }: Pick<Survey, "filter" | "parts">,
  cuts: readonly number[],
  at_ms: number,
  group: Group,
): boolean {
  const part = parts[cuts.findLastIndex((cut_ms) => cut_ms <= at_ms)];
  if (!part || callsOfGroup(filter, group) === 0) return false;
  addGroup(part, group, filter.charged === true);
  return true;
}

/** Adds the days that no instant divides, and answers the quarter hours of those that are divided. */
async function addWholeDays(
  db: Database,
  organization_id: string,
  cuts: readonly number[],
  { filter, parts, spans }: Survey,
): Promise<Quarter[]> {
  const divided = new Set(floors(cuts, DAY_MS));
  const range = { from_ms: floor(cuts[0] ?? 0, DAY_MS), until_ms: cuts.at(-1) ?? 0 };
  const days = await listDays(db, organization_id, range, [...divided]);
  for (const [day_ms, groups] of Map.groupBy(days, (day) => day.day_ms)) {
    if (divided.has(day_ms)) continue;
    const meant = groups.filter((group) => addToPart({ filter, parts }, cuts, day_ms, group));
    if (meant.length === 0) continue;
    const count = meant.reduce((sum, group) => sum + callsOfGroup(filter, group), 0);
    const rows = groups.reduce((sum, { calls }) => sum + calls, 0);
    spans.push({ from_ms: day_ms, until_ms: day_ms + DAY_MS, meant: count, rows, is_day: true });
  }
  return days.flatMap(({ quarters }) => quarters ?? []);
}

/** The quarter hours of days that a survey has found, those that have calls which it means, the latest first. */
export async function divideDays(
  db: Database,
  organization_id: string,
  { filter }: Survey,
  days: readonly Span[],
): Promise<Span[]> {
  const groups = await listDayQuarters(
    db,
    organization_id,
    days.map(({ from_ms }) => from_ms),
  );
  const range = [filter.from_ms, filter.until_ms];
  const divided: Survey = { filter, parts: [noUsage()], spans: [] };
  for (const [, quarter] of Map.groupBy(groups, ({ quarter_ms }) => quarter_ms)) add(divided, range, quarter);
  return divided.spans.sort((one, other) => other.from_ms - one.from_ms);
}

/** As many equal parts of a time as it takes for one query each. */
function slices({ from_ms, until_ms }: Range, rows: number): Range[] {
  const count = Math.min(Math.ceil(rows / QUERY_ROWS) || 1, until_ms - from_ms);
  const at = (number: number) => from_ms + Math.floor(((until_ms - from_ms) * number) / count);
  return Array.from({ length: count }, (_, number) => ({ from_ms: at(number), until_ms: at(number + 1) }));
}
