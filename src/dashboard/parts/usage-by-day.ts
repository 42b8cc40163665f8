import { totalUsage, type Usage } from "../../calls/usage-by-day";
import { listUsageDays, type UsageFilter } from "../../storage/calls/usage-hours";
import { openDatabase } from "../../storage/database";
import type { PageContext } from "../context";
import { addDays, daysBetween, startOfDay, zoneOffsets } from "../format/days";

export interface DayOfUsage {
  day: string;
  usage: Usage;
}

/** What the organization's calls come to on each day from `first` to `last`, both included, whether it had calls or not. */
export async function daysOfUsage(
  c: PageContext,
  first: string,
  last: string,
  which: Omit<UsageFilter, "from_ms" | "until_ms"> = {},
): Promise<DayOfUsage[]> {
  const { time_zone } = c.var.settings;
  const from_ms = startOfDay(time_zone, first);
  const until_ms = startOfDay(time_zone, addDays(last, 1));
  const found = await listUsageDays(
    openDatabase(c.env),
    c.var.session.organization_id,
    { ...which, from_ms, until_ms },
    zoneOffsets(time_zone, from_ms, until_ms),
  );
  const by_day = new Map(found.map(({ day, ...usage }) => [day, usage]));
  return daysBetween(first, last).map((day) => ({ day, usage: by_day.get(day) ?? totalUsage([]) }));
}
