import { hasCreditToCall, type Rate, smallestChargeMicros } from "./rating";

/** What is left to call with, and how fast it goes. */
export interface CreditLeft {
  /** Posted minus what live calls have used by their proof of life. */
  remaining_micros: number;
  /** What the live calls cost a minute, or the average of the last minutes when that is more. */
  burn_micros_per_minute: number;
  /** The price of a voice call: with less than its smallest charge nothing is left. */
  voice_rate: Rate;
}

/** Nobody plans on longer than a year, and the end of a longer one could not be written as a time. */
const MAX_RUNWAY_MINUTES = 525_600;

/** Whether nothing is left to call with: a call that is asked for now would be rejected with `insufficient_credits`. */
export function isOutOfCredit({
  remaining_micros,
  voice_rate,
}: Pick<CreditLeft, "remaining_micros" | "voice_rate">): boolean {
  return !hasCreditToCall(voice_rate, remaining_micros);
}

/**
 * Minutes that the credit lasts at its burn, to two decimals rounded down and a year at most: 0 without credit to call,
 * null when nothing is spent.
 */
export function runwayMinutes(credit: CreditLeft): number | null {
  const { remaining_micros, burn_micros_per_minute } = credit;
  if (burn_micros_per_minute <= 0) return null;
  if (isOutOfCredit(credit)) return 0;
  const minutes = Math.floor((remaining_micros / burn_micros_per_minute) * 100) / 100;
  return Math.min(MAX_RUNWAY_MINUTES, minutes);
}

/**
 * The credit below which it lasts for less than so many minutes, in micros. Without calls a runway has no end, as long as
 * there is credit to call.
 */
export function runwayLevelMicros(
  { burn_micros_per_minute, voice_rate }: Pick<CreditLeft, "burn_micros_per_minute" | "voice_rate">,
  minutes: number,
): number {
  return Math.max(smallestChargeMicros(voice_rate), minutes * burn_micros_per_minute);
}
