/** Money is an integer of millionths of the currency unit: EUR 0.07 is 70,000 micros. */
export const MICROS_PER_UNIT = 1_000_000;

/** The one currency of the ledger today; every record carries it so that a second one needs no migration. */
export const CURRENCY = "EUR" as const;

/** Amounts above this (EUR 1,000,000,000) are refused at the door, far below where integers lose precision. */
export const MAX_AMOUNT_MICROS = 1_000_000_000 * MICROS_PER_UNIT;

/**
 * numerator / denominator for non-negative integers, half rounded up.
 * The only rounding rule for what is charged.
 */
export function divideHalfUp(numerator: number, denominator: number): number {
  return Math.floor((2 * numerator + denominator) / (2 * denominator));
}

/** numerator / denominator for non-negative integers, rounded up: for holds, which must never be too small. */
export function divideUp(numerator: number, denominator: number): number {
  return Math.floor((numerator + denominator - 1) / denominator);
}

/** Micros as a decimal number of the currency unit: 98,000 becomes 0.098. For display fields only. */
export function microsToUnits(amount_micros: number): number {
  return amount_micros / MICROS_PER_UNIT;
}

const MICROS_PER_CENT = 10_000;

/** Cents, as Stripe counts money, in micros. */
export function centsToMicros(cents: number): number {
  return cents * MICROS_PER_CENT;
}

/** Micros that are whole cents, in cents. */
export function microsToCents(amount_micros: number): number {
  return Math.round(amount_micros / MICROS_PER_CENT);
}

/** Minutes that credit pays for, to two decimals rounded down and never below 0: in integers, so that 500 is 500. */
export function minutesOf(amount_micros: number, price_micros_per_minute: number): number {
  if (amount_micros <= 0) return 0;
  return Number((BigInt(amount_micros) * 100n) / BigInt(price_micros_per_minute)) / 100;
}
