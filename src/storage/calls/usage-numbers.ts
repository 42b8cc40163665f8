import { and, eq, gte, lt, sql } from "drizzle-orm";
import { HOUR_MS } from "../../units/duration";
import type { Database } from "../database";
import { QUERY_ROWS } from "./read-bounds";
import { type PackedGroup, usage_numbers } from "./schema";
import { type Range, unpack } from "./usage-days";
import type { Quarter } from "./usage-figures";

/** The numbers of an hour stand in this many rows at most. */
export const BUCKETS = 16;

/** In which row of an hour a number stands, by its digest in hexadecimal. */
export function bucketOf(digest: string): number {
  return Number.parseInt(digest.slice(0, 1), BUCKETS);
}

/** What the calls of a number come to in a range of whole hours, as far as the cron has added them up, in no order. */
export async function listNumberQuarters(
  db: Database,
  organization_id: string,
  digest: string,
  range: Range,
): Promise<Quarter[]> {
  const groups = sql<string | null>`${usage_numbers.numbers} -> ${`$."${digest}"`}`;
  const found: Quarter[] = [];
  for (let { from_ms } = range; ; ) {
    const rows = await db
      .select({ hour_ms: usage_numbers.hour_ms, groups })
      .from(usage_numbers)
      .where(
        and(
          eq(usage_numbers.organization_id, organization_id),
          eq(usage_numbers.bucket, bucketOf(digest)),
          gte(usage_numbers.hour_ms, from_ms),
          lt(usage_numbers.hour_ms, range.until_ms),
        ),
      )
      .orderBy(usage_numbers.hour_ms)
      .limit(QUERY_ROWS);
    for (const row of rows)
      for (const [direction, status, packed] of JSON.parse(row.groups ?? "[]") as PackedGroup[])
        found.push(unpack(row.hour_ms, { direction, status }, packed));
    const last_ms = rows.at(-1)?.hour_ms;
    if (rows.length < QUERY_ROWS || last_ms === undefined) return found;
    from_ms = last_ms + HOUR_MS;
  }
}
