import { and, eq, getTableColumns, gte, inArray, lt, sql } from "drizzle-orm";
import { QUARTER_MS } from "../../units/duration";
import type { Database } from "../database";
import { type CallFilter, matching } from "./filter";
import { QUERY_ROWS } from "./read-bounds";
import { calls, usage_days } from "./schema";
import { CALL_STATUS, FIGURES, type Figures, type Group, type Quarter, sumsOf } from "./usage-figures";

/** A range of time, half-open. */
export interface Range {
  from_ms: number;
  until_ms: number;
}

/** A group of a day, in UTC. */
export interface DayGroup extends Group {
  day_ms: number;
  /** Null unless they were asked for. */
  quarters: Quarter[] | null;
}

/** What the calls of a range of whole days come to, the earliest first, with the quarter hours of the days in `in_quarters`. */
export async function listDays(
  db: Database,
  organization_id: string,
  { from_ms, until_ms }: Range,
  in_quarters: readonly number[] = [],
): Promise<DayGroup[]> {
  const { organization_id: _, ...columns } = getTableColumns(usage_days);
  const wanted = JSON.stringify(in_quarters);
  const quarters = sql<
    string | null
  >`CASE WHEN ${usage_days.day_ms} IN (SELECT value FROM json_each(${wanted}))
    THEN ${usage_days.quarters} END`;
  const found: DayGroup[] = [];
  for (let next_ms = from_ms; ; ) {
    const rows = await db
      .select({ ...columns, quarters })
      .from(usage_days)
      .where(
        and(
          eq(usage_days.organization_id, organization_id),
          gte(usage_days.day_ms, next_ms),
          lt(usage_days.day_ms, until_ms),
        ),
      )
      .orderBy(usage_days.day_ms)
      .limit(QUERY_ROWS);
    const last_ms = rows.at(-1)?.day_ms;
    const is_end = rows.length < QUERY_ROWS || last_ms === undefined;
    // The last day may go on in the next query, which begins with it.
    const whole = is_end ? rows : rows.filter(({ day_ms }) => day_ms !== last_ms);
    for (const row of whole) found.push({ ...row, quarters: row.quarters === null ? null : unpackDay(row) });
    if (is_end) return found;
    next_ms = last_ms;
  }
}

/** The quarter hours of some days. */
export async function listDayQuarters(
  db: Database,
  organization_id: string,
  day_ms: readonly number[],
): Promise<Quarter[]> {
  const { quarters, direction, status } = usage_days;
  const rows = await db
    .select({ day_ms: usage_days.day_ms, direction, status, quarters: sql<string>`${quarters}` })
    .from(usage_days)
    .where(and(eq(usage_days.organization_id, organization_id), inArray(usage_days.day_ms, [...day_ms])));
  return rows.flatMap(unpackDay);
}

function unpackDay({
  day_ms,
  direction,
  status,
  quarters,
}: Pick<Group, "direction" | "status"> & { day_ms: number; quarters: string | null }): Quarter[] {
  const packed = JSON.parse(quarters ?? "[]") as number[][];
  return packed.map((each) => unpack(day_ms, { direction, status }, each));
}

/** A quarter hour of the array that `usage_days` keeps of it. */
export function unpack(
  day_ms: number,
  group: Pick<Group, "direction" | "status">,
  [number = 0, ...rest]: readonly number[],
): Quarter {
  const quarter_ms = day_ms + number * QUARTER_MS;
  const figures = Object.fromEntries(FIGURES.map((name, at) => [name, rest[at] ?? 0])) as Figures;
  const [first_ms = 0, last_ms = QUARTER_MS - 1] = rest.slice(FIGURES.length);
  return {
    ...group,
    ...figures,
    quarter_ms,
    first_at_ms: quarter_ms + first_ms,
    last_at_ms: quarter_ms + last_ms,
  };
}

/** The same the other way round. */
export function pack(day_ms: number, quarter: Quarter): number[] {
  const { quarter_ms, first_at_ms, last_at_ms } = quarter;
  return [
    (quarter_ms - day_ms) / QUARTER_MS,
    ...FIGURES.map((name) => quarter[name]),
    first_at_ms - quarter_ms,
    last_at_ms - quarter_ms,
  ];
}

/** Adds up calls one by one: for less than a quarter hour, and for hours of a number that are not added up yet. */
export async function addUpCalls(
  db: Database,
  organization_id: string,
  filter: CallFilter & Range,
): Promise<Quarter[]> {
  return db.all<Quarter>(sql`
    SELECT ${calls.started_at_ms} / ${sql.raw(String(QUARTER_MS))} * ${sql.raw(String(QUARTER_MS))} AS quarter_ms,
      ${calls.direction} AS direction, ${sql.raw(CALL_STATUS)} AS status, ${sql.raw(sumsOf())},
      min(${calls.started_at_ms}) AS first_at_ms, max(${calls.started_at_ms}) AS last_at_ms
    FROM ${calls}
    WHERE ${matching(organization_id, filter)}
    GROUP BY 1, 2, 3`);
}
