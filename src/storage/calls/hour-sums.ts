import { HOUR_MS } from "../../units/duration";
import { CALL_STATUS } from "./usage-figures";

/** What the calls of one hour, direction and ending come to, as `usage_days` has it of its quarters. */
export interface HourSums {
  hour_ms: number;
  direction: string;
  status: string;
  calls: number;
  seconds: number;
  billable_seconds: number;
  fee_micros: number;
  provider_cost_micros: number;
  charged_micros: number;
}

/** The same, added up from calls: with their versions, by which a call of an older version shows though it costs the same. */
export interface CallSums extends HourSums {
  versions: number;
}

/** The columns of a call that its sums are made of, and its key. */
export const SUMMED_COLUMNS = [
  "call_id",
  "started_at_ms",
  "version",
  "direction",
  "outcome",
  "duration_ms",
  "charged_at_ms",
  "billable_seconds",
  "fee_micros",
  "provider_cost_micros",
  "charged_micros",
] as const;

/**
 * Adds up `rows`, a table or query with `SUMMED_COLUMNS`, by hour, direction and ending, as `usage_days` is added up. Each row
 * of the result also has the last `call_id` and the last key (15 digits of `started_at_ms`, then `call_id`) of them all.
 */
export function sumsOf(rows: string): string {
  return `SELECT started_at_ms / ${HOUR_MS} * ${HOUR_MS} AS hour_ms, direction, ${CALL_STATUS} AS status,
      count(*) AS calls, sum((duration_ms + 999) / 1000) AS seconds,
      sum(iif(charged_at_ms IS NULL, 0, billable_seconds)) AS billable_seconds, sum(fee_micros) AS fee_micros,
      sum(provider_cost_micros) AS provider_cost_micros, sum(charged_micros) AS charged_micros,
      sum(version) AS versions, max(max(call_id)) OVER () AS last_call_id,
      max(max(printf('%015d', started_at_ms) || call_id)) OVER () AS last_key
    FROM ${rows} GROUP BY 1, 2, 3`;
}

/** Columns that can be added up over sums of one hour, direction and ending. */
const ADDED = [
  "calls",
  "seconds",
  "billable_seconds",
  "fee_micros",
  "provider_cost_micros",
  "charged_micros",
] as const satisfies (keyof HourSums)[];

/** Sums by hour, direction and ending, to which others are added. */
export class SumsByHour {
  readonly #sums = new Map<string, CallSums>();

  add(others: readonly CallSums[]): void {
    for (const sums of others) {
      const key = groupOf(sums);
      const known = this.#sums.get(key);
      if (known) for (const name of [...ADDED, "versions"] as const) known[name] += sums[name];
      else this.#sums.set(key, { ...sums });
    }
  }

  /** Takes out the sums of the hours from `from_ms` up to `until_ms`. */
  take(from_ms: number, until_ms: number): CallSums[] {
    const taken = [...this.#sums].filter(([, { hour_ms }]) => hour_ms >= from_ms && hour_ms < until_ms);
    for (const [key] of taken) this.#sums.delete(key);
    return taken.map(([, sums]) => sums);
  }

  /** The hours that there are sums of, the earliest first. */
  hours(): number[] {
    return [...new Set([...this.#sums.values()].map(({ hour_ms }) => hour_ms))].sort((a, b) => a - b);
  }
}

/** The hours in which two lists of sums differ; sums of no calls count as none. */
export function differingHours(some: readonly HourSums[], others: readonly HourSums[]): Set<number> {
  const [ours, theirs] = [byGroup(some), byGroup(others)];
  const hours = new Set<number>();
  for (const [group, sums] of [...ours, ...theirs])
    if (!areEqual(ours.get(group), theirs.get(group))) hours.add(sums.hour_ms);
  return hours;
}

function byGroup(sums: readonly HourSums[]): Map<string, HourSums> {
  const some = sums.filter((each) => ADDED.some((name) => each[name] !== 0));
  return new Map(some.map((each) => [groupOf(each), each]));
}

function areEqual(one: HourSums | undefined, other: HourSums | undefined): boolean {
  if (!one || !other) return false;
  const [a, b]: Partial<CallSums>[] = [one, other];
  const same_versions = a?.versions === undefined || b?.versions === undefined || a.versions === b.versions;
  return same_versions && ADDED.every((name) => one[name] === other[name]);
}

function groupOf({ hour_ms, direction, status }: HourSums): string {
  return `${hour_ms} ${direction} ${status}`;
}
