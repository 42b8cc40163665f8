import { z } from "zod";
import { callSchema, paginationSchema } from "../calls/schema";
import { currency, integer, moneyMicros, moneyUnits, queryInteger } from "../schema/amounts";
import { cursorQuery, nextCursor } from "../schema/cursor";
import { dateRangeQuery } from "../schema/date-range";

/** Charged calls, and what all in the range come to. */
export const usageSchema = z
  .strictObject({
    usage: z.array(callSchema),
    logs: z.array(callSchema).meta({ description: "The same as `usage`." }),
    pagination: paginationSchema,
    next_cursor: nextCursor,
    summary: z.strictObject({
      total_calls: integer("Charged calls in the range"),
      total_seconds: integer("Answered seconds"),
      total_duration_seconds: integer("The same as `total_seconds`"),
      total_minutes: z.number().meta({ description: "Answered minutes, rounded down to 2 decimals." }),
      total_duration_minutes: z.number().meta({ description: "The same as `total_minutes`." }),
      total_billable_seconds: integer("Seconds charged, after increments"),
      total_billable_minutes: z.number().meta({
        description:
          "Minutes charged, rounded down to 2 decimals: of this month (UTC) `monthly_usage_minutes` of the account.",
      }),
      total_cost: moneyUnits("What the calls cost"),
      total_cost_micros: moneyMicros("What the calls cost"),
      total_fee_micros: moneyMicros("Platform fees"),
      total_provider_cost_micros: moneyMicros("Provider costs on platform keys"),
      currency,
    }),
  })
  .meta({ id: "UsagePage" });

/** Which calls are asked for, and in which form. */
export const usageQuery = z.strictObject({
  ...dateRangeQuery,
  limit: queryInteger({ min: 1, max: 1_000, default: 100, description: "Calls in a page." }),
  offset: queryInteger({ min: 0, max: 10_000_000, default: 0, description: "Calls to skip." }),
  cursor: cursorQuery,
  format: z.enum(["json", "csv"]).optional().meta({
    description: "Goes before the Accept header. `csv`: as `GET /usage.csv`, whatever limit and offset say.",
  }),
});

/** Which calls the file has. */
export const usageFileQuery = z.strictObject(dateRangeQuery);

/** As `usageQuery` is parsed. */
export type UsageQuery = z.output<typeof usageQuery>;
