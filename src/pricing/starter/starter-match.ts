import type { ClosingSettings } from "../../env";
import { callingCodeOf } from "../../numbers/calling-codes";
import { closedRange } from "./closed-ranges";
import { type Destination, destinationName } from "./destination-name";
import { placeOf } from "./places";

/** A number that is closed without anybody having imported a deck. */
export interface StarterMatch {
  /** Digits of E.164 that decide it. */
  prefix: string;
  /** Its name for people, in English. */
  destination: string;
  /** The same in parts, to be named in another language. */
  destination_parts: Destination;
  /** What closes it: a range of numbers that is closed everywhere, or an operator the group of its country. */
  by: "range" | "risk_group";
}

/**
 * What the starter deck says of a number: null when it is open. Ranges of premium rate, shared cost and personal numbers and those
 * of satellites are closed; countries only when an operator closes their risk group. `digits`: a number of E.164 without its `+`.
 */
export function starterMatch(digits: string, closing: ClosingSettings): StarterMatch | null {
  const place = placeOf(digits);
  const code = callingCodeOf(digits);
  if (place === null || code === null) return null;
  const range = closedRange(digits, code);
  const is_closed_place = place.risk !== null && closing.risk_groups.has(place.risk);
  if (range === null && !is_closed_place) return null;
  const { prefix: place_prefix, country } = place;
  const destination_parts = { place_prefix, country, kind: range?.kind ?? null };
  return {
    prefix: range?.prefix ?? place_prefix,
    destination: destinationName(destination_parts),
    destination_parts,
    by: is_closed_place ? "risk_group" : "range",
  };
}

/** Whether a price is more than an operator lets anybody be called for. */
export function isTooDear(
  price_micros_per_minute: number,
  { max_price_micros_per_minute }: ClosingSettings,
): boolean {
  return max_price_micros_per_minute !== null && price_micros_per_minute > max_price_micros_per_minute;
}
