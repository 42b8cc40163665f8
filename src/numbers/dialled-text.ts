/** Longer than any address that a call may be placed to: what is longer is none. */
export const MOST_CHARACTERS = 128;

/** Withholds or shows the caller's number for one call; the number follows (ETSI EN 301 798; North America's vertical services). */
const CALLER_ID_PREFIX = /^(?:[*#]31[*#]|\*67|\*82)(?=\s*\+?\d)/;

/** What people and devices write between digits: spaces, brackets, dots, dashes, slashes, the tilde of a second dial tone. */
const BETWEEN = "[\\s().\\-/~]*";

/** Digits, perhaps `+` before and, after them, what is dialled once the call is answered, or the key that ends dialling. */
const NUMBER = new RegExp(`^(\\+?)(${BETWEEN}\\d(?:${BETWEEN}\\d)*)${BETWEEN}(?:(?:[#,;xpw]|ext).*)?$`, "i");

const WITHHELD = new Set("anonymous private restricted unavailable unknown withheld".split(" "));

/** Digits of a number and whether it says that it has a calling code. */
export interface Digits {
  has_plus: boolean;
  digits: string;
  /** Whether a zero among them is dialled within the country only, as brackets say: `+31 (0)20`. */
  has_trunk_zero?: boolean;
}

/**
 * A text as a telephone reads it: digits of every script as ASCII's, no invisible characters. Null for what no telephone
 * number, name or address has in it, or is longer than any.
 */
export function legible(text: string): string | null {
  if (text.length > MOST_CHARACTERS || /\p{Cc}/u.test(text)) return null;
  return text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/[^\P{Nd}0-9]/gu, asciiDigit)
    .trim();
}

/** The digits of a text that is a number and nothing else; null of any other. */
export function digitsOf(text: string): Digits | null {
  const found = NUMBER.exec(text.replace(CALLER_ID_PREFIX, ""));
  if (!found) return null;
  const [, plus, digits = ""] = found;
  return {
    has_plus: plus === "+",
    digits: digits.replace(/\D/g, ""),
    has_trunk_zero: /\( *0 *\)/.test(text),
  };
}

/** Whether a caller is named by a word that says that there is no name. */
export function isWithheld(text: string): boolean {
  return WITHHELD.has(text.toLowerCase());
}

/** Decimal digits stand in the order of their values, ten together, in every script (The Unicode Standard, section 4.6). */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
  return String(value);
}
