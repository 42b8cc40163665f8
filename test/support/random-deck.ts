import type { DeckRow, Terms } from "../../src/pricing/deck/row";
import type { Random } from "./random";

/** Rows with different prefixes of 2 to 10 digits and a few thousand prices, for outbound calls by all callers. */
export function randomRows(random: Random, count: number): DeckRow[] {
  const prefixes = new Set<string>();
  while (prefixes.size < count) prefixes.add(randomDigits(random, random.between(2, 10)));
  return [...prefixes].map((prefix) => ({
    direction: "outbound",
    prefix,
    origins: [],
    name: `Destination ${prefix.slice(0, 3)}`,
    terms: randomTerms(random),
    until_ms: null,
  }));
}

/** Digits of which the first is not 0. */
export function randomDigits(random: Random, length: number): string {
  let digits = String(random.between(1, 9));
  while (digits.length < length) digits += random.between(0, 9);
  return digits;
}

/** A number of 8 to 15 digits: any, or one that begins with a prefix of these rows. */
export function randomNumber(random: Random, rows: readonly DeckRow[]): string {
  const start = random.chance(0.7) ? random.pick(rows).prefix : "";
  const length = random.between(8, 15);
  return start === ""
    ? randomDigits(random, length)
    : `${start}${randomDigits(random, length)}`.slice(0, length);
}

function randomTerms(random: Random): Terms {
  if (random.chance(0.02)) return { treatment: random.pick(["free", "blocked"] as const) };
  const [first_seconds = 1, next_seconds = 1] = random.pick([
    [1, 1],
    [60, 60],
    [30, 6],
  ]);
  const tariff = {
    price_micros_per_minute: random.between(0, 1_000) * 1_000,
    first_seconds,
    next_seconds,
    minimum_seconds: 0,
  };
  return { treatment: "rated", tariff };
}
