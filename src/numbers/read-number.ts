import parseNumber from "libphonenumber-js/core";
import metadata from "libphonenumber-js/metadata.min.json";
import { type Country, callingCodeOf, countriesOf } from "./calling-codes";
import { type Digits, digitsOf, isWithheld, legible, MOST_CHARACTERS } from "./dialled-text";
import { emergencyNumber, isHelpline, isShortNumber } from "./emergency";
import { addressIn, type SipAddress, sipAddress, type TelAddress, telAddress, telNumber } from "./uri";

/**
 * What a dialled text, or a caller's name, turned out to be. `short`: a code that is no number of E.164. `local`: digits of
 * which nobody can tell here what they are elsewhere. `alphanumeric`: everything else.
 */
type NumberKind = "emergency" | "short" | "e164" | "local" | "sip" | "withheld" | "alphanumeric";

/** Who is called or calls: in the form by which equal ones are equal, and as it was said. */
export interface ReadNumber {
  kind: NumberKind;
  normalized: string;
  as_dialled: string;
}

/** Where a number is dialled, and what an operator has of its own there. */
export interface NumberingPlan {
  /** The first is that in which national numbers are read; emergency numbers are those of all. None: it is not known. */
  countries: readonly Country[];
  /** Emergency numbers besides those of the countries: digits as they are dialled. */
  emergency_numbers?: ReadonlySet<string>;
  /** Codes that mean something on this platform only. */
  short_codes?: ReadonlySet<string>;
}

/** Digits with a calling code: 8 to 15 are taken as they are (ITU-T E.164, section 6). */
const INTERNATIONAL = /^\+[1-9]\d{7,14}$/;
const MIN_INTERNATIONAL_DIGITS = 8;
const MAX_INTERNATIONAL_DIGITS = 15;

/** Bare digits up to this many are a short code where they are no number. */
const MOST_DIGITS_OF_A_SHORT_CODE = 6;

/** Emergency services as SIP names them where they are not dialled (RFC 5031). */
const EMERGENCY_SERVICE = /^urn:service:sos(?:\.[a-z\d-]+)*$/i;

/** Codes of a telephone exchange: `*21#`. */
const SERVICE_CODE = /^[*#][\d*#]+$/;

type Reading = Omit<ReadNumber, "as_dialled">;

/**
 * Reads what was dialled, or who is said to call, in one order: emergency numbers and short codes of the country, the
 * operator's own short codes, E.164. Takes any text and refuses none: what is no number has a kind, too, and that the
 * numbering plan does not know a number never makes it less of one.
 */
export function readNumber(as_dialled: string, plan: NumberingPlan): ReadNumber {
  const { kind, normalized } =
    (INTERNATIONAL.test(as_dialled) && readDigits({ has_plus: true, digits: as_dialled.slice(1) }, plan)) ||
    readText(as_dialled, plan);
  return { kind, normalized, as_dialled };
}

function readText(dialled: string, plan: NumberingPlan): Reading {
  const whole = legible(dialled);
  if (whole === null || whole === "")
    return { kind: "alphanumeric", normalized: dialled.replace(/\p{C}/gu, "").slice(0, MOST_CHARACTERS) };
  const text = addressIn(whole);
  if (EMERGENCY_SERVICE.test(text)) return { kind: "emergency", normalized: text.toLowerCase() };
  if (isWithheld(text)) return { kind: "withheld", normalized: "anonymous" };
  const tel = telAddress(text);
  if (tel) return readTel(tel, plan) ?? { kind: "alphanumeric", normalized: text };
  const sip = sipAddress(text);
  if (sip) return readSip(sip, plan);
  return (
    readDialled(text, plan) ?? {
      kind: "alphanumeric",
      normalized: asText(whole),
    }
  );
}

/** What is no number, as it may be shown and kept. */
function asText(text: string): string {
  return text.replace(/\p{C}/gu, "").replace(/\s+/g, " ").slice(0, MOST_CHARACTERS);
}

/** A number as people or telephones write it; null for what is none. */
function readDialled(text: string, plan: NumberingPlan): Reading | null {
  if (plan.short_codes?.has(text) && !digitsOf(text)) return { kind: "short", normalized: text };
  const digits = digitsOf(text);
  if (digits) return readDigits(digits, plan);
  return SERVICE_CODE.test(text) ? { kind: "short", normalized: text } : null;
}

/** A number that says where it is one is read there. */
function readTel({ number, context }: TelAddress, plan: NumberingPlan): Reading | null {
  const code = context === null ? null : callingCodeOf(context);
  if (context === null || code === null || number.startsWith("+")) return readDialled(number, plan);
  const there = { ...plan, countries: countriesOf(code) };
  return readDialled(context === code ? number : `+${context}${number}`, there);
}

/** A user that is a telephone number is one; any other address is itself. */
function readSip({ scheme, user, written_user, host, is_phone }: SipAddress, plan: NumberingPlan): Reading {
  if (isWithheld(user) || host === "anonymous.invalid") return { kind: "withheld", normalized: "anonymous" };
  const read = readTel(telNumber(user === "" && /^\d+$/.test(host) ? host : user), plan);
  if (read?.kind === "emergency") return read;
  if (read && user !== "" && (is_phone || (user.startsWith("+") && read.kind === "e164"))) return read;
  return { kind: "sip", normalized: `${scheme}:${user === "" ? "" : `${written_user}@`}${host}` };
}

function readDigits({ has_plus, digits, has_trunk_zero }: Digits, plan: NumberingPlan): Reading {
  const emergency = emergencyIn(digits, plan);
  if (emergency !== null) return { kind: "emergency", normalized: emergency };
  const [country] = plan.countries;
  if (has_plus) return readInternational(digits, plan, has_trunk_zero);
  const is_short = country ? isShortNumber(digits, country) : digits.length <= MOST_DIGITS_OF_A_SHORT_CODE;
  if (is_short || plan.short_codes?.has(digits)) return { kind: "short", normalized: digits };
  return readNational(digits, plan);
}

/** Digits after a `+`, or after what stands for one. */
function readInternational(digits: string, plan: NumberingPlan, has_trunk_zero = false): Reading {
  const code = callingCodeOf(digits);
  if (code === null) return { kind: "local", normalized: `+${digits}` };
  const countries = countriesOf(code);
  const national = digits.slice(code.length);
  const emergency = emergencyIn(national, { ...plan, countries });
  if (emergency !== null && countries.length > 0) return { kind: "emergency", normalized: emergency };
  const [main] = countries;
  const { length } = digits;
  const is_short = length < MIN_INTERNATIONAL_DIGITS ? isShortNumber : isHelpline;
  if (main && is_short(national, main)) return shortThere(national, code, plan);
  const is_whole = length >= MIN_INTERNATIONAL_DIGITS && length <= MAX_INTERNATIONAL_DIGITS;
  if (is_whole && !has_trunk_zero) return { kind: "e164", normalized: `+${digits}` };
  const parsed = parseNumber(`+${digits}`, { extract: false }, metadata);
  if (parsed?.isPossible()) return { kind: "e164", normalized: parsed.number };
  return { kind: is_whole ? "e164" : "local", normalized: `+${digits}` };
}

/** A short code with its country's calling code before it: the bare one where that is the country in which it is dialled. */
function shortThere(national: string, code: string, { countries: [country] }: NumberingPlan): Reading {
  const is_here = country !== undefined && countriesOf(code).includes(country);
  return { kind: "short", normalized: is_here ? national : `+${code}${national}` };
}

/** Digits as they are dialled within the country, or out of it with its international prefix. */
function readNational(digits: string, plan: NumberingPlan): Reading {
  const [country] = plan.countries;
  const parsed = country && parseNumber(digits, { defaultCountry: country, extract: false }, metadata);
  const is_abroad = parsed && !countriesOf(parsed.countryCallingCode).includes(country as Country);
  if (is_abroad) return readInternational(parsed.number.slice(1), plan);
  if (parsed?.isPossible()) return { kind: "e164", normalized: parsed.number };
  const after_zeros = /^00([1-9]\d*)$/.exec(digits)?.[1];
  if (after_zeros !== undefined && callingCodeOf(after_zeros) !== null)
    return readInternational(after_zeros, plan);
  const kind = digits.length <= MOST_DIGITS_OF_A_SHORT_CODE ? "short" : "local";
  return { kind, normalized: digits };
}

function emergencyIn(digits: string, { countries, emergency_numbers }: NumberingPlan): string | null {
  return emergency_numbers?.has(digits) ? digits : emergencyNumber(digits, countries);
}
