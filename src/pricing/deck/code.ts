import type { Direction } from "./row";

/** The most digits of a number that decide: those of E.164. */
export const MOST_DIGITS = 15;

/**
 * Digits as a number with a digit of the direction before them. So `31` and `031` differ, shorter prefixes sort before longer
 * ones, one digit less is a division by ten, and the greatest, 2,999,999,999,999,999, is exact in a double, as are its divisions.
 */
const LEADS: Record<Direction, number> = { outbound: 1, inbound: 2 };

/** One part of a deck for each length of prefixes and direction. */
export const PART_COUNT = MOST_DIGITS * 2;

/** The code of an entry that is for all callers. */
export const ANY_ORIGIN = 0;

/** The code of a number's first 15 digits; 0 for what is not digits alone. */
export function codeOf(direction: Direction, digits: string): number {
  let code = LEADS[direction];
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return 0;
    if (at < MOST_DIGITS) code = code * 10 + digit;
  }
  return code;
}

/** The code of a caller's number, or of the prefix of one. */
export function originCodeOf(digits: string): number {
  return codeOf("outbound", digits);
}

/** The digits that a code stands for. */
export function digitsOf(code: number): string {
  return String(code).slice(1);
}

/** The direction that a code stands for. */
export function directionOf(code: number): Direction {
  return String(code).startsWith("2") ? "inbound" : "outbound";
}

/** In which part of a deck a code stands: shorter ones first, in each length those of outbound calls first. */
export function partOf(code: number): number {
  return partWith(directionOf(code), digitsOf(code).length);
}

/** The part of prefixes of this many digits. */
export function partWith(direction: Direction, digit_count: number): number {
  return (digit_count - 1) * 2 + (direction === "inbound" ? 1 : 0);
}
