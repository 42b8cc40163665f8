import { inEveryLanguage } from "./languages";

/** Asks back where a number can be read in two ways. */
export const amountWords = inEveryLanguage<{ two_ways: (small: string, large: string) => string }>({
  en: {
    two_ways: (small, large) =>
      `Do you mean ${small} or ${large}? Enter it without a separator between thousands and with two decimals at most.`,
  },
  nl: {
    two_ways: (small, large) =>
      `Bedoelt u ${small} of ${large}? Voer het in zonder scheidingsteken voor duizendtallen en met hoogstens twee decimalen.`,
  },
  de: {
    two_ways: (small, large) =>
      `Meinen Sie ${small} oder ${large}? Geben Sie es ohne Tausendertrennzeichen und mit höchstens zwei Nachkommastellen ein.`,
  },
});
