import { and, asc, eq, gte, lt } from "drizzle-orm";
import type { Database } from "./database";
import { usage_hours } from "./schema";

export type UsageHour = typeof usage_hours.$inferSelect;

/**
 * What an organization's calls come to in each hour of a range (half-open, by the start of the hour), the earliest
 * first: at most ten rows an hour, however many calls there were.
 */
export async function listUsageHours(
  db: Database,
  organization_id: string,
  { from_ms, until_ms }: { from_ms: number; until_ms: number },
): Promise<UsageHour[]> {
  const { hour_ms } = usage_hours;
  return db
    .select()
    .from(usage_hours)
    .where(
      and(eq(usage_hours.organization_id, organization_id), gte(hour_ms, from_ms), lt(hour_ms, until_ms)),
    )
    .orderBy(asc(hour_ms));
}
