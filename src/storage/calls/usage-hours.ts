import { and, eq, gte, isNotNull, lt, type SQL, sql } from "drizzle-orm";
import { HOUR_MS } from "../../units/duration";
import type { Database } from "../database";
import { calls, usage_hours } from "../schema";
import { CALL_STATUS, type CallFilter, matching } from "./calls";

/** What the calls that began on one calendar day, such as `2026-11-24`, come to. */
export interface UsageDay {
  day: string;
  calls: number;
  rejected_calls: number;
  seconds: number;
  billable_seconds: number;
  fee_micros: number;
  provider_cost_micros: number;
  charged_micros: number;
}

/** Which calls: half-open in time, in whole hours. With a telephone number in the filter, its calls are added up one by one. */
export type UsageFilter = Required<Pick<CallFilter, "from_ms" | "until_ms">> &
  Pick<CallFilter, "direction" | "ending" | "number">;

/** How far the clocks of a time zone are ahead of UTC from an instant on. */
export interface ZoneOffset {
  from_ms: number;
  offset_ms: number;
}

/** What an organization's calls come to on each day that had some, the earliest first. `offsets` are in that order, too. */
export async function listUsageDays(
  db: Database,
  organization_id: string,
  filter: UsageFilter,
  offsets: readonly ZoneOffset[],
): Promise<UsageDay[]> {
  if (filter.number !== undefined) return addUpCalls(db, organization_id, filter, offsets);
  const { hour_ms, direction, status } = usage_hours;
  return db
    .select({
      day: dayOf(hour_ms, offsets),
      calls: sql<number>`sum(${usage_hours.calls})`,
      rejected_calls: sql<number>`sum(CASE WHEN ${status} = 'rejected' THEN ${usage_hours.calls} ELSE 0 END)`,
      seconds: sql<number>`sum(${usage_hours.seconds})`,
      billable_seconds: sql<number>`sum(${usage_hours.billable_seconds})`,
      fee_micros: sql<number>`sum(${usage_hours.fee_micros})`,
      provider_cost_micros: sql<number>`sum(${usage_hours.provider_cost_micros})`,
      charged_micros: sql<number>`sum(${usage_hours.charged_micros})`,
    })
    .from(usage_hours)
    .where(
      and(
        eq(usage_hours.organization_id, organization_id),
        gte(hour_ms, filter.from_ms),
        lt(hour_ms, filter.until_ms),
        filter.direction && eq(direction, filter.direction),
        filter.ending && eq(status, filter.ending),
      ),
    )
    .groupBy(sql`1`)
    .orderBy(sql`1`);
}

/** The same from the calls themselves: what the hours always come to. */
async function addUpCalls(
  db: Database,
  organization_id: string,
  filter: UsageFilter,
  offsets: readonly ZoneOffset[],
): Promise<UsageDay[]> {
  return db
    .select({
      day: dayOf(calls.started_at_ms, offsets),
      calls: sql<number>`count(*)`,
      rejected_calls: sql<number>`sum(${calls.outcome} = 'rejected')`,
      seconds: sql<number>`sum((${calls.duration_ms} + 999) / 1000)`,
      billable_seconds: sql<number>`coalesce(sum(${calls.billable_seconds}) FILTER (WHERE ${isNotNull(calls.charged_at_ms)}), 0)`,
      fee_micros: sql<number>`sum(${calls.fee_micros})`,
      provider_cost_micros: sql<number>`sum(${calls.provider_cost_micros})`,
      charged_micros: sql<number>`sum(${calls.charged_micros})`,
    })
    .from(calls)
    .where(matching(organization_id, filter))
    .groupBy(sql`1`)
    .orderBy(sql`1`);
}

/** The calendar day of an instant, as SQL. */
function dayOf(
  at_ms: typeof usage_hours.hour_ms | typeof calls.started_at_ms,
  offsets: readonly ZoneOffset[],
) {
  const [first, ...later] = offsets;
  const offset_ms = later.reduce<SQL>(
    (before, { from_ms, offset_ms: then }) =>
      sql`CASE WHEN ${at_ms} >= ${from_ms} THEN ${then} ELSE ${before} END`,
    sql`${first?.offset_ms ?? 0}`,
  );
  return sql<string>`date((${at_ms} + ${offset_ms}) / 1000, 'unixepoch')`;
}

/**
 * Adds the calls of one JSON parameter that are new to their hours, and of those that replace an older version (`>`), or also
 * the same one (`>=`), the difference: of a repeat nothing is left to add. `s` is 1 for what comes and -1 for what it replaces.
 * To be run before the calls are written, because it compares with what they replace.
 */
export function countHours(replaces: ">" | ">="): string {
  return `
  WITH told AS (
    SELECT value ->> '$.organization_id' AS organization_id, value ->> '$.started_at_ms' AS started_at_ms,
      value ->> '$.call_id' AS call_id, value ->> '$.epoch' AS epoch, value ->> '$.version' AS version,
      value ->> '$.direction' AS direction, value ->> '$.outcome' AS outcome, value ->> '$.duration_ms' AS duration_ms,
      value ->> '$.charged_at_ms' AS charged_at_ms, value ->> '$.billable_seconds' AS billable_seconds,
      value ->> '$.fee_micros' AS fee_micros,
      value ->> '$.provider_cost_micros' AS provider_cost_micros, value ->> '$.charged_micros' AS charged_micros
    FROM json_each(?)
  ), changed AS (
    SELECT 1 AS s, told.* FROM told LEFT JOIN calls AS former USING (organization_id, started_at_ms, call_id)
    WHERE former.version IS NULL OR (told.epoch, told.version) ${replaces} (former.epoch, former.version)
    UNION ALL
    SELECT -1, former.organization_id, former.started_at_ms, former.call_id, former.epoch, former.version,
      former.direction, former.outcome, former.duration_ms, former.charged_at_ms, former.billable_seconds,
      former.fee_micros, former.provider_cost_micros, former.charged_micros
    FROM told JOIN calls AS former USING (organization_id, started_at_ms, call_id)
    WHERE (told.epoch, told.version) ${replaces} (former.epoch, former.version)
  )
  INSERT INTO usage_hours
  SELECT organization_id, started_at_ms / ${HOUR_MS} * ${HOUR_MS}, direction, ${CALL_STATUS}, sum(s),
    sum(s * ((duration_ms + 999) / 1000)), 
    sum(s * iif(charged_at_ms IS NULL, 0, billable_seconds)), sum(s * fee_micros),
    sum(s * provider_cost_micros), sum(s * charged_micros)
  FROM changed
  GROUP BY 1, 2, 3, 4
  ${replaces === ">=" ? CHANGES_SUMS : ""}
  ON CONFLICT (organization_id, hour_ms, direction, status) DO UPDATE SET
    calls = calls + excluded.calls, seconds = seconds + excluded.seconds,
    billable_seconds = billable_seconds + excluded.billable_seconds, fee_micros = fee_micros + excluded.fee_micros,
    provider_cost_micros = provider_cost_micros + excluded.provider_cost_micros,
    charged_micros = charged_micros + excluded.charged_micros`;
}

/** Where most rows are as they were: no hour is written to add nothing to it. */
const CHANGES_SUMS = `HAVING (sum(s), sum(s * ((duration_ms + 999) / 1000)), sum(s * iif(charged_at_ms IS NULL, 0, billable_seconds)),
    sum(s * fee_micros), sum(s * provider_cost_micros), sum(s * charged_micros)) IS NOT (0, 0, 0, 0, 0, 0)`;
