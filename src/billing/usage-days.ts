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

/** What the calls of one hour that ended alike come to. */
export function usageOf(hour: UsageHour): Usage {
  return { ...hour, rejected_calls: hour.status === "rejected" ? hour.calls : 0 };
}

/** What parts come to together. */
export function sumUsage(parts: readonly Usage[]): Usage {
  const sum: Usage = {
    calls: 0,
    rejected_calls: 0,
    seconds: 0,
    billable_seconds: 0,
    fee_micros: 0,
    provider_cost_micros: 0,
    charged_micros: 0,
  };
  for (const part of parts) for (const name of NAMES) sum[name] += part[name];
  return sum;
}

const NAMES = [
  "calls",
  "rejected_calls",
  "seconds",
  "billable_seconds",
  "fee_micros",
  "provider_cost_micros",
  "charged_micros",
] as const satisfies (keyof Usage)[];

/** Hours, in the order of time, by the day that `dayOf` says each belongs to; only days that had calls. */
export function usageByDay(
  hours: readonly UsageHour[],
  dayOf: (hour_ms: number) => string,
): Map<string, Usage> {
  let known: { hour_ms: number; day: string } | undefined;
  const days = Map.groupBy(hours, ({ hour_ms }) => {
    // An hour has several rows, and asking which day it is takes longer than all else here.
    if (known?.hour_ms !== hour_ms) known = { hour_ms, day: dayOf(hour_ms) };
    return known.day;
  });
  return new Map([...days].map(([day, of_day]) => [day, sumUsage(of_day.map(usageOf))]));
}
