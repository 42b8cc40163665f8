import { type NumberingPlan, readNumber } from "../../../numbers/read-number";
import type { CallFilter } from "../../../storage/calls/filter";
import { cleanText, textFault } from "../../../units/text";
import type { PageContext } from "../../context";
import { addDays, dayIn, isDay, startOfDay } from "../../format/days";

const DAYS_AT_FIRST = 30;
/** A leap year. */
export const MAX_DAYS = 366;
const DIRECTIONS = ["inbound", "outbound"] as const;
const ENDINGS = ["ended", "failed", "rejected"] as const;
/** An instant and a call id, which may hold anything, or be left out: what the page before ended with. */
const PLACE = /^(\d{1,15})\.(.{0,255})$/s;

export type FilterField = "from" | "to" | "direction" | "status" | "number" | "before";

export interface UsageFilter
  extends Required<Pick<CallFilter, "from_ms" | "until_ms">>,
    Pick<CallFilter, "direction" | "ending" | "number"> {
  /** The first and the last day, both included. */
  first: string;
  last: string;
  /** The call after which the page begins, null for the newest. */
  after: { started_at_ms: number; call_id: string } | null;
}

/** What was asked for, or the fields of it that cannot be. */
export type UsageRequest =
  | { outcome: "filter"; filter: UsageFilter }
  | { outcome: "wrong"; fields: FilterField[] };

/** Reads the filter out of the address of a page: the last 30 days unless it says otherwise. */
export function parseUsageFilter(c: PageContext): UsageRequest {
  const { time_zone, numbering } = c.var.settings;
  const asked = (field: FilterField) => cleanText(c.req.query(field) ?? "") || undefined;
  const last = asked("to") ?? dayIn(time_zone, Date.now());
  const first = asked("from") ?? (isDay(last) ? addDays(last, 1 - DAYS_AT_FIRST) : last);
  const direction = DIRECTIONS.find((known) => known === asked("direction"));
  const ending = ENDINGS.find((known) => known === asked("status"));
  const number = asked("number") === undefined ? undefined : dialled(asked("number") ?? "", numbering);
  const place = PLACE.exec(c.req.query("before") ?? "");
  const wrong: Record<FilterField, boolean> = {
    // Of a wrong last day alone nothing can be counted back, and only that day is wrong.
    from: asked("from") !== undefined && !isDay(first),
    to: !isDay(last) || (isDay(first) && (first > last || addDays(first, MAX_DAYS) <= last)),
    direction: asked("direction") !== undefined && !direction,
    status: asked("status") !== undefined && !ending,
    number:
      textFault(c.req.query("number") ?? "") !== null ||
      (number !== undefined && (number === "" || number.length > 128)),
    before: asked("before") !== undefined && !place,
  };
  const fields = (Object.keys(wrong) as FilterField[]).filter((field) => wrong[field]);
  if (fields.length > 0) return { outcome: "wrong", fields };
  const filter = {
    first,
    last,
    from_ms: startOfDay(time_zone, first),
    until_ms: startOfDay(time_zone, addDays(last, 1)),
    ...(direction && { direction }),
    ...(ending && { ending }),
    ...(number !== undefined && { number }),
    after: place && { started_at_ms: Number(place[1]), call_id: place[2] ?? "" },
  };
  return { outcome: "filter", filter };
}

/** The same filter as the query of an address, so that it can be kept, shared and paged through. */
export function queryOf(filter: UsageFilter, before?: { started_at_ms: number; call_id: string }): string {
  const { first, last, direction, ending, number } = filter;
  const fields = new URLSearchParams({ from: first, to: last });
  if (direction) fields.set("direction", direction);
  if (ending) fields.set("status", ending);
  if (number !== undefined) fields.set("number", number);
  if (before) fields.set("before", `${before.started_at_ms}.${before.call_id}`);
  return `?${fields}`;
}

/**
 * A number as calls have it, of one that was written for people: +31 20 123 45 67, 0031-20-1234567, +49 (0)30/123456,
 * in which the (0) is dialled at home only.
 */
function dialled(text: string, plan: NumberingPlan): string {
  const { kind, normalized } = readNumber(text, plan);
  if (kind === "e164") return normalized;
  if (!/^\+?[\d\s()./-]+$/.test(text)) return text;
  const digits = text.replace(/[\s./-]/g, "").replace(/^00/, "+");
  return digits.replace(/^(\+\d+)\(0\)/, "$1").replace(/[()]/g, "");
}
