import type { UsageHour } from "../storage/usage-hours";

/** What calls come to, of whatever they were grouped by. */
export interface Usage {
  calls: number;
  rejected_calls: number;
  seconds: number;
  billable_seconds: number;
  fee_micros: number;
  provider_cost_micros: number;
  charged_micros: number;
}

/** The sum of hours. */
export function sumUsage(hours: readonly UsageHour[]): Usage {
  const sum = noUsage();
  for (const hour of hours) add(sum, hour);
  return sum;
}

/** The same by day, as `dayOf` says which day an hour belongs to; only days that had calls. */
export function usageByDay(
  hours: readonly UsageHour[],
  dayOf: (hour_ms: number) => string,
): Map<string, Usage> {
  const days = new Map<string, Usage>();
  let known: { hour_ms: number; day: string } | undefined;
  for (const hour of hours) {
    if (known?.hour_ms !== hour.hour_ms) known = { hour_ms: hour.hour_ms, day: dayOf(hour.hour_ms) };
    const sum = days.get(known.day) ?? noUsage();
    add(sum, hour);
    days.set(known.day, sum);
  }
  return days;
}

export function noUsage(): Usage {
  return {
    calls: 0,
    rejected_calls: 0,
    seconds: 0,
    billable_seconds: 0,
    fee_micros: 0,
    provider_cost_micros: 0,
    charged_micros: 0,
  };
}

function add(sum: Usage, hour: UsageHour): void {
  sum.calls += hour.calls;
  if (hour.outcome === "rejected") sum.rejected_calls += hour.calls;
  sum.seconds += hour.seconds;
  sum.billable_seconds += hour.billable_seconds;
  sum.fee_micros += hour.fee_micros;
  sum.provider_cost_micros += hour.provider_cost_micros;
  sum.charged_micros += hour.charged_micros;
}
