import { SECOND_MS } from "../../../units/duration";
import type { LiveCall } from "../calls/call";
import { chargedCostMicros } from "../calls/charge";
import { feeOf, type Rate } from "../credit/rating";
import type { Organization } from "./organization";

/** An organization with its balance, as the account API and the dashboard show it. */
export interface Account extends Organization {
  epoch: number;
  posted_micros: number;
  held_micros: number;
  spendable_micros: number;
  remaining_micros: number;
  voice_rate: Rate;
  month_seconds: number;
  /** How fast credit goes: live calls, or the average of the last minutes when that is more. */
  burn_micros_per_minute: number;
  active_calls: number;
  active_numbers: number;
}

/** What a live call has used by its proof of life. */
export function usedMicros(call: LiveCall): number {
  return feeOf(call.proof_of_life_seconds * SECOND_MS, call.rate).fee_micros + chargedCostMicros(call);
}
