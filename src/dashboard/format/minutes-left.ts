import type { Account } from "../../ledger/core/account/account";
import { defaultRate } from "../../ledger/core/credit/rating";
import { minutesOf } from "../../units/money";

/** Minutes of calls that the balance pays for. */
export function minutesLeft({ remaining_micros, voice_rate }: Account): number {
  return minutesOf(remaining_micros, (voice_rate ?? defaultRate("voice")).price_micros_per_minute);
}
