/**
 * The emergency and short numbers of each country, out of the text of google-libphonenumber, whose ShortNumberMetadata
 * is Google's (Apache-2.0). It offers no list of them, only a question about one number, so its table is read instead.
 */

/** By region: every number of its emergency services, and the pattern of all its short numbers. */
export type ShortNumbers = Record<string, { emergency: string[]; short: string }>;

/** What is read of a region's metadata: a protocol buffer as an array, by the numbers of its fields. */
type Metadata = readonly (readonly unknown[] | null)[];

/** Fields of `PhoneMetadata` and of `PhoneNumberDesc` (phonemetadata.proto). */
const EMERGENCY = 27;
const SHORT_CODE = 29;
const NATIONAL_NUMBER_PATTERN = 2;

const TABLE = "shortnumbermetadata.countryToMetadata=";

/** No emergency number of the metadata is longer. */
const MOST_DIGITS = 5;

/**
 * @param library the text of `google-libphonenumber/dist/libphonenumber.js`
 * @throws Error when there is no such table in it
 */
export function shortNumbersOf(library: string): ShortNumbers {
  const tables = Object.entries(tableIn(library)).map(([region, metadata]) => [
    region,
    { emergency: numbersOf(patternIn(metadata, EMERGENCY)), short: patternIn(metadata, SHORT_CODE) },
  ]);
  return Object.fromEntries(tables.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

function tableIn(library: string): Record<string, Metadata> {
  const start = library.indexOf(TABLE);
  if (start === -1) throw new Error("google-libphonenumber has no table of short numbers any more.");
  const literal = /^\{(?:"(?:[^"\\]|\\.)*"|[^"}])*\}/.exec(library.slice(start + TABLE.length))?.[0] ?? "";
  // A literal of JavaScript with names that are not quoted and elements that are left out.
  const json = literal.replace(
    /"(?:[^"\\]|\\.)*"|(\w+)(?=:)|([[,])(?=\s*,)/g,
    (all, name?: string, hole?: string) => (name ? `"${name}"` : hole ? `${hole}null` : all),
  );
  return JSON.parse(json);
}

function patternIn(metadata: Metadata, field: number): string {
  return String(metadata[field]?.[NATIONAL_NUMBER_PATTERN] ?? "");
}

/** All numbers that match a pattern, the shortest first. */
function numbersOf(pattern: string): string[] {
  if (pattern === "") return [];
  const whole = new RegExp(`^(?:${pattern})$`);
  const found: string[] = [];
  for (let digits = 2; digits <= MOST_DIGITS; digits++)
    for (let value = 0; value < 10 ** digits; value++) {
      const number = String(value).padStart(digits, "0");
      if (whole.test(number)) found.push(number);
    }
  return found;
}
