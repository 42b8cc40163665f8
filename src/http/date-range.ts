import type { z } from "zod";
import { DAY_MS } from "../units/duration";
import { ApiError } from "./errors";
import type { dateOrTime } from "./schema/date-range";

type End = z.output<typeof dateOrTime> | undefined;

/** The range that a query asks for, half-open. A bare end date includes its day. */
export function dateRange(query: { start_date?: End; end_date?: End }) {
  const { start_date, end_date } = query;
  const from_ms = start_date?.at_ms;
  const until_ms = end_date && end_date.at_ms + (end_date.whole_day ? DAY_MS : 0);
  if (from_ms !== undefined && until_ms !== undefined && from_ms > until_ms)
    throw new ApiError("invalid_request", "start_date lies after end_date.", "start_date");
  return { from_ms, until_ms };
}
