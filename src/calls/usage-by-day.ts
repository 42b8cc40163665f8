import type { UsageDay } from "../storage/calls/usage-hours";

/** What calls come to. */
export type Usage = Omit<UsageDay, "day">;

/** What parts come to together. */
export function totalUsage(parts: readonly Usage[]): Usage {
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
