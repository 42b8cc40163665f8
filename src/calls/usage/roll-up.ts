import type { Bindings } from "../../env";
import { type CallFigures, listCallFigures } from "../../storage/calls/hour-calls";
import { QUERY_ROWS } from "../../storage/calls/read-bounds";
import { listDays, pack } from "../../storage/calls/usage-days";
import { addFigures, FIGURES, type Group, noFigures, type Quarter } from "../../storage/calls/usage-figures";
import { finishHour, type HourFound, listMarks, type Mark, takeMark } from "../../storage/calls/usage-marks";
import { bucketOf } from "../../storage/calls/usage-numbers";
import { findCronPosition, putCronPosition } from "../../storage/cron-positions";
import { type Database, openDatabase } from "../../storage/database";
import { DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS, SECOND_MS } from "../../units/duration";
import { log } from "../../units/log";
import { numberDigest } from "./number-digest";

/** What one run takes: with its queries it stays far within the thousand that an invocation may send. */
const RUN_MS = 20 * SECOND_MS;
const HOURS_PER_RUN = 100;
const MARKS_PER_RUN = 2_000;

/** An hour is added up once its last calls have ended, as a rule: until then they are read one by one. */
const SETTLES_WITHIN_MS = 10 * MINUTE_MS;

const POSITION = "usage:marks";
const BEGINNING = { organization_id: "", hour_ms: 0 };

/**
 * Adds up the hours whose calls have changed: by number, and what `usage_days` lacks because somebody else has written calls.
 * A portion in each run, the next one where this one ended. An hour is stored at once or not at all, and comes again when a
 * call of it changes meanwhile, so that a run may end anywhere.
 */
export async function rollUpUsage(env: Bindings, now_ms = Date.now()): Promise<{ rolled: number }> {
  const until_ms = Date.now() + RUN_MS;
  const db = openDatabase(env);
  const after = (await findCronPosition<typeof BEGINNING>(db, POSITION)) ?? BEGINNING;
  const marks = await listMarks(db, after, MARKS_PER_RUN);
  let rolled = 0;
  let last: Mark | undefined;
  for (const mark of marks) {
    if (rolled === HOURS_PER_RUN || Date.now() >= until_ms) break;
    last = mark;
    const is_over = mark.hour_ms + HOUR_MS + SETTLES_WITHIN_MS <= now_ms;
    if (!is_over && !mark.uncounted) continue;
    rolled += 1;
    try {
      await rollUpHour(env.DB, db, mark);
    } catch (error) {
      // Stays marked, and holds up no other.
      log.error("usage_not_rolled_up", { organization_id: mark.organization_id, error });
    }
  }
  const is_end = marks.length < MARKS_PER_RUN && last === marks.at(-1);
  const { organization_id, hour_ms } = is_end ? BEGINNING : (last ?? after);
  if (organization_id !== after.organization_id || hour_ms !== after.hour_ms)
    await putCronPosition(db, POSITION, { organization_id, hour_ms });
  if (rolled > 0) log.info("usage_rolled_up", { rolled });
  return { rolled };
}

async function rollUpHour(d1: D1Database, db: Database, mark: Mark): Promise<void> {
  const { organization_id, hour_ms } = mark;
  const taken = crypto.randomUUID();
  await takeMark(db, mark, taken);
  const day_ms = Math.floor(hour_ms / DAY_MS) * DAY_MS;
  const days = await listDays(db, organization_id, { from_ms: day_ms, until_ms: day_ms + DAY_MS }, [day_ms]);
  const counted = days
    .flatMap(({ quarters }) => quarters ?? [])
    .filter(({ quarter_ms }) => quarter_ms >= hour_ms && quarter_ms < hour_ms + HOUR_MS);
  const all = new Sums();
  const by_number = new Map<string, Sums>();
  for (let after: CallFigures | null = null; ; ) {
    const range = { from_ms: hour_ms, until_ms: hour_ms + HOUR_MS };
    const calls: CallFigures[] = await listCallFigures(db, organization_id, range, {
      after,
      limit: QUERY_ROWS,
    });
    for (const call of calls) {
      all.add(call);
      for (const number of new Set([call.from_number, call.to_number, call.number])) {
        if (number === null) continue;
        const sums = by_number.get(number) ?? new Sums();
        by_number.set(number, sums);
        sums.add(call);
      }
    }
    after = calls.at(-1) ?? null;
    if (calls.length < QUERY_ROWS) break;
  }
  await finishHour(d1, mark, taken, {
    missing: missingFrom(counted, all.quarters(), day_ms),
    numbers: await packNumbers(hour_ms, by_number),
    hours: wholeHour(all.quarters()),
  });
}

/** Calls added up by quarter hour, direction and status. */
class Sums {
  readonly #quarters = new Map<string, Quarter>();

  add(call: CallFigures): void {
    const { started_at_ms: at_ms, direction, status } = call;
    const quarter_ms = Math.floor(at_ms / QUARTER_MS) * QUARTER_MS;
    const key = keyOf({ quarter_ms, direction, status });
    const known = this.#quarters.get(key);
    const sum: Quarter = known ?? {
      ...noFigures(),
      direction,
      status,
      quarter_ms,
      first_at_ms: at_ms,
      last_at_ms: at_ms,
    };
    addFigures(sum, call);
    sum.first_at_ms = Math.min(sum.first_at_ms, at_ms);
    sum.last_at_ms = Math.max(sum.last_at_ms, at_ms);
    this.#quarters.set(key, sum);
  }

  quarters(): Quarter[] {
    return [...this.#quarters.values()];
  }
}

function keyOf({
  quarter_ms,
  direction,
  status,
}: Pick<Quarter, "quarter_ms" | "direction" | "status">): string {
  return `${quarter_ms} ${direction} ${status}`;
}

function withoutCalls(quarter: Quarter): Quarter {
  return { ...quarter, ...noFigures() };
}

/** What is to be added to what was counted, so that it becomes what was found. */
function missingFrom(
  counted: readonly Quarter[],
  found: readonly Quarter[],
  day_ms: number,
): HourFound["missing"] {
  const differences = new Map(found.map((quarter) => [keyOf(quarter), { ...quarter }]));
  for (const quarter of counted) {
    const difference = differences.get(keyOf(quarter)) ?? withoutCalls(quarter);
    for (const name of FIGURES) difference[name] -= quarter[name];
    differences.set(keyOf(quarter), difference);
  }
  return [...differences.values()]
    .filter((difference) => FIGURES.some((name) => difference[name] !== 0))
    .map((difference) => ({ ...difference, day_ms, quarters: [pack(day_ms, difference)] }));
}

async function packNumbers(
  hour_ms: number,
  by_number: ReadonlyMap<string, Sums>,
): Promise<HourFound["numbers"]> {
  const buckets = new Map<
    number,
    HourFound["numbers"] extends ReadonlyMap<number, infer Row> ? Row : never
  >();
  for (const [number, sums] of by_number) {
    const digest = await numberDigest(number);
    const row = buckets.get(bucketOf(digest)) ?? {};
    buckets.set(bucketOf(digest), row);
    row[digest] = sums
      .quarters()
      .map((quarter) => [quarter.direction, quarter.status, pack(hour_ms, quarter)]);
  }
  return buckets;
}

function wholeHour(quarters: readonly Quarter[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { direction, status, ...figures } of quarters) {
    const key = `${direction} ${status}`;
    const sum = groups.get(key) ?? { ...noFigures(), direction, status };
    addFigures(sum, figures);
    groups.set(key, sum);
  }
  return [...groups.values()];
}
