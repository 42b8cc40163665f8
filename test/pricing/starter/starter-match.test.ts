import examples from "libphonenumber-js/examples.mobile.json";
import parsePhoneNumber, { type CountryCode, getCountryCallingCode } from "libphonenumber-js/max";
import metadata from "libphonenumber-js/metadata.max.json";
import { describe, expect, it, test } from "vitest";
import type { ClosingSettings, RiskGroup } from "../../../src/env";
import table from "../../../src/pricing/starter/closed-ranges.json";
import { destinationName } from "../../../src/pricing/starter/destination-name";
import { placeOf } from "../../../src/pricing/starter/places";
import { isTooDear, starterMatch } from "../../../src/pricing/starter/starter-match";
import { Random } from "../../support/random";

const OPEN: ClosingSettings = {
  risk_groups: new Set(),
  max_price_micros_per_minute: null,
  unlisted: null,
};
const without = (...groups: RiskGroup[]): ClosingSettings => ({ ...OPEN, risk_groups: new Set(groups) });
const closed = (number: string, closing = OPEN) => starterMatch(number.replace(/\D/g, ""), closing);

/** Switchboards that many know, and of each country a line, a mobile and a number that is free to its callers. */
const ORDINARY = `
  US +1 202 456 1111, +1 212 963 1234, +1 415 555 2671, +1 800 555 0199, +1 888 555 0100, +1 911 555 0100
  CA +1 416 555 0123, +1 613 992 4211, +1 604 555 0100, +1 877 555 0123
  GB +44 20 7219 3000, +44 116 496 0123, +44 7400 123456, +44 800 328 0000, +44 330 123 0000, +44 1481 717000, +44 1534 445500, +44 1624 685685
  NL +31 70 318 2211, +31 20 123 4567, +31 6 12345678, +31 800 1234, +31 85 123 4567, +31 88 123 4567, +31 970 12345678
  DE +49 30 2270, +49 69 13440, +49 1512 3456789, +49 171 1234567, +49 800 1234567, +49 32 12345678, +49 9131 12345
  FR +33 1 45 68 10 00, +33 4 72 44 70 00, +33 6 12 34 56 78, +33 7 67 12 34 56, +33 9 70 12 34 56, +33 800 12 34 56
  BE +32 2 299 11 11, +32 470 12 34 56, +32 800 12345, +32 78 15 02 34
  ES +34 91 123 45 67, +34 612 34 56 78, +34 722 12 34 56, +34 900 12 34 56
  IT +39 06 57051, +39 06 698 83511, +39 02 1234567, +39 089 123456, +39 0871 123456, +39 312 345 6789, +39 800 123456
  CH +41 22 917 1234, +41 78 123 45 67, +41 800 123 456, +41 58 123 45 67
  AT +43 1 2600 0, +43 664 1234567, +43 800 123456, +43 720 123456
  IE +353 1 520 1234, +353 1 850 1234, +353 85 012 3456, +353 1800 123456, +353 818 123456
  SE +46 8 123 456 78, +46 70 123 45 67, +46 20 12 34 56
  DK +45 33 12 34 56, +45 20 12 34 56, +45 80 12 34 56
  NO +47 22 12 34 56, +47 406 12 345, +47 800 12 345
  PL +48 22 123 45 67, +48 512 345 678, +48 800 123 456
  PT +351 21 123 4567, +351 912 345 678, +351 800 123 456
  RU +7 495 123 45 67, +7 912 345 67 89, +7 800 123 45 67
  KZ +7 712 345 6789, +7 771 000 9998
  AU +61 2 1234 5678, +61 412 345 678, +61 1800 123 456
  JP +81 3 1234 5678, +81 90 1234 5678, +81 60 1234 5678, +81 120 123 456
  CW +599 9 518 1234, +599 715 1234
  CN +86 10 1234 5678, +86 10 9612 3456, +86 131 2345 6789
  TH +66 2 123 4567, +66 81 234 5678
  JM +1 876 210 1234
  GF +594 594 10 12 34`;

/** What the starter deck is there for. */
const CLOSED = `
  North America: premium rate (+1): +1 900 555 1234
  North America: personal numbers (+1): +1 500 345 6789, +1 533 345 6789
  Netherlands: premium rate: +31 900 1234, +31 906 12345, +31 909 1234567
  Germany: premium rate: +49 900 1 123456, +49 137 7 123456
  Germany: shared cost: +49 180 5 123456
  Germany: personal numbers: +49 700 12345678
  United Kingdom: premium rate: +44 9 012345678, +44 909 8790000, +44 844 4991234, +44 871 2345678
  United Kingdom: personal numbers: +44 70 1234 5678
  France: premium rate: +33 899 12 34 56
  Ireland: premium rate: +353 1520 123 456, +353 1590 123 456
  Thailand: premium rate: +66 1900 123 456
  Maldives: premium rate: +960 900 123 4567
  Barbados: premium rate: +1 246 976 1234
  International: networks of no country (+882): +882 16 1234567, +882 13 300 655
  International: networks of no country (+883): +883 510 012 345 67
  International: satellite (+881): +881 612 345 678
  International: satellite (+870): +870 773 111 632
  International: personal numbers (+878): +878 10 1234567890
  International: networks of no country (+888): +888 123 456 789 01
  International: premium rate (+979): +979 123 456 789
  International: shared cost (+808): +808 1234 5678`;

const numbersIn = (text: string, begin: RegExp): [where: string, number: string][] =>
  text
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [, where = "", numbers = ""] = begin.exec(line.trim()) ?? [];
      return numbers.split(", ").map((number): [string, string] => [where, number]);
    });

describe("without any setting", () => {
  test.each(numbersIn(ORDINARY, /^(\w+) (.*)$/))("a number of %s is open: %s", (_, number) => {
    expect(closed(number)).toBeNull();
  });

  test.each(numbersIn(CLOSED, /^(.*): (\+.*)$/))("%s is closed: %s", (destination, number) => {
    expect(closed(number)).toMatchObject({ destination, by: "range" });
  });

  it("is open whatever the library gives as an example of a country's mobile numbers", () => {
    const numbers = Object.entries(examples).map(([country, national]) => {
      return `+${getCountryCallingCode(country as CountryCode)}${national}`;
    });
    expect(numbers.length).toBeGreaterThan(200);
    expect(numbers.filter((number) => closed(number) !== null)).toEqual([]);
  });

  it("is closed what the library takes for premium rate, shared cost or personal, and nothing else that it knows", () => {
    const types = { closed: 0, open: 0 };
    const wrong = randomNumbers(60_000).flatMap((text) => {
      const parsed = parsePhoneNumber(text, { extract: false });
      const type = parsed?.getType();
      if (!parsed || type === undefined) return [];
      const is_meant = /PREMIUM_RATE|SHARED_COST|PERSONAL_NUMBER/.test(type);
      types[is_meant ? "closed" : "open"]++;
      return (closed(parsed.number) !== null) === is_meant ? [] : [`${parsed.number} ${type}`];
    });
    expect(wrong).toEqual([]);
    expect(types.closed).toBeGreaterThan(1_500);
    expect(types.open).toBeGreaterThan(2_000);
  });

  it("names the prefix that decides", () => {
    expect(closed("+31 906 12345")?.prefix).toBe("3190");
    expect(closed("+881 612 345 678")?.prefix).toBe("881");
  });

  it("is closed, too, with a zero that is dialled within the country only", () => {
    expect(closed("+31 0 906 12345")?.destination).toBe("Netherlands: premium rate");
    expect(closed("+44 00 909 8790000")?.destination).toBe("United Kingdom: premium rate");
    expect(closed("+39 0892 123456")).toBeNull();
  });

  it("is open what is no number", () => {
    for (const text of ["", "0", "112", "999999999", "2109999999"]) expect(closed(text)).toBeNull();
  });
});

/** Half of them anywhere, half of them where something is closed. */
function randomNumbers(count: number): string[] {
  const random = new Random(16);
  const codes = Object.keys(metadata.country_calling_codes);
  const beginnings = Object.entries(table.ranges).flatMap(([code, kinds]) =>
    Object.values(kinds).flatMap((texts) => texts.split(" ").map((text) => code + text.replace(/:.*/, ""))),
  );
  return Array.from({ length: count }, () => {
    const begin = random.pick(random.chance(0.5) ? codes : beginnings);
    const digits = Array.from({ length: random.between(6, 11) }, () => random.between(0, 9));
    return `+${begin}${digits.join("")}`.slice(0, 16);
  });
}

describe("groups of countries", () => {
  it("are open until an operator closes one by its name", () => {
    const cuba = "+53 5 123 4567";
    expect([closed(cuba), closed(cuba, without("medium", "low"))]).toEqual([null, null]);
    expect(closed(cuba, without("high"))).toMatchObject({
      prefix: "53",
      destination: "Cuba",
      by: "risk_group",
    });
  });

  it("tell the countries of North America apart", () => {
    expect(closed("+1 876 210 1234", without("high"))?.destination).toBe("Jamaica");
    expect(closed("+1 202 456 1111", without("high", "medium"))).toBeNull();
    expect(closed("+1 787 234 5678", without("low"))?.destination).toBe("Puerto Rico");
    expect(closed("+1 202 456 1111", without("low"))).toMatchObject({
      prefix: "1",
      destination: "North America (+1)",
    });
  });

  it("have every calling code of a country, and no other", () => {
    const risks = (codes: string[]) => codes.map((code) => placeOf(`${code}5550100`)?.risk ?? null);
    const groups = risks(Object.keys(metadata.country_calling_codes));
    const sizes = ["high", "medium", "low"].map((name) => groups.filter((group) => group === name).length);
    expect(groups).not.toContain(null);
    expect(sizes).toEqual([51, 103, 52]);
    expect(new Set(risks(Object.keys(metadata.nonGeographic)))).toEqual(new Set([null]));
  });

  it("know the areas that the library knows of countries which share +1", () => {
    const sharing = (metadata.country_calling_codes["1"] ?? []).filter(
      (country) => !/^(US|CA|AS)$/.test(country),
    );
    const random = new Random(1);
    for (const country of sharing) {
      const national = examples[country as keyof typeof examples];
      const rest = String(random.between(0, 9_999)).padStart(4, "0");
      expect([country, placeOf(`1${national.slice(0, 6)}${rest}`)?.country]).toEqual([country, country]);
    }
  });

  it("leave free numbers of no country open, and closed ranges closed", () => {
    expect(closed("+800 1234 5678", without("high", "medium", "low"))).toBeNull();
    expect(closed("+53 807 12345", without("high"))?.destination).toBe("Cuba: shared cost");
  });
});

test("a price is too dear above the limit, and never without one", () => {
  const limited = { ...OPEN, max_price_micros_per_minute: 500_000 };
  expect([499_999, 500_000, 500_001].map((price) => isTooDear(price, limited))).toEqual([false, false, true]);
  expect(isTooDear(Number.MAX_SAFE_INTEGER, OPEN)).toBe(false);
});

test("a destination is named in each language of the pages", () => {
  const [dutch, satellite] = ["+31 906 12345", "+881 612 345 678"].map((number) => closed(number));
  const named = (language: "en" | "nl" | "de") =>
    [dutch, satellite].map((match) => match && destinationName(match.destination_parts, language));
  expect(named("en")).toEqual(["Netherlands: premium rate", "International: satellite (+881)"]);
  expect(named("nl")).toEqual(["Nederland: betaalnummers", "Internationaal: satelliet (+881)"]);
  expect(named("de")).toEqual(["Niederlande: Premium-Dienste", "International: Satellit (+881)"]);
});
