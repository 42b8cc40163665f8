import { describe, expect, test } from "vitest";
import { cleanText, textFault } from "../../src/units/text";

describe("a text that people type", () => {
  test.each([
    ["in Persian", "شرکت فناوری\u200cهای ایران"],
    ["in Sinhala", "ශ්\u200dරී ලංකා ටෙලිකොම්"],
    ["in Bengali, with a joiner before its virama", "র\u200d\u09cdযাম"],
    ["in Malayalam, with a chillu of old", "അവന്\u200d"],
    ["in Hindi", "क्\u200dष"],
    ["in Mongolian", "ᠬᠠ\u180bᠨ"],
    ["in Japanese, with a variant of an ideograph", "葛\u{e0100}城商店"],
    ["with a family", "👩\u200d👩\u200d👧 Spiele"],
    ["with a heart", "❤\ufe0f Ltd"],
    ["with Scotland's flag", "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Calls"],
    ["with a key", "Press 1\ufe0f\u20e3"],
    ["with the sign of Arabic numbers", "\u0600\u0661\u0662"],
  ])("stays as it is %s", (_, text) => {
    expect(cleanText(text)).toBe(text);
    expect(textFault(text)).toBeNull();
  });

  test.each([
    ["a space without width", "Exa\u200bmple"],
    ["a byte order mark", "\ufeffExam\ufeffple"],
    ["a soft hyphen", "Exam\u00adple"],
    ["a word joiner", "Exam\u2060ple"],
    ["signs of invisible mathematics", "\u2062Exam\u2063ple\u2064"],
    ["marks of direction", "Example\u200e\u200f\u061c"],
    ["tags that spell something", "Example\u{e0041}\u{e0042}\u{e007f}"],
    ["a variation selector", "Exam\ufe0fple\u{e0100}"],
    ["joiners that join nothing", "Exam\u200dple\u200c"],
    ["Hangul fillers", "Example\u3164\u115f"],
    ["spaces around", " \t\u00a0Example\u3000\r\n"],
  ])("loses %s", (_, text) => {
    expect(textFault(text)).toBeNull();
    expect(cleanText(text)).toBe("Example");
  });

  test("has letters and accents in one piece, and plain single spaces", () => {
    expect(cleanText("Cafe\u0301\u00a0\u202fde \u3000 Paris")).toBe("Café de Paris");
  });

  test("has one joiner where several were pasted, and none at the end of a Persian word", () => {
    expect(cleanText("می\u200c\u200b\u200cخواهم\u200c")).toBe("می\u200cخواهم");
  });

  test("once cleaned stays as it is", () => {
    for (const text of [
      "a\u200d\u200db",
      "\u200bශ්\u200d\u200dරී",
      "e\u200b\u0301",
      "❤\ufe0f\ufe0f",
      "ا\u200b\u200c ب",
    ])
      expect(cleanText(cleanText(text))).toBe(cleanText(text));
  });

  test.each([
    ["direction", "U+202E", "Example\u202eknaB"],
    ["direction", "U+202A", "\u202aDE136695976\u202c"],
    ["direction", "U+2066", "a\u2066b\u2069"],
    ["line_break", "U+000A", "two\nlines"],
    ["line_break", "U+2028", "two\u2028lines"],
    ["control", "U+0000", "Example\u0000"],
    ["control", "U+0009", "Exa\tmple"],
    ["control", "U+009F", "Exa\u009fmple"],
    ["unknown_sign", "U+D800", "Exa\ud800mple"],
    ["unknown_sign", "U+E000", "Exa\ue000mple"],
  ])("is refused for its %s: %s", (fault, sign, text) => {
    expect(textFault(text)).toEqual({ fault, sign });
  });
});
