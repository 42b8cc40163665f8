import { type Group, noFigures } from "../../storage/calls/usage-figures";

/** What calls come to: `seconds` as they lasted, `billable_seconds` after rating increments, money in micro-euros. */
export interface Usage {
  calls: number;
  rejected_calls: number;
  seconds: number;
  billable_seconds: number;
  fee_micros: number;
  provider_cost_micros: number;
  charged_micros: number;
}

/** What parts come to together. */
export function totalUsage(parts: readonly Usage[]): Usage {
  const sum = noUsage();
  for (const part of parts) for (const name of NAMES) sum[name] += part[name];
  return sum;
}

/** What no calls come to. */
export function noUsage(): Usage {
  const { calls, seconds, billable_seconds, fee_micros, provider_cost_micros, charged_micros } = noFigures();
  return {
    calls,
    rejected_calls: 0,
    seconds,
    billable_seconds,
    fee_micros,
    provider_cost_micros,
    charged_micros,
  };
}

/** Adds a group of calls to a sum, or those of it only that were charged. */
export function addGroup(sum: Usage, group: Group, only_charged: boolean): void {
  const calls = only_charged ? group.charged_calls : group.calls;
  sum.calls += calls;
  if (group.status === "rejected") sum.rejected_calls += calls;
  sum.seconds += only_charged ? group.charged_seconds : group.seconds;
  // Calls that were not charged have nothing of these.
  sum.billable_seconds += group.billable_seconds;
  sum.fee_micros += group.fee_micros;
  sum.provider_cost_micros += group.provider_cost_micros;
  sum.charged_micros += group.charged_micros;
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
