import type { calls } from "./schema";

type CallRow = typeof calls.$inferSelect;

/** How a resolved call ended, as `resolvedStatus` of calls/call-status.ts says it of one call. */
export const CALL_STATUS = `CASE WHEN outcome = 'rejected' THEN 'rejected'
  WHEN outcome = 'voided' OR (outcome = 'settled' AND duration_ms = 0) THEN 'failed' ELSE 'ended' END`;

/** How calls ended, in the words of the calls list. */
export type Ending = "ended" | "failed" | "rejected";

/**
 * What calls come to: `seconds` as they lasted, `billable_seconds` after rating increments, money in micro-euros; the
 * `charged_…` of those only that were charged.
 */
export const FIGURES = [
  "calls",
  "charged_calls",
  "seconds",
  "charged_seconds",
  "billable_seconds",
  "fee_micros",
  "provider_cost_micros",
  "charged_micros",
] as const;

export type Figures = Record<(typeof FIGURES)[number], number>;

/** Figures of calls that went one way and ended alike. */
export interface Group extends Figures {
  direction: CallRow["direction"];
  status: Ending;
}

/** A group of a quarter of an hour, and the first and the last instant at which one of its calls may have begun. */
export interface Quarter extends Group {
  quarter_ms: number;
  first_at_ms: number;
  last_at_ms: number;
}

const SECONDS = "(duration_ms + 999) / 1000";
const ifCharged = (value: string) => `iif(charged_at_ms IS NULL, 0, ${value})`;

/** What a row of `calls` adds to each figure, in SQL. */
const ADDED: Record<keyof Figures, string> = {
  calls: "1",
  charged_calls: ifCharged("1"),
  seconds: SECONDS,
  charged_seconds: ifCharged(SECONDS),
  billable_seconds: ifCharged("billable_seconds"),
  fee_micros: "fee_micros",
  provider_cost_micros: "provider_cost_micros",
  charged_micros: "charged_micros",
};

/** The figures of one row of calls, as columns. */
export function figuresOf(): string {
  return FIGURES.map((name) => `${ADDED[name]} AS ${name}`).join(", ");
}

/** The figures of all rows of a group, as columns; `sign` is a column that is -1 for what is taken away. */
export function sumsOf(sign = "1"): string {
  return FIGURES.map((name) => `coalesce(sum(${sign} * (${ADDED[name]})), 0) AS ${name}`).join(", ");
}

/** Adds figures to a sum. */
export function addFigures(sum: Figures, more: Figures): void {
  for (const name of FIGURES) sum[name] += more[name];
}

/** Figures of no calls. */
export function noFigures(): Figures {
  return Object.fromEntries(FIGURES.map((name) => [name, 0])) as Figures;
}
