import type { Account } from "../../ledger/core/account/account";
import { minutesOf } from "../../units/money";

/** Minutes of calls that the balance pays for. */
export function minutesLeft({ remaining_micros, voice_rate }: Account): number {
  return minutesOf(remaining_micros, voice_rate.price_micros_per_minute);
}
