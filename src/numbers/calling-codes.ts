import metadata from "libphonenumber-js/metadata.min.json";

/** A country or territory: the two capital letters of ISO 3166-1. */
export type Country = keyof typeof metadata.countries;

/** Countries by calling code, each list's main one first. */
const countries_by_code: Readonly<Record<string, readonly string[] | undefined>> =
  metadata.country_calling_codes;

/** Calling codes of no country: satellites, international networks and services (ITU-T E.164, list of codes). */
const codes_of_no_country: object = metadata.nonGeographic;

const MOST_DIGITS_OF_A_CODE = 3;

/** Whether a text is a country of which the numbering plan is known. */
export function isNumberedCountry(text: string): text is Country {
  return Object.hasOwn(metadata.countries, text);
}

/** The calling code that a number begins with, null when there is no such code. `digits`: what follows its `+`. */
export function callingCodeOf(digits: string): string | null {
  for (let length = 1; length <= MOST_DIGITS_OF_A_CODE; length++) {
    const code = digits.slice(0, length);
    if (Object.hasOwn(countries_by_code, code) || Object.hasOwn(codes_of_no_country, code)) return code;
  }
  return null;
}

/** The countries that share a calling code, the main one first; none for codes of no country. */
export function countriesOf(code: string): readonly Country[] {
  return (countries_by_code[code] ?? []) as readonly Country[];
}
