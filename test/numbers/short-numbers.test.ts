import { expect, test } from "vitest";
import { shortNumbersOf } from "../../.scripts/short-numbers";
import table from "../../src/numbers/short-numbers.json";

const library = import.meta.glob<string>("../../node_modules/google-libphonenumber/dist/libphonenumber.js", {
  query: "?raw",
  import: "default",
  eager: true,
});

test("the table is what its script makes of the installed library", () => {
  const [text = ""] = Object.values(library);
  expect(shortNumbersOf(text)).toEqual(table);
});

test("it has 817 emergency numbers in 241 countries and territories", () => {
  expect(Object.keys(table)).toHaveLength(241);
  expect(Object.values(table).flatMap(({ emergency }) => emergency)).toHaveLength(817);
});

/**
 * Checked by hand against what the authorities of ten countries list: ACM and Rijksoverheid, Bundesnetzagentur, Ofcom,
 * Arcep, BIPT, CNMC, AGCOM, FCC, ACMA, and Japan's ministry of communications. What Google's table lacks of theirs stands
 * in `src/numbers/emergency.ts`; what it has besides (911 in the Netherlands and Brazil) is put through to the same desks.
 */
const BY_HAND: Partial<Record<keyof typeof table, string>> = {
  NL: "112 911",
  DE: "110 112",
  GB: "112 999",
  FR: "15 17 18 112",
  BE: "100 101 112",
  ES: "085 088 112",
  IT: "112 113 115 118",
  US: "112 911",
  AU: "000 106 112",
  JP: "110 119",
};

test.each(Object.entries(BY_HAND))("%s has %s", (country, numbers) => {
  expect(table[country as keyof typeof table].emergency.join(" ")).toBe(numbers);
});
