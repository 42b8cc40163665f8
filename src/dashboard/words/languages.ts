import type { Language } from "../../billing/portal-sessions";

/** The words of a page in each language: leaving one out is an error of types. */
export function inEveryLanguage<Words>(words: Record<Language, Words>): Record<Language, Words> {
  return words;
}
