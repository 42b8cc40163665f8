import type { MemberState } from "./vat-territory";

/** A number of a country's own registers: the VAT ID that follows from it by rule, or only what it is called. */
export type NationalNumber = { vat_id: string } | { name: string };

/** A VAT ID of each country as one may look. */
const EXAMPLES: Record<MemberState | "GB" | "CHE" | "NO", string> = {
  AT: "ATU12345678",
  BE: "BE0123456789",
  BG: "BG123456789",
  CY: "CY12345678L",
  CZ: "CZ12345678",
  DE: "DE123456789",
  DK: "DK12345678",
  EE: "EE123456789",
  ES: "ESB12345678",
  FI: "FI12345678",
  FR: "FR12345678901",
  GR: "EL123456789",
  HR: "HR12345678901",
  HU: "HU12345678",
  IE: "IE1234567AB",
  IT: "IT12345678901",
  LT: "LT123456789",
  LU: "LU12345678",
  LV: "LV12345678901",
  MT: "MT12345678",
  NL: "NL123456789B01",
  PL: "PL1234567890",
  PT: "PT123456789",
  RO: "RO12345678",
  SE: "SE123456789001",
  SI: "SI12345678",
  SK: "SK1234567890",
  GB: "GB123456789",
  CHE: "CHE-123.456.789 MWST",
  NO: "123456789MVA",
};

/** Numbers that people take for their VAT ID and from which it cannot be told, by what its IDs start with. */
const OTHER_NUMBERS: Record<string, readonly (readonly [RegExp, string])[]> = {
  AT: [
    [/^\d{9}$/, "Steuernummer"],
    [/^(FN)?\d{5,6}[A-Z]$/, "Firmenbuchnummer"],
  ],
  BG: [[/^\d{13}$/, "ЕИК"]],
  CY: [[/^HE\d{1,6}$/, "HE"]],
  DE: [
    [/^(\d{10,11}|\d{13})$/, "Steuernummer"],
    [/^HR[AB]\d+[A-Z]?$/, "Handelsregisternummer"],
  ],
  EE: [[/^\d{8}$/, "registrikood"]],
  EL: [[/^\d{12}$/, "ΓΕΜΗ"]],
  FR: [
    [/^\d{9}$/, "SIREN"],
    [/^\d{14}$/, "SIRET"],
  ],
  GB: [
    [/^(\d{8}|(SC|NI|OC|SO)\d{6})$/, "company number"],
    [/^\d{10}$/, "UTR"],
  ],
  HU: [
    [/^\d{11}$/, "adószám"],
    [/^\d{10}$/, "cégjegyzékszám"],
  ],
  IE: [[/^\d{5,6}$/, "CRO number"]],
  IT: [[/^[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]$/, "codice fiscale"]],
  LU: [
    [/^B\d{1,6}$/, "RCS"],
    [/^(\d{11}|\d{13})$/, "matricule"],
  ],
  MT: [[/^C\d{1,6}$/, "company number"]],
  NL: [
    [/^\d{9}$/, "RSIN"],
    [/^\d{8}$/, "KVK-nummer"],
  ],
  PL: [[/^(\d{9}|\d{14})$/, "REGON"]],
  RO: [[/^J\d{6,}$/, "număr de ordine în registrul comerțului"]],
  SE: [[/^\d{10}$/, "organisationsnummer"]],
  SI: [[/^(\d{7}|\d{10})$/, "matična številka"]],
  SK: [[/^\d{8}$/, "IČO"]],
};

/** A VAT ID of a country, which `prefix` tells, as one may look. */
export function exampleVatId(prefix: string): string | null {
  return EXAMPLES[(prefix === "EL" ? "GR" : prefix) as keyof typeof EXAMPLES] ?? null;
}

/**
 * What a compact number is that is no VAT ID of the country by its form; null when it is none of its known numbers. A VAT
 * ID follows by rule from a French SIREN or SIRET (its key is (12 + 3 × (SIREN mod 97)) mod 97: article R. 123-221 of the
 * code de commerce and BOI-TVA-DECLA-20-10-20), a Hungarian adószám (its first eight digits: Act CL of 2017, section 18), a
 * Swedish organisationsnummer (with 01 behind it: Skatteverket, momsregistreringsnummer) and an Austrian UID without its U.
 */
export function nationalNumber(prefix: string, compact: string): NationalNumber | null {
  const bare = compact.startsWith(prefix) ? compact.slice(prefix.length) : compact;
  const vat_id = derivedVatId(prefix, bare);
  if (vat_id) return { vat_id };
  // With the prefix, the VAT ID is meant.
  const [, name] = OTHER_NUMBERS[prefix]?.find(([pattern]) => pattern.test(compact)) ?? [];
  return name === undefined ? null : { name };
}

function derivedVatId(prefix: string, bare: string): string | null {
  switch (prefix) {
    case "AT":
      return /^\d{8}$/.test(bare) ? `ATU${bare}` : null;
    case "FR":
      return /^(\d{9}|\d{14})$/.test(bare) && hasLuhnDigit(bare.slice(0, 9)) ? frenchVatId(bare) : null;
    case "HU":
      // Behind the eight digits: how its owner pays VAT (1 to 5), and of which county it is.
      return /^\d{8}[1-5]\d\d$/.test(bare) ? `HU${bare.slice(0, 8)}` : null;
    case "SE": {
      const is_vat_id = /^\d{10}01$/.test(bare) && hasLuhnDigit(bare.slice(0, 10));
      // With the century before it, or 16 for an organization.
      const number = /^(?:16|19|20)\d{10}$/.test(bare) && !is_vat_id ? bare.slice(2) : bare;
      return /^\d{10}$/.test(number) && hasLuhnDigit(number) ? `SE${number}01` : null;
    }
    default:
      return null;
  }
}

/** Of a SIREN, or of a SIRET, which begins with one. */
function frenchVatId(digits: string): string {
  const siren = digits.slice(0, 9);
  const key = (12 + 3 * (Number(siren) % 97)) % 97;
  return `FR${String(key).padStart(2, "0")}${siren}`;
}

/** Whether the last digit checks the others by the formula of Luhn (ISO/IEC 7812-1, annex B). */
function hasLuhnDigit(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
