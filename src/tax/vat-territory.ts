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

/** A part of a member state's postal system in which that state's VAT does not apply. */
interface Part {
  /** Its code where it is no part of the Union at all; null for a territory of the member state that VAT does not reach. */
  outside: string | null;
  postal_codes: RegExp;
  /** As people name it in the place of a province; "" where they do not. */
  regions: string;
  /** How Stripe knows it, where people may write it otherwise. */
  at_stripe?: Partial<Pick<Place, "country" | "postal_code">>;
}

const excluded = (postal_codes: RegExp, regions = "", at_stripe?: Part["at_stripe"]): Part => ({
  ...{ outside: null, postal_codes, regions, at_stripe },
});
const outside = (country: string, postal_codes: RegExp, regions = ""): Part => ({
  ...{ outside: country, postal_codes, regions, at_stripe: { country } },
});

/**
 * Parts that addresses name by the member state and its postal codes. VAT on goods and services alike does not apply in
 * them: Article 6 (1) of Directive 2006/112/EC for Mount Athos, the Canary Islands, France's overseas parts, Åland and
 * Campione; Article 6 (2) for Heligoland, Büsingen, Ceuta, Melilla and Livigno; Articles 204 and 355 (5) of the Treaty on
 * the Functioning of the Union for Greenland and the Faroe Islands; Protocol 10 to the Act of Accession of 2003 for the
 * north of Cyprus. San Marino and the Vatican are states of their own that use Italian postal codes. Büsingen and Campione
 * have a Swiss postal code besides the German and the Italian one.
 */
const PARTS: Partial<Record<MemberState, readonly Part[]>> = {
  CY: [excluded(/^9[89]\d{3}$/)],
  DE: [excluded(/^(78266|8238)$/, "", { postal_code: "78266" }), excluded(/^27498$/)],
  // Danish postal codes have four digits, Faroese ones three.
  DK: [
    outside("GL", /^39\d\d$/, "gl|gronland|greenland|kalaallit nunaat"),
    outside("FO", /^\d{3}$/, "fo|faeroerne|faroyar|foroyar|faroe islands|faeroe islands"),
  ],
  ES: [
    excluded(
      /^(35|38|51|52)\d{3}$/,
      "cn|gc|tf|ce|ml|canarias|islas canarias|canary islands|las palmas|santa cruz de tenerife|ceuta|melilla",
    ),
  ],
  FI: [excluded(/^22\d{3}$/, "01|ax|aland|aland islands|ahvenanmaa")],
  // 980 is Monaco.
  FR: [
    excluded(
      /^(97\d|98[4-8])\d\d$/,
      "97[1-8]|98[4-8]|gp|mq|gf|re|yt|guadeloupe|martinique|guyane|french guiana|reunion|la reunion|mayotte",
    ),
  ],
  GR: [excluded(/^6308[67]$/, "69|mount athos|agio oros|agion oros")],
  IT: [
    excluded(/^23041$/),
    excluded(/^(22061|6911)$/, "", { postal_code: "22061" }),
    outside("SM", /^4789\d$/, "sm|san marino"),
    outside("VA", /^00120$/, "va|citta del vaticano|vatican city"),
  ],
};

/** How many digits postal codes have, where the region is not to be asked when there are as many. */
const FOUR_DIGITS: readonly MemberState[] = ["CY", "DK"];
/** Programs that take postal codes for numbers lose up to two noughts. */
const FEWEST_DIGITS = 3;

/**
 * Where a place lies for VAT. The postal code decides when it has the form that the country uses (spaces, dashes, a country
 * code before it and lost noughts do not matter); the region only when there is no such postal code.
 * Throws for a country that is not two letters, because taking it for one outside the Union would leave VAT uncharged.
 */
export function vatAreaOf(place: Place): VatArea {
  const code = place.country.toUpperCase();
  if (!/^[A-Z]{2}$/.test(code)) throw new Error(`Not a country code: ${JSON.stringify(place.country)}.`);
  const mainland = EXCLUDED_CODES[code];
  if (mainland) return { area: "excluded_territory", country: mainland };
  const country = TAXED_AS[code] ?? code;
  if (!isMemberState(country)) return { area: "outside_eu", country };
  const part = partOf(country, place);
  if (part?.outside) return { area: "outside_eu", country: part.outside };
  return { area: part ? "excluded_territory" : "member_state", country };
}

/** The place as it has to be written at Stripe, so that Stripe taxes it as `vatAreaOf` says. */
export function placeAtStripe(place: Place): Pick<Place, "country" | "postal_code"> {
  const { country, postal_code } = place;
  const state = TAXED_AS[country] ?? country;
  const part = isMemberState(state) ? partOf(state, place) : undefined;
  return { country, postal_code, ...part?.at_stripe };
}

/** What VAT numbers of an address in `country` start with: its code, but EL for Greece, and FR for Monaco. */
export function vatPrefixOf(country: string): string {
  const { country: taxed_as } = vatAreaOf({ country, postal_code: "" });
  return taxed_as === "GR" ? "EL" : taxed_as;
}

/** The digits of a postal code. Every country with a territory or a rate of its own has postal codes of digits only. */
export function postalDigits(postal_code: string): string {
  return postal_code.normalize("NFKC").replace(/\D/g, "");
}

function partOf(country: MemberState, { postal_code, region }: Place): Part | undefined {
  const parts = PARTS[country] ?? [];
  const digits = postalDigits(postal_code);
  const longest = 5;
  const whole = FOUR_DIGITS.includes(country) ? digits : digits.padStart(longest, "0");
  if (digits.length >= FEWEST_DIGITS && digits.length <= longest)
    return parts.find(({ postal_codes }) => postal_codes.test(digits) || postal_codes.test(whole));
  return parts.find(
    ({ regions }) => regions !== "" && new RegExp(`^(${country}-)?(${regions})$`, "i").test(plain(region)),
  );
}

/** A name without its accents, so that Åland, Grønland and Réunion are found however they are written. */
function plain(name: string | null | undefined): string {
  return (name ?? "")
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/ø/giu, "o")
    .replace(/æ/giu, "ae")
    .replace(/ð/giu, "d")
    .trim();
}
