import { QUERY_ROWS, REQUEST_ROWS, ReadTooLarge } from "../../storage/calls/read-bounds";
import { addUpCalls, listDays, type Range } from "../../storage/calls/usage-days";
import type { Quarter } from "../../storage/calls/usage-figures";
import { listMarkedHours } from "../../storage/calls/usage-marks";
import { listNumberQuarters } from "../../storage/calls/usage-numbers";
import type { Database } from "../../storage/database";
import { DAY_MS, HOUR_MS } from "../../units/duration";
import { numberDigest } from "./number-digest";

const NOT_YET =
  "The calls of this number are still being added up. Ask for fewer days, or again in some minutes.";

/**
 * What the calls of a number come to by quarter hour, of all hours that a range touches: as the cron has added them up, and
 * from the calls themselves where they have changed since.
 */
export async function numberQuarters(
  db: Database,
  organization_id: string,
  number: string,
  { from_ms, until_ms }: Range,
): Promise<Quarter[]> {
  const hours = {
    from_ms: Math.floor(from_ms / HOUR_MS) * HOUR_MS,
    until_ms: Math.ceil(until_ms / HOUR_MS) * HOUR_MS,
  };
  // Before the sums, so that an hour which is finished in between is read from its calls, and not left out.
  const marked = await listMarkedHours(db, organization_id, hours, REQUEST_ROWS);
  if (marked.length === REQUEST_ROWS) throw new ReadTooLarge("number", NOT_YET);
  const portions = await inPortions(db, organization_id, marked);
  const known = await listNumberQuarters(db, organization_id, await numberDigest(number), hours);
  const is_marked = new Set(marked);
  const quarters = known.filter(
    ({ quarter_ms }) => !is_marked.has(Math.floor(quarter_ms / HOUR_MS) * HOUR_MS),
  );
  for (const portion of portions)
    quarters.push(...(await addUpCalls(db, organization_id, { ...portion, number })));
  return quarters;
}

/** Marked hours as times for one query each: neighbours together, as long as they have few calls. */
async function inPortions(
  db: Database,
  organization_id: string,
  marked: readonly number[],
): Promise<Range[]> {
  const [first_ms, last_ms] = [marked[0], marked.at(-1)];
  if (first_ms === undefined || last_ms === undefined) return [];
  const floor = (at_ms: number) => Math.floor(at_ms / DAY_MS) * DAY_MS;
  const days = await listDays(
    db,
    organization_id,
    { from_ms: floor(first_ms), until_ms: last_ms + HOUR_MS },
    [...new Set(marked.map(floor))],
  );
  const calls = new Map<number, number>();
  for (const quarter of days.flatMap(({ quarters }) => quarters ?? [])) {
    const hour_ms = Math.floor(quarter.quarter_ms / HOUR_MS) * HOUR_MS;
    calls.set(hour_ms, (calls.get(hour_ms) ?? 0) + quarter.calls);
  }
  const all = marked.reduce((sum, hour_ms) => sum + (calls.get(hour_ms) ?? 0), 0);
  if (all > REQUEST_ROWS) throw new ReadTooLarge("number", NOT_YET);
  const portions: (Range & { calls: number })[] = [];
  for (const hour_ms of marked) {
    const [before, more] = [portions.at(-1), calls.get(hour_ms) ?? 0];
    if (before?.until_ms === hour_ms && before.calls + more <= QUERY_ROWS) {
      before.until_ms += HOUR_MS;
      before.calls += more;
    } else portions.push({ from_ms: hour_ms, until_ms: hour_ms + HOUR_MS, calls: more });
  }
  return portions.map(({ from_ms, until_ms }) => ({ from_ms, until_ms }));
}
