import type { Account } from "../ledger/account";
import { defaultRate } from "../ledger/rating";
import { minutesOf } from "../units/money";

/** Minutes of calls that the balance pays for. */
export function minutesLeft({ remaining_micros, voice_rate }: Account): number {
  return minutesOf(remaining_micros, (voice_rate ?? defaultRate("voice")).price_micros_per_minute);
}
