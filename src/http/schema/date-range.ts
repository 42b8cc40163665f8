import { z } from "zod";

/** An end of a range of time: a date, which stands for its whole day in UTC, or an instant. */
export const dateOrTime = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: "Must be an ISO 8601 date, or a date and time with its offset or Z.",
  })
  .transform((text) => ({ at_ms: Date.parse(text), whole_day: text.length === "2026-11-23".length }));

/** The two ends of a range of time in a query, both optional. */
export const dateRangeQuery = {
  start_date: dateOrTime.optional().meta({
    description: "From this date or instant on.",
    examples: ["2026-11-01"],
  }),
  end_date: dateOrTime.optional().meta({
    description: "Before this instant; a date includes its whole day (UTC).",
    examples: ["2026-11-30"],
  }),
};
