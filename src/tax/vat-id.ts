import { checkVAT, countries, norway } from "jsvat-next";
import { compactForm, endingsOf, withoutLabels } from "./vat-id-labels";
import { exampleVatId, nationalNumber } from "./vat-id-national";
import { type MemberState, vatPrefixOf } from "./vat-territory";

/**
 * What is known of a VAT ID: `none` given, `malformed` as written, `pending` its first check, `valid` or `invalid` by
 * the last check, `unavailable` when the register could not be asked. Only `valid` ever lowers VAT.
 */
export type VatIdState = "none" | "malformed" | "pending" | "valid" | "invalid" | "unavailable";

/** The types by which Stripe knows the VAT IDs that we take. */
export type TaxIdType = "eu_vat" | "gb_vat" | "ch_vat" | "no_vat";

/**
 * Why a VAT ID is malformed: its form, another number of its country (`name`), another country than the address's, or a
 * country whose IDs we do not take. `example` is one as it may look.
 */
export type VatIdProblem =
  | { problem: "format" | "other_country"; example: string | null }
  | { problem: "national_number"; name: string; example: string | null }
  | { problem: "country_without_vat_ids" };

export type VatIdReading =
  | { state: "none" }
  | ({ state: "malformed"; value: string } & VatIdProblem)
  | { state: "pending"; type: TaxIdType; value: string; looks_wrong: boolean };

/** What follows the prefix. Source: the Commission's list of VAT number structures (VIES, frequently asked questions). */
const EU_FORMATS: Record<MemberState, string> = {
  AT: "U\\d{8}",
  BE: "[01]\\d{9}",
  BG: "\\d{9,10}",
  CY: "\\d{8}[A-Z]",
  CZ: "\\d{8,10}",
  DE: "\\d{9}",
  DK: "\\d{8}",
  EE: "\\d{9}",
  ES: "([A-Z]\\d{7}[A-Z\\d]|\\d{8}[A-Z])",
  FI: "\\d{8}",
  FR: "[A-HJ-NP-Z\\d]{2}\\d{9}",
  GR: "\\d{9}",
  HR: "\\d{11}",
  HU: "\\d{8}",
  IE: "(\\d{7}[A-Z]{1,2}|\\d[A-Z+*]\\d{5}[A-Z])",
  IT: "\\d{11}",
  LT: "(\\d{9}|\\d{12})",
  LU: "\\d{8}",
  LV: "\\d{11}",
  MT: "\\d{8}",
  NL: "\\d{9}B\\d{2}",
  PL: "\\d{10}",
  PT: "\\d{9}",
  RO: "\\d{2,10}",
  SE: "\\d{12}",
  SI: "\\d{8}",
  SK: "\\d{10}",
};

/** The VAT IDs of a country, or of two that share them: a whole one and one without its prefix are both recognized. */
interface Scheme {
  type: TaxIdType;
  prefix: string;
  pattern: RegExp;
}

const SCHEMES: readonly Scheme[] = [
  ...Object.entries(EU_FORMATS).map(([country, format]) =>
    schemeOf("eu_vat", vatPrefixOf(country), `${vatPrefixOf(country)}${format}`),
  ),
  schemeOf("gb_vat", "GB", "GB(\\d{9}|\\d{12}|GD\\d{3}|HA\\d{3})"),
  schemeOf("ch_vat", "CHE", "CHE\\d{9}(MWST|TVA|IVA)?"),
  schemeOf("no_vat", "NO", "NO\\d{9}(MVA)?"),
];

function schemeOf(type: TaxIdType, prefix: string, pattern: string): Scheme {
  return { type, prefix, pattern: new RegExp(`^${pattern}$`) };
}

/**
 * Reads a VAT ID as a person writes it, for an address in `country`: spaces, dots, dashes, case and what is invisible do not
 * matter, a label before it neither ("BTW NL…", "USt-IdNr.: …"), the country's prefix may be missing, GR is taken for EL, an
 * old Belgian number gets its zero. A Northern Irish XI number, which is for goods only, becomes the GB number that it is
 * otherwise. A national number from which the VAT ID follows by rule is taken for that. A well-formed one is `pending` until
 * it is checked, in the form in which Stripe and VIES know it. `looks_wrong` says that its checksum fails: people should be
 * asked to look again, but the register decides, because checksum rules are not published for all numbers.
 */
export function readVatId(text: string, country: string): VatIdReading {
  const compact = compactForm(text);
  if (compact === "") return { state: "none" };
  const scheme = schemeFor(country);
  if (!scheme) return { state: "malformed", value: compact, problem: "country_without_vat_ids" };
  const candidates = withoutLabels(compact, scheme.prefix);
  const whole = wholeOf(scheme, candidates) ?? endingsOf(text).find((ending) => scheme.pattern.test(ending));
  if (whole) {
    const value = canonicalForm(scheme.type, whole);
    return { state: "pending", type: scheme.type, value, looks_wrong: !checksumHolds(value) };
  }
  const malformed = { state: "malformed", value: compact, example: exampleVatId(scheme.prefix) } as const;
  if (candidates.some((written) => isForeign(scheme, written)))
    return { ...malformed, problem: "other_country" };
  const named = candidates
    .map((written) => nationalNumber(scheme.prefix, written))
    .find((found) => found !== null);
  return named && "name" in named
    ? { ...malformed, problem: "national_number", name: named.name }
    : { ...malformed, problem: "format" };
}

/** The first reading that is a VAT ID of the country: as it stands, by the rule for a national number, or with its prefix. */
function wholeOf(scheme: Scheme, candidates: readonly string[]): string | undefined {
  const fits = (written: string) => scheme.pattern.test(written);
  for (const written of candidates) {
    if (fits(written)) return written;
    if (isForeign(scheme, written)) continue;
    const national = nationalNumber(scheme.prefix, written);
    if (national && "vat_id" in national) return national.vat_id;
    const with_prefix = prefixed(scheme, written);
    if (fits(with_prefix)) return with_prefix;
  }
  return undefined;
}

/** The type by which Stripe knows the VAT IDs of an address in `country`, null when we take none. */
export function taxIdTypeFor(country: string): TaxIdType | null {
  return schemeFor(country)?.type ?? null;
}

/** Whether a VAT ID, as `readVatId` writes it, has the checksum of its country. */
export function checksumHolds(value: string): boolean {
  return checkVAT(value, value.endsWith("MVA") ? [norway] : countries.filter((one) => one !== norway))
    .isValid;
}

function schemeFor(country: string): Scheme | undefined {
  const prefix = vatPrefixOf(country);
  // Liechtenstein's businesses stand in the Swiss register.
  if (prefix === "CH" || prefix === "LI") return SCHEMES.find(({ type }) => type === "ch_vat");
  return SCHEMES.find((scheme) => scheme.prefix === prefix);
}

function prefixed({ prefix }: Scheme, compact: string): string {
  return compactForm(`${prefix === "EL" ? "GR" : prefix}${compact}`);
}

function isForeign(own: Scheme, compact: string): boolean {
  return SCHEMES.some((scheme) => scheme !== own && scheme.pattern.test(compact));
}

function canonicalForm(type: TaxIdType, whole: string): string {
  const [digits = ""] = whole.match(/\d{9}/) ?? [];
  if (type === "no_vat") return `${digits}MVA`;
  if (type !== "ch_vat") return whole;
  const suffix = whole.match(/(MWST|TVA|IVA)$/)?.[0] ?? "MWST";
  return `CHE-${digits.replace(/(...)(...)(...)/, "$1.$2.$3")} ${suffix}`;
}
