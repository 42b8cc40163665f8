import { z } from "zod";
import { MAX_AMOUNT_MICROS } from "../../units/money";
import { netCents } from "../net-cents-schema";

const DAYS_OF_RUNWAY = 7;

const thresholdMicros = z
  .int()
  .min(0)
  .max(MAX_AMOUNT_MICROS)
  .min(10_000, "Must be at least 10000, a cent.")
  .meta({
    description: "Buys when the remaining balance falls below this. Either this or `runway_minutes`.",
    examples: [5_000_000],
  });

const runwayMinutes = z
  .int()
  .min(1)
  .max(DAYS_OF_RUNWAY * 24 * 60)
  .meta({
    description:
      "Buys when the remaining balance would last the live calls for fewer minutes than this, or is used up. Either this or `threshold_micros`.",
    examples: [30],
  });

/** The fields by which auto top-up is turned on, in their bounds. Whether they fit each other is for `setAutoTopUp`. */
export const topUpFields = {
  threshold_micros: thresholdMicros.optional(),
  runway_minutes: runwayMinutes.optional(),
  net_cents: netCents,
  max_per_day: z
    .int()
    .min(1)
    .max(10)
    .meta({ description: "Tries in a day (UTC).", examples: [3] }),
  monthly_cap_cents: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .meta({
      description: "The most that is bought in a calendar month (UTC), in cents before VAT.",
      examples: [50_000],
    }),
};

interface Limits {
  threshold_micros?: number | undefined;
  runway_minutes?: number | undefined;
}

/** Exactly one limit, so that there is no question which one counts. */
export function oneLimit({ value, issues }: z.core.ParsePayload<Limits>): void {
  const { threshold_micros, runway_minutes } = value;
  const issue = (name: keyof Limits, message: string) =>
    issues.push({ code: "custom", input: value, path: [name], message });
  if (threshold_micros === undefined && runway_minutes === undefined)
    issue("threshold_micros", "Set it or runway_minutes.");
  if (threshold_micros !== undefined && runway_minutes !== undefined)
    issue("runway_minutes", "Set either threshold_micros or runway_minutes.");
}
