import { describe, expect, test } from "vitest";
import {
  amountIn,
  hundredthsOf,
  plainAmount,
  unitsOf,
  wholeNumberIn,
} from "../../src/dashboard/format/amounts";

const LANGUAGES = ["en", "nl", "de"] as const;

describe("an amount of euros", () => {
  test.each([
    ["50", 5_000],
    ["12.50", 1_250],
    ["12,50", 1_250],
    ["12,5", 1_250],
    ["1.250,00", 125_000],
    ["1,250.00", 125_000],
    ["1 250,50", 125_050],
    ["1\u00a0250.50", 125_050],
    ["1\u202f250", 125_000],
    ["1'250.50", 125_050],
    ["1’250", 125_000],
    ["1.250.000", 125_000_000],
    ["1,250,000.5", 125_000_050],
    ["1250.5", 125_050],
    ["50,-", 5_000],
    ["50,--", 5_000],
    ["50.-", 5_000],
    ["€ 50,–", 5_000],
    ["5.000,-", 500_000],
    ["5,000.-", 500_000],
    ["€50", 5_000],
    ["€ 50", 5_000],
    ["50 €", 5_000],
    ["50,- €", 5_000],
    ["EUR 50", 5_000],
    ["eur50.00", 5_000],
    ["50 euro", 5_000],
    ["50 Euros", 5_000],
    ["\u200e€\u00a050\u200b", 5_000],
    ["５０", 5_000],
  ])("written %j is the same in every language", (text, cents) => {
    for (const language of LANGUAGES)
      expect([language, hundredthsOf(amountIn(text, language))]).toEqual([language, cents]);
  });

  test.each([
    ["en", "5,000", 500_000],
    ["en", "€12,505", 1_250_500],
    ["nl", "5.000", 500_000],
    ["de", "12.505 €", 1_250_500],
  ] as const)("in %s %j has the thousands of that language", (language, text, cents) => {
    expect(hundredthsOf(amountIn(text, language))).toBe(cents);
  });

  test.each([
    ["nl", "5,000", 5, 5_000],
    ["nl", "€ 12,505", 12.505, 12_505],
    ["de", "1,250 €", 1.25, 1_250],
    ["en", "5.000", 5, 5_000],
    ["en", "EUR 999.999", 999.999, 999_999],
  ] as const)("in %s %j may be either of two", (language, text, small, large) => {
    expect(amountIn(text, language)).toEqual({
      outcome: "two_ways",
      thousandths: [Math.round(small * 1_000), large * 1_000],
    });
  });

  test.each([
    ...["", "€", "-50", "50-", "+50", "abc", "1e3", "∞", "0x10", "50 USD", "$50", "12 50", "1 2 3", "50,,-"],
    ...[
      "1.2345",
      "0,500",
      "1250,500",
      "1.250.00,5",
      "1,250,00",
      "5,000,-",
      "1 250.000,00",
      "01.000,00",
      "12,50.00",
    ],
    ...["9999999999", "½", "12⁵⁰", "€ 5⁰⁰", "5²", "①"],
  ])("is none when written %j, in any language", (text) => {
    for (const language of LANGUAGES)
      expect([language, amountIn(text, language)]).toEqual([language, { outcome: "none" }]);
  });

  test("with what changes the direction of text says so", () => {
    expect(amountIn("\u202e05", "en")).toEqual({
      outcome: "fault",
      fault: { fault: "direction", sign: "U+202E" },
    });
  });

  test("written plainly is read again in every language", () => {
    for (const cents of [1, 10, 100, 12_345, 125_050, 1_000_000, 500_000, 100_000_000])
      for (const language of LANGUAGES)
        expect(hundredthsOf(amountIn(plainAmount(cents), language))).toBe(cents);
  });
});

describe("a whole number", () => {
  test.each([
    ["en", "30", 30],
    ["en", "1,000", 1_000],
    ["nl", "1.000", 1_000],
    ["de", "10 080", 10_080],
    ["nl", "30,00", 30],
  ] as const)("in %s is read from %j", (language, text, value) => {
    expect(unitsOf(wholeNumberIn(text, language))).toBe(value);
  });

  test.each(["", "30,5", "30.5", "€ 30", "30,-", "-1", "1e3"])("is none of %j", (text) => {
    for (const language of LANGUAGES) expect(wholeNumberIn(text, language)).toEqual({ outcome: "none" });
  });

  test("that may be either of two is asked back, too", () => {
    expect(wholeNumberIn("1.000", "en")).toMatchObject({ outcome: "two_ways" });
    expect(wholeNumberIn("1,000", "de")).toMatchObject({ outcome: "two_ways" });
  });
});
