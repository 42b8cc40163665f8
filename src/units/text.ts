/** Why a text is refused whatever else it says. `sign` is the character at fault, as `U+202E`. */
export interface TextFault {
  fault: "direction" | "line_break" | "control" | "unknown_sign";
  sign: string;
}

/** Embeddings, overrides and isolates: they make text on a page read otherwise than it is (UAX #9, 2.1 to 2.5). */
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/u;
const LINE_BREAK = /[\n\v\f\r\u0085\u2028\u2029]/u;
const CONTROL = /\p{Cc}/u;
/** Halves of characters, private use and what Unicode has not given a meaning. */
const UNKNOWN = /[\p{Cs}\p{Co}\p{Cn}]/u;

/** Invisible characters and what may stand among them: format characters and those that fonts leave out by default (UAX #44). */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/v;
/** Format characters that are drawn: the signs that stand around Arabic, Syriac and Kaithi numbers. */
const DRAWN = "\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u{110bd}\\u{110cd}";
const JOINERS = "\\u200c\\u200d";
const IDEOGRAPHIC_SELECTORS = "\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}";
const MONGOLIAN_SELECTORS = "\\u180b-\\u180f";

/** Emoji of several characters (UTS #51, 1.4.9): flags of regions, keys, and pictures that are joined into one. */
const PICTURE = "\\p{Extended_Pictographic}\\ufe0f?\\p{Emoji_Modifier}?";
const EMOJI = new RegExp(
  `(\\u{1f3f4}[\\u{e0030}-\\u{e0039}\\u{e0061}-\\u{e007a}]{3,6}\\u{e007f}|[\\d#*]\\ufe0f\\u20e3|${PICTURE}(?:\\u200d${PICTURE})*)`,
  "v",
);

/** Scripts whose letters are joined, or kept apart, by a joiner between them: the cursive ones and those of India's kind. */
const JOINED_SCRIPTS = [
  ..."Arab Syrc Nkoo Mand Mong Phag Adlm Rohg Mani".split(" "),
  ..."Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Khmr Mymr Bali Java Sund Newa Tirh Sidd Gran".split(
    " ",
  ),
];
const JOINED = `[[${JOINED_SCRIPTS.map((script) => `\\p{scx=${script}}`).join("")}]&&[\\p{L}\\p{M}]]`;
/** Signs that take a consonant's vowel away, of the scripts above (canonical combining class 9). */
const VIRAMA =
  "[\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d3b\\u0d3c\\u0d4d\\u0dca\\u1039\\u103a\\u17d2\\u1b44\\ua9c0\\u1baa\\u1bab\\u{11442}\\u{114c2}\\u{115bf}\\u{1134d}]";

const NOT_NEEDED = new RegExp(
  `(?![${DRAWN}${JOINERS}${IDEOGRAPHIC_SELECTORS}${MONGOLIAN_SELECTORS}])${INVISIBLE.source}`,
  "gv",
);
const REPEATED = new RegExp(
  `([${JOINERS}${IDEOGRAPHIC_SELECTORS}${MONGOLIAN_SELECTORS}])[${JOINERS}${IDEOGRAPHIC_SELECTORS}${MONGOLIAN_SELECTORS}]+`,
  "gv",
);
/** As RFC 5892, appendix A, and UAX #31, 2.3, allow joiners, and as Bengali has them before its virama, too. */
const MISPLACED = new RegExp(
  [
    `(?<!${VIRAMA})(?:(?<!${JOINED})[${JOINERS}]|[${JOINERS}](?!${JOINED}))`,
    `(?<!\\p{Unified_Ideograph})[${IDEOGRAPHIC_SELECTORS}]`,
    `(?<!\\p{scx=Mong})[${MONGOLIAN_SELECTORS}]`,
  ].join("|"),
  "gv",
);

/** What forbids a text that a person has typed or pasted, null when nothing does. White space at its ends does not count. */
export function textFault(text: string): TextFault | null {
  const found = (
    [
      ["direction", DIRECTION],
      ["line_break", LINE_BREAK],
      ["control", CONTROL],
      ["unknown_sign", UNKNOWN],
    ] as const
  ).flatMap(([fault, signs]) => {
    const [sign] = signs.exec(text.trim()) ?? [];
    return sign === undefined ? [] : [{ fault, sign: codePointOf(sign) }];
  });
  return found[0] ?? null;
}

/**
 * A text that a person has typed or pasted, as it is kept: composed (NFC), any white space one plain space and none at its
 * ends, without invisible characters. Joiners and variation selectors stay where a script or an emoji needs them: a Persian or
 * Sinhala name keeps its form.
 */
export function cleanText(text: string): string {
  const visible = INVISIBLE.test(text)
    ? text
        .split(EMOJI)
        .map((part, at) => (at % 2 === 1 ? part : withoutInvisible(part)))
        .join("")
    : text;
  return visible.normalize("NFC").replace(/\s+/gu, " ").trim();
}

function withoutInvisible(text: string): string {
  return text.replace(NOT_NEEDED, "").replace(REPEATED, "$1").replace(MISPLACED, "");
}

function codePointOf(sign: string): string {
  return `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
