import { and, eq, gte, isNotNull, lt, sql } from "drizzle-orm";
import { HOUR_MS } from "../../units/duration";
import type { Database } from "../database";
import { type PackedGroup, usage_numbers } from "../schema";
import { QUERY_ROWS } from "./read-bounds";
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
  // One row an hour at most.
  for (let from_ms = range.from_ms; from_ms < range.until_ms; from_ms += QUERY_ROWS * HOUR_MS) {
    const until_ms = Math.min(range.until_ms, from_ms + QUERY_ROWS * HOUR_MS);
    const rows = await db
      .select({ hour_ms: usage_numbers.hour_ms, groups })
      .from(usage_numbers)
      .where(
        and(
          eq(usage_numbers.organization_id, organization_id),
          eq(usage_numbers.bucket, bucketOf(digest)),
          gte(usage_numbers.hour_ms, from_ms),
          lt(usage_numbers.hour_ms, until_ms),
          isNotNull(groups),
        ),
      );
    for (const row of rows)
      for (const [direction, status, packed] of JSON.parse(row.groups ?? "[]") as PackedGroup[])
        found.push(unpack(row.hour_ms, { direction, status }, packed));
  }
  return found;
}
