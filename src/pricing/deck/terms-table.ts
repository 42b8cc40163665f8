import { type Deck, TERMS_WIDTH } from "./layout";
import { type Tariff, type Terms, tariffOf } from "./row";

const TREATMENTS = ["rated", "free", "blocked"] as const;

const NO_TARIFF: Tariff = {
  price_micros_per_minute: 0,
  first_seconds: 0,
  next_seconds: 0,
  minimum_seconds: 0,
};

/** Terms as numbers, each kept once: rows of a deck have few different ones. */
export class TermsTable {
  readonly numbers: number[] = [];
  private readonly places = new Map<string, number>();

  get count(): number {
    return this.places.size;
  }

  /** Where these terms stand in the table; puts them there. */
  placeOf(terms: Terms): number {
    const numbers = numbersOf(terms);
    const key = numbers.join();
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const place = this.places.size;
    this.places.set(key, place);
    this.numbers.push(...numbers);
    return place;
  }
}

function numbersOf(terms: Terms): number[] {
  const tariff = terms.treatment === "rated" ? terms.tariff : NO_TARIFF;
  return [
    TREATMENTS.indexOf(terms.treatment),
    tariff.price_micros_per_minute,
    tariff.first_seconds,
    tariff.next_seconds,
    tariff.minimum_seconds,
    tariff.connection_fee_micros ?? 0,
    tariff.free_seconds ?? 0,
  ];
}

/** The terms of an entry. */
export function termsOfEntry({ terms, terms_of }: Deck, entry: number): Terms {
  const at = (terms_of[entry] ?? 0) * TERMS_WIDTH;
  const treatment = TREATMENTS[terms[at] ?? 0] ?? "blocked";
  if (treatment !== "rated") return { treatment };
  const tariff = tariffOf({
    price_micros_per_minute: terms[at + 1] ?? 0,
    first_seconds: terms[at + 2] ?? 0,
    next_seconds: terms[at + 3] ?? 0,
    minimum_seconds: terms[at + 4] ?? 0,
    connection_fee_micros: terms[at + 5] ?? 0,
    free_seconds: terms[at + 6] ?? 0,
  });
  return { treatment, tariff };
}
