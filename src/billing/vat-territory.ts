import { isMemberState, type MemberState } from "../units/member-states";

export type { MemberState };

/** The parts of an address that say where it lies. `country` is two letters, `region` a province as the customer gave it. */
export interface Place {
  country: string;
  postal_code: string;
  region?: string | null;
}

/** Where a place lies for VAT. `country` is the one that it belongs to there, which may differ from the address's. */
export type VatArea =
  | { area: "member_state" | "excluded_territory"; country: MemberState }
  | { area: "outside_eu"; country: string };

/**
 * Codes that stand for another country where services and VAT numbers are concerned: Monaco is taxed as France and the
 * Isle of Man as the United Kingdom (Article 7 of Directive 2006/112/EC), Northern Ireland (XI) belongs to the Union for
 * goods only, EL is what Greece calls itself in VAT numbers.
 */
const TAXED_AS: Record<string, string> = { EL: "GR", MC: "FR", IM: "GB", XI: "GB", UK: "GB" };

/**
 * Territories of a member state that have a code of their own and that its VAT does not reach (Article 6 of the
 * Directive; France's other overseas territories are outside the Union): Åland, the Canary Islands, Ceuta and Melilla,
 * then the French ones.
 */
const EXCLUDED_CODES: Record<string, MemberState> = {
  AX: "FI",
  IC: "ES",
  EA: "ES",
  ...Object.fromEntries("GP MQ GF RE YT BL MF PM WF PF NC TF".split(" ").map((code) => [code, "FR"])),
};

/** The same territories in addresses that name the member state: by postal code, and by region where there is one. */
const EXCLUDED_PARTS: Partial<Record<MemberState, { postal_codes: RegExp; regions: string }>> = {
  // Büsingen, Heligoland
  DE: { postal_codes: /^(78266|27498)$/, regions: "" },
  // Canary Islands, Ceuta, Melilla
  ES: {
    postal_codes: /^(35|38|51|52)\d{3}$/,
    regions:
      "cn|gc|tf|ce|ml|canarias|islas canarias|canary islands|las palmas|santa cruz de tenerife|ceuta|melilla",
  },
  // Åland
  FI: { postal_codes: /^22\d{3}$/, regions: "01|ax|aland|aland islands|ahvenanmaa" },
  // Overseas departments and territories; 980 is Monaco
  FR: {
    postal_codes: /^(97\d|98[4-8])\d\d$/,
    regions:
      "97[1-8]|98[4-8]|gp|mq|gf|re|yt|guadeloupe|martinique|guyane|french guiana|reunion|la reunion|mayotte",
  },
  // Mount Athos
  GR: { postal_codes: /^6308[67]$/, regions: "69|mount athos|agio oros|agion oros" },
  // Livigno, Campione d'Italia
  IT: { postal_codes: /^(23041|22061)$/, regions: "" },
};

/**
 * Where a place lies for VAT. The postal code decides when it has the form that the country uses (spaces, dashes and a
 * country letter before it do not matter); the region only when there is no such postal code.
 * Throws for a country that is not two letters, because taking it for one outside the Union would leave VAT uncharged.
 */
export function vatAreaOf(place: Place): VatArea {
  const code = place.country.toUpperCase();
  if (!/^[A-Z]{2}$/.test(code)) throw new Error(`Not a country code: ${JSON.stringify(place.country)}.`);
  const mainland = EXCLUDED_CODES[code];
  if (mainland) return { area: "excluded_territory", country: mainland };
  const country = TAXED_AS[code] ?? code;
  if (!isMemberState(country)) return { area: "outside_eu", country };
  return { area: isExcludedPart(country, place) ? "excluded_territory" : "member_state", country };
}

/** What VAT numbers of an address in `country` start with: its code, but EL for Greece, and FR for Monaco. */
export function vatPrefixOf(country: string): string {
  const { country: taxed_as } = vatAreaOf({ country, postal_code: "" });
  return taxed_as === "GR" ? "EL" : taxed_as;
}

/** The digits of a postal code. Every country with a territory or a rate of its own has postal codes of digits only. */
export function postalDigits(postal_code: string): string {
  return postal_code.replace(/\D/g, "");
}

function isExcludedPart(country: MemberState, { postal_code, region }: Place): boolean {
  const parts = EXCLUDED_PARTS[country];
  if (!parts) return false;
  const digits = postalDigits(postal_code);
  if (digits.length === 5) return parts.postal_codes.test(digits);
  return parts.regions !== "" && new RegExp(`^(${country}-)?(${parts.regions})$`, "i").test(plain(region));
}

/** A name without its accents, so that Åland and Réunion are found however they are written. */
function plain(name: string | null | undefined): string {
  return (name ?? "").normalize("NFD").replace(/\p{M}/gu, "").trim();
}
