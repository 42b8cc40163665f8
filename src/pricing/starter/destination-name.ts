/** What numbers cost that a whole range of them is closed. */
export type RangeKind = "premium" | "shared_cost" | "personal" | "satellite" | "network";

/** Where a closed number leads. */
export interface Destination {
  /** Digits of E.164 that its place begins with. */
  place_prefix: string;
  /** Its ISO code; null where it may be more than one, or is none. */
  country: string | null;
  /** Null: the whole place is closed. */
  kind: RangeKind | null;
}

const WORDS = {
  en: {
    north_america: "North America",
    nowhere: "International",
    premium: "premium rate",
    shared_cost: "shared cost",
    personal: "personal numbers",
    satellite: "satellite",
    network: "networks of no country",
  },
  nl: {
    north_america: "Noord-Amerika",
    nowhere: "Internationaal",
    premium: "betaalnummers",
    shared_cost: "gedeelde kosten",
    personal: "persoonlijke nummers",
    satellite: "satelliet",
    network: "netwerken zonder land",
  },
  de: {
    north_america: "Nordamerika",
    nowhere: "International",
    premium: "Premium-Dienste",
    shared_cost: "geteilte Kosten",
    personal: "persönliche Rufnummern",
    satellite: "Satellit",
    network: "Netze ohne Land",
  },
} as const;

type Language = keyof typeof WORDS;

const regions = new Map<Language, Intl.DisplayNames>();

/** A destination's name for people: `Netherlands: premium rate`, `International: satellite (+881)`, `Cuba`. */
export function destinationName(
  { place_prefix, country, kind }: Destination,
  language: Language = "en",
): string {
  const words = WORDS[language];
  const place = country === null ? placeOfMany(place_prefix, language) : regionName(country, language);
  const what = kind === null ? place : `${place}: ${words[kind]}`;
  return country === null ? `${what} (+${place_prefix})` : what;
}

function placeOfMany(prefix: string, language: Language): string {
  return prefix === "1" ? WORDS[language].north_america : WORDS[language].nowhere;
}

function regionName(code: string, language: Language): string {
  const names = regions.get(language) ?? new Intl.DisplayNames(language, { type: "region" });
  regions.set(language, names);
  return names.of(code) ?? code;
}
