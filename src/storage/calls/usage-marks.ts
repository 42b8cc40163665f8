import { and, eq, gte, lt, sql } from "drizzle-orm";
import type { Database } from "../database";
import { ADD_TO_DAYS } from "./count-days";
import { type PackedGroup, usage_marks } from "./schema";
import type { Range } from "./usage-days";
import { FIGURES, type Group } from "./usage-figures";
import { BUCKETS } from "./usage-numbers";

/** An hour whose calls have changed since they were added up. */
export type Mark = Pick<typeof usage_marks.$inferSelect, "organization_id" | "hour_ms" | "uncounted">;

/** The marked hours of one organization, the earliest first, at most `limit`. */
export async function listMarkedHours(
  db: Database,
  organization_id: string,
  { from_ms, until_ms }: Range,
  limit: number,
): Promise<number[]> {
  const rows = await db
    .select({ hour_ms: usage_marks.hour_ms })
    .from(usage_marks)
    .where(
      and(
        eq(usage_marks.organization_id, organization_id),
        gte(usage_marks.hour_ms, from_ms),
        lt(usage_marks.hour_ms, until_ms),
      ),
    )
    .orderBy(usage_marks.hour_ms)
    .limit(limit);
  return rows.map(({ hour_ms }) => hour_ms);
}

/** Marks of all organizations in the order of their key, from the one that follows `after`. */
export async function listMarks(
  db: Database,
  after: Pick<Mark, "organization_id" | "hour_ms">,
  limit: number,
): Promise<Mark[]> {
  const { organization_id, hour_ms, uncounted } = usage_marks;
  return db
    .select({ organization_id, hour_ms, uncounted })
    .from(usage_marks)
    .where(sql`(${organization_id}, ${hour_ms}) > (${after.organization_id}, ${after.hour_ms})`)
    .orderBy(organization_id, hour_ms)
    .limit(limit);
}

/** Writes down who adds the hour up now. A change of its calls takes that off, and so does whoever takes it next. */
export async function takeMark(
  db: Database,
  { organization_id, hour_ms }: Mark,
  taken: string,
): Promise<void> {
  await db
    .update(usage_marks)
    .set({ taken })
    .where(and(eq(usage_marks.organization_id, organization_id), eq(usage_marks.hour_ms, hour_ms)));
}

/** What the calls of an hour were found to come to. */
export interface HourFound {
  /** What `usage_days` lacks of its quarter hours, or has too much; packed by day. */
  missing: (Group & { day_ms: number; quarters: number[][] })[];
  /** Its numbers by bucket and digest. */
  numbers: ReadonlyMap<number, Record<string, PackedGroup[]>>;
  /** The whole hour, for the release before: it reads `usage_hours`, and may come back. */
  hours: readonly Group[];
}

/** Stores what an hour comes to, all or nothing; nothing when a call of it has changed since the hour was taken. */
export async function finishHour(
  d1: D1Database,
  { organization_id, hour_ms }: Mark,
  taken: string,
  { missing, numbers, hours }: HourFound,
): Promise<void> {
  const is_ours = `EXISTS (SELECT 1 FROM usage_marks WHERE organization_id = ?1 AND hour_ms = ?2 AND taken = ?3)`;
  const bind = (sql_text: string, rows: unknown) =>
    d1.prepare(sql_text).bind(organization_id, hour_ms, taken, JSON.stringify(rows));
  const figures = FIGURES.map((name) => `value ->> '$.${name}'`).join(", ");
  const group = "?1, value ->> '$.day_ms', value ->> '$.direction', value ->> '$.status'";
  const old_names = OLD_FIGURES.join(", ");
  const old_values = OLD_FIGURES.map((name) => `value ->> '$.${name}'`).join(", ");
  const absent = Array.from({ length: BUCKETS }, (_, bucket) => bucket).filter((each) => !numbers.has(each));
  await d1.batch([
    bind(
      `INSERT INTO usage_days (organization_id, day_ms, direction, status, ${FIGURES.join(", ")}, quarters)
       SELECT ${group}, ${figures}, value -> '$.quarters' FROM json_each(?4) WHERE ${is_ours} ${ADD_TO_DAYS}`,
      missing,
    ),
    bind(
      `INSERT INTO usage_numbers (organization_id, bucket, hour_ms, numbers)
       SELECT ?1, value ->> 0, ?2, value -> 1 FROM json_each(?4) WHERE ${is_ours}
       ON CONFLICT DO UPDATE SET numbers = excluded.numbers WHERE numbers <> excluded.numbers`,
      [...numbers],
    ),
    bind(
      `DELETE FROM usage_numbers WHERE organization_id = ?1 AND hour_ms = ?2
         AND bucket IN (SELECT value FROM json_each(?4)) AND ${is_ours}`,
      absent,
    ),
    bind(
      `INSERT INTO usage_hours (organization_id, hour_ms, direction, status, ${old_names})
       SELECT ?1, ?2, value ->> '$.direction', value ->> '$.status', ${old_values} FROM json_each(?4) WHERE ${is_ours}
       ON CONFLICT DO UPDATE SET ${OLD_FIGURES.map((name) => `${name} = excluded.${name}`).join(", ")}
       WHERE (${old_names}) IS NOT (${OLD_FIGURES.map((name) => `excluded.${name}`).join(", ")})`,
      hours,
    ),
    bind(
      `DELETE FROM usage_hours WHERE organization_id = ?1 AND hour_ms = ?2 AND ${is_ours}
         AND NOT EXISTS (SELECT 1 FROM json_each(?4)
           WHERE value ->> '$.direction' = usage_hours.direction AND value ->> '$.status' = usage_hours.status)`,
      hours,
    ),
    d1
      .prepare("DELETE FROM usage_marks WHERE organization_id = ?1 AND hour_ms = ?2 AND taken = ?3")
      .bind(organization_id, hour_ms, taken),
  ]);
}

/** Those that `usage_hours` has. */
const OLD_FIGURES = [
  "calls",
  "seconds",
  "billable_seconds",
  "fee_micros",
  "provider_cost_micros",
  "charged_micros",
] as const;
