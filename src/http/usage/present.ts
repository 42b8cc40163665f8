import type { z } from "zod";
import type { Usage } from "../../calls/usage/usage";
import { secondsToMinutes } from "../../units/duration";
import { CURRENCY, microsToUnits } from "../../units/money";
import type { usageSchema } from "./schema";

/** What all calls in the range come to: seconds, micro-euros and whole units. */
export function summaryBody(summary: Usage): z.input<typeof usageSchema>["summary"] {
  const { calls, seconds } = summary;
  return {
    total_calls: calls,
    total_seconds: seconds,
    total_duration_seconds: seconds,
    total_minutes: secondsToMinutes(seconds),
    total_duration_minutes: secondsToMinutes(seconds),
    total_billable_seconds: summary.billable_seconds,
    total_billable_minutes: secondsToMinutes(summary.billable_seconds),
    total_cost: microsToUnits(summary.charged_micros),
    total_cost_micros: summary.charged_micros,
    total_fee_micros: summary.fee_micros,
    total_provider_cost_micros: summary.provider_cost_micros,
    currency: CURRENCY,
  };
}
