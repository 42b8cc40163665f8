import { DAY_MS, HOUR_MS, QUARTER_MS } from "../../units/duration";
import {
  type CallSums,
  differingHours,
  type HourSums,
  SUMMED_COLUMNS,
  SumsByHour,
  sumsOf,
} from "./hour-sums";
import { FIGURES, type Figures } from "./usage-figures";

/** Rows that one query reads: D1 serves all organizations one after the other. */
const ROWS_A_QUERY = 2_000;

/** Hours that are looked at in one portion: an hour has at most six rows of sums. */
const PORTION_MS = 31 * DAY_MS;

/** The key of a call's row, and which copy of the call it is. */
export interface CallKey {
  started_at_ms: number;
  call_id: string;
  epoch: number;
  version: number;
}

/** An entry's row, as far as it is compared. */
export interface ProjectedEntry {
  epoch: number;
  seq: number;
  amount_micros: number;
}

/** What D1 has of some hours in a row. */
export interface HoursInD1 {
  /** Added up from the calls. */
  of_calls: CallSums[];
  /** As they stand in `usage_days`. */
  stored: HourSums[];
  /** Of these `usage_days` may lack calls, and a cron adds them up anew. */
  is_uncounted: ReadonlySet<number>;
  /** The first hour that was not looked at. */
  until_ms: number;
}

/** Digits of the time that a `last_key` begins with. */
const KEY_DIGITS = 15;

type Page = CallSums & { last_key: string };

/** The first and the last time that D1 has a call or the sums of an hour of; null when it has none. */
export async function projectedSpan(
  d1: D1Database,
  organization_id: string,
): Promise<{ first_ms: number; last_ms: number } | null> {
  const ends = [
    "min(started_at_ms) AS at_ms FROM calls",
    "max(started_at_ms) AS at_ms FROM calls",
    "min(day_ms) AS at_ms FROM usage_days",
    `max(day_ms) + ${DAY_MS - 1} AS at_ms FROM usage_days`,
  ];
  const found = await d1.batch<{ at_ms: number | null }>(
    ends.map((end) => d1.prepare(`SELECT ${end} WHERE organization_id = ?`).bind(organization_id)),
  );
  const times = found.flatMap(({ results }) => results[0]?.at_ms ?? []);
  return times.length === 0 ? null : { first_ms: Math.min(...times), last_ms: Math.max(...times) };
}

/**
 * What D1 has of the hours from `from_ms`, as many as one portion takes, and at most up to `until_ms`. An hour with more calls
 * than one query may read is added up over several.
 */
export async function readHours(
  d1: D1Database,
  organization_id: string,
  { from_ms, until_ms }: { from_ms: number; until_ms: number },
): Promise<HoursInD1> {
  const end_ms = Math.min(until_ms, from_ms + PORTION_MS);
  const sums = new SumsByHour();
  let after = { started_at_ms: from_ms, call_id: "" };
  let whole_until_ms = end_ms;
  for (;;) {
    const page = await sumPage(d1, organization_id, after, end_ms);
    sums.add(page);
    const rows = page.reduce((count, { calls }) => count + calls, 0);
    const last_key = page[0]?.last_key;
    if (rows < ROWS_A_QUERY || last_key === undefined) break;
    after = { started_at_ms: Number(last_key.slice(0, KEY_DIGITS)), call_id: last_key.slice(KEY_DIGITS) };
    // The last hour may go on in the next page: it is left to the next portion, unless it is the first one here.
    whole_until_ms = hourOf(after.started_at_ms);
    if (whole_until_ms > (sums.hours()[0] ?? whole_until_ms)) break;
    whole_until_ms = end_ms;
  }
  const of_calls = sums.take(from_ms, whole_until_ms);
  const range = [organization_id, from_ms, whole_until_ms] as const;
  const [stored, uncounted] = await d1.batch<HourSums>([
    d1.prepare(STORED_HOURS).bind(...range),
    d1.prepare(UNCOUNTED_HOURS).bind(...range),
  ]);
  const is_uncounted = new Set(uncounted?.results.map(({ hour_ms }) => hour_ms));
  return { of_calls, stored: stored?.results ?? [], is_uncounted, until_ms: whole_until_ms };
}

const SUMMED = [
  "calls",
  "seconds",
  "billable_seconds",
  "fee_micros",
  "provider_cost_micros",
  "charged_micros",
] as const satisfies (keyof HourSums & keyof Figures)[];

/** In the array of a quarter hour. */
const inQuarter = (name: keyof Figures) => `quarter.value ->> ${FIGURES.indexOf(name) + 1}`;

/**
 * The hours that `usage_days` has the quarters of. What a whole day has more than its quarters, or less, counts for the first
 * of its hours that is looked at.
 */
const STORED_HOURS = `
  WITH days AS (
    SELECT * FROM usage_days
    WHERE organization_id = ?1 AND day_ms > ?2 - ${DAY_MS} AND day_ms < ?3
  )
  SELECT hour_ms, direction, status, ${SUMMED.map((name) => `sum(${name}) AS ${name}`).join(", ")}
  FROM (
    SELECT day_ms + (quarter.value ->> 0) / ${HOUR_MS / QUARTER_MS} * ${HOUR_MS} AS hour_ms, direction, status,
      ${SUMMED.map((name) => `${inQuarter(name)} AS ${name}`).join(", ")}
    FROM days, json_each(days.quarters) AS quarter
    UNION ALL
    SELECT max(day_ms, ?2), direction, status, ${SUMMED.map((name) => `${name} - ${ofQuarters(name)}`).join(", ")}
    FROM days
  )
  WHERE hour_ms >= ?2 AND hour_ms < ?3
  GROUP BY 1, 2, 3`;

const UNCOUNTED_HOURS = `SELECT hour_ms FROM usage_marks
  WHERE organization_id = ?1 AND hour_ms >= ?2 AND hour_ms < ?3 AND uncounted = 1`;

/** What the quarters of a day come to. */
function ofQuarters(name: keyof Figures): string {
  return `(SELECT coalesce(sum(${inQuarter(name)}), 0) FROM json_each(quarters) AS quarter)`;
}

/** The hours whose sums are not what their calls come to. Those that a cron adds up anew soon are left to it. */
export function wronglyCounted({ of_calls, stored, is_uncounted }: HoursInD1): number[] {
  return [...differingHours(of_calls, stored)].filter((hour_ms) => !is_uncounted.has(hour_ms));
}

/**
 * Has the sums of hours added up anew where they are not what their calls come to, by the cron that adds up hours; their days
 * are what their quarters come to at once. Answers how many hours.
 */
export async function countHoursAgain(
  d1: D1Database,
  organization_id: string,
  found: HoursInD1,
): Promise<number> {
  const hours = wronglyCounted(found);
  if (hours.length === 0) return 0;
  const bind = (text: string) => d1.prepare(text).bind(organization_id, JSON.stringify(hours));
  await d1.batch([
    bind(`UPDATE usage_days SET ${FIGURES.map((name) => `${name} = ${ofQuarters(name)}`).join(", ")}
      WHERE organization_id = ?1
        AND day_ms IN (SELECT value / ${DAY_MS} * ${DAY_MS} FROM json_each(?2))
        AND (${FIGURES.join(", ")}) IS NOT (${FIGURES.map(ofQuarters).join(", ")})`),
    bind(`INSERT INTO usage_marks SELECT ?1, value, 1, NULL FROM json_each(?2) WHERE true
      ON CONFLICT DO UPDATE SET uncounted = 1, taken = NULL`),
  ]);
  return hours.length;
}

/** Keys of the calls that D1 has, in their order, after one of them. */
export async function projectedCalls(
  d1: D1Database,
  organization_id: string,
  after: Pick<CallKey, "started_at_ms" | "call_id">,
): Promise<{ keys: CallKey[]; has_more: boolean }> {
  const { results } = await d1
    .prepare(
      `SELECT started_at_ms, call_id, epoch, version FROM calls
       WHERE organization_id = ? AND (started_at_ms, call_id) > (?, ?)
       ORDER BY started_at_ms, call_id LIMIT ${ROWS_A_QUERY}`,
    )
    .bind(organization_id, after.started_at_ms, after.call_id)
    .all<CallKey>();
  return { keys: results, has_more: results.length === ROWS_A_QUERY };
}

/** Entries that D1 has, without those of calls, in their order, after one of them. */
export async function projectedEntries(
  d1: D1Database,
  organization_id: string,
  after: Pick<ProjectedEntry, "epoch" | "seq">,
): Promise<{ entries: ProjectedEntry[]; has_more: boolean }> {
  const { results } = await d1
    .prepare(
      `SELECT epoch, seq, amount_micros FROM ledger_entries
       WHERE organization_id = ? AND (epoch, seq) > (?, ?) ORDER BY epoch, seq LIMIT ${ROWS_A_QUERY}`,
    )
    .bind(organization_id, after.epoch, after.seq)
    .all<ProjectedEntry>();
  return { entries: results, has_more: results.length === ROWS_A_QUERY };
}

async function sumPage(
  d1: D1Database,
  organization_id: string,
  after: Pick<CallKey, "started_at_ms" | "call_id">,
  until_ms: number,
): Promise<Page[]> {
  const page = `(SELECT ${SUMMED_COLUMNS.join(", ")} FROM calls
    WHERE organization_id = ? AND (started_at_ms, call_id) > (?, ?) AND started_at_ms < ?
    ORDER BY started_at_ms, call_id LIMIT ${ROWS_A_QUERY})`;
  const { results } = await d1
    .prepare(sumsOf(page))
    .bind(organization_id, after.started_at_ms, after.call_id, until_ms)
    .all<Page>();
  return results;
}

function hourOf(at_ms: number): number {
  return Math.floor(at_ms / HOUR_MS) * HOUR_MS;
}
