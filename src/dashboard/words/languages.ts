import type { Language } from "../../access/portal-sessions";

/** The words of a page in each language: leaving one out is an error of types. */
export function inEveryLanguage<Words>(words: Record<Language, Words>): Record<Language, Words> {
  return words;
}

/** A number, as it is written, with what is counted: `1 minute`, `12 minutes`. */
export function counted(number: string, one: string, many: string): string {
  return `${number} ${number === "1" ? one : many}`;
}
