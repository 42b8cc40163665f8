import type { Language } from "../../access/portal-sessions";
import { cleanText, type TextFault, textFault } from "../../units/text";
import { amountWords } from "../words/amounts";
import { textWords } from "../words/text";
import type { Format } from "./format";

/** What a person has written as a number, in hundredths; `two_ways`: what it may be, each in thousandths. */
export type WrittenNumber =
  | { outcome: "read"; hundredths: number }
  | { outcome: "two_ways"; thousandths: [small: number, large: number] }
  | { outcome: "fault"; fault: TextFault }
  | { outcome: "none" };

const NONE: WrittenNumber = { outcome: "none" };

/** What may stand before or behind an amount of euros, and for cents where there are none: `50,-`, `50,--`. */
const CURRENCY = /^(?:€|eur(?:o)?(?![a-z])) ?|(?<=[\d,.\u2013\u2014-]) ?(?:€|euros?|eur)$/gi;
const NO_CENTS = /^(.*\d)([.,])[-\u2013\u2014]{1,2}$/;

const DIGITS = /^\d{1,9}$/;
/** Raised and enclosed digits and fractions: `12⁵⁰` is twelve and a half, and would become 1250 as plain digits. */
const OTHER_DIGITS = /\p{No}/u;
/** Hundredths behind a point or a comma, the whole part as it may be. */
const WITH_HUNDREDTHS = /^(.+)([.,])(\d{1,2})$/;
/** Thousands kept apart by one sign throughout; a space and an apostrophe stand for nothing else. */
const GROUPED = /^[1-9]\d{0,2}(?:([., '’])\d{3})(?:\1\d{3})?$/;
/** One point or comma with three digits behind it: thousands to some, thousandths to others. */
const EITHER = /^[1-9]\d{0,2}([.,])\d{3}$/;

/** The sign between thousands in each language; the other one stands before the decimals. */
const BETWEEN_THOUSANDS: Record<Language, "." | ","> = { en: ",", nl: ".", de: "." };

/**
 * An amount of euros as people write it in the language of the page: `5.000,50` in Dutch, `5,000.50` in English, `€ 50`,
 * `50,-`, `1 250`. What can only be meant in the other way is read so; what can be meant in two ways is not guessed:
 * `5,000` in Dutch may be five euros or five thousand.
 */
export function amountIn(text: string, language: Language): WrittenNumber {
  return readNumber(text, language, true);
}

/** A whole number as people write it, such as minutes: no currency, and no decimals but noughts. */
export function wholeNumberIn(text: string, language: Language): WrittenNumber {
  const read = readNumber(text, language, false);
  return read.outcome === "read" && read.hundredths % 100 !== 0 ? NONE : read;
}

/** The number in hundredths when it can be read in one way. */
export function hundredthsOf(read: WrittenNumber): number | null {
  return read.outcome === "read" ? read.hundredths : null;
}

/** The same as a whole number. */
export function unitsOf(read: WrittenNumber): number | null {
  return read.outcome === "read" ? read.hundredths / 100 : null;
}

/** An amount in cents as it is read in every language of the page alike: `1250.5`. */
export function plainAmount(cents: number): string {
  return String(cents / 100);
}

/** What is wrong with what was written: `otherwise` unless the writing itself is at fault. */
export function numberTrouble(
  read: WrittenNumber,
  format: Format,
  otherwise: string,
  kind: "euros" | "number" = "euros",
): string {
  if (read.outcome === "fault") return textWords[format.language](read.fault);
  if (read.outcome !== "two_ways") return otherwise;
  const [small, large] = read.thousandths.map((value) =>
    kind === "euros" ? format.exactMoney(value * 1_000) : format.number(value / 1_000, 3),
  );
  return amountWords[format.language].two_ways(small ?? "", large ?? "");
}

function readNumber(text: string, language: Language, is_money: boolean): WrittenNumber {
  const fault = textFault(text);
  if (fault) return { outcome: "fault", fault };
  if (OTHER_DIGITS.test(text)) return NONE;
  const clean = cleanText(text).normalize("NFKC");
  const written = is_money ? clean.replace(CURRENCY, "") : clean;
  const [, units, sign = ""] = (is_money && NO_CENTS.exec(written)) || [];
  // Who writes a comma before cents that are none keeps thousands apart with points.
  if (units !== undefined) return wholeOf(units, sign) ?? NONE;
  const [, thousands] = EITHER.exec(written) ?? [];
  if (thousands !== undefined && thousands !== BETWEEN_THOUSANDS[language]) {
    const large = Number(written.replace(thousands, "")) * 1_000;
    return { outcome: "two_ways", thousandths: [large / 1_000, large] };
  }
  const [, whole = "", before_decimals = "", decimals = ""] = WITH_HUNDREDTHS.exec(written) ?? [];
  return (decimals ? wholeOf(whole, before_decimals, decimals) : wholeOf(written, "")) ?? NONE;
}

/** Null when it is no number, or has the sign that stands before its decimals between thousands, too. */
function wholeOf(text: string, before_decimals: string, decimals = ""): WrittenNumber | null {
  const [, between] = GROUPED.exec(text) ?? [];
  const is_grouped = between !== undefined && between !== before_decimals;
  if (!is_grouped && !DIGITS.test(text)) return null;
  const units = Number(text.replace(/\D/g, ""));
  return { outcome: "read", hundredths: units * 100 + Number(decimals.padEnd(2, "0")) };
}
