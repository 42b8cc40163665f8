import { describe, expect, test } from "vitest";
import { compileDeck } from "../../../src/pricing/deck/compile";
import { findDestination } from "../../../src/pricing/deck/find";
import type { Deck } from "../../../src/pricing/deck/layout";
import { type DeckNames, nameOfEntry } from "../../../src/pricing/deck/names";
import { type DeckRow, deckRow } from "../../../src/pricing/deck/row";
import { Random } from "../../support/random";
import { randomNumber, randomRows } from "../../support/random-deck";

const NOON_MS = Date.parse("2026-12-01T12:00:00Z");

function compiled(rows: readonly DeckRow[]): { deck: Deck; names: DeckNames } {
  const answer = compileDeck(rows);
  if (answer.outcome === "repeated") throw new Error("The rows repeat each other.");
  return answer;
}

/** A deck of rows as they are stated, each named as given, and how to ask it for the name of what a call finds. */
function deckOf(stated: object[]) {
  const rows = stated.map((row) => deckRow.parse({ price_micros_per_minute: 1, ...row }));
  const { deck, names } = compiled(rows);
  return (number: string, { direction = "outbound", origin = null, now_ms = NOON_MS }: Asked = {}) => {
    const found = findDestination(deck, { direction, number, origin, now_ms });
    return found && nameOfEntry(names, found.entry);
  };
}

interface Asked {
  direction?: "outbound" | "inbound";
  origin?: string | null;
  now_ms?: number;
}

describe("the row of a call", () => {
  test("is the one with the longest prefix of its number", () => {
    const find = deckOf([
      { prefix: "32", name: "Belgium" },
      { prefix: "324", name: "Belgium, mobile" },
      { prefix: "3", name: "Europe" },
    ]);
    expect(find("32471234567")).toBe("Belgium, mobile");
    expect(find("3221234567")).toBe("Belgium");
    expect(find("33123456789")).toBe("Europe");
    expect(find("32")).toBe("Belgium");
    expect(find("44123456789")).toBeNull();
  });

  test("may have all 15 digits of a number, and more than 15 make no other row", () => {
    const find = deckOf([
      { prefix: "999999999999999", name: "Longest" },
      { prefix: "99", name: "Short" },
    ]);
    expect(find("999999999999999")).toBe("Longest");
    expect(find("9999999999999991234")).toBe("Longest");
    expect(find("999999999999998")).toBe("Short");
    expect(find("99999999999999")).toBe("Short");
  });

  test("is none for what is no number", () => {
    const find = deckOf([{ prefix: "1", name: "North America" }]);
    for (const number of ["", "+12125550123", "12125a", "anonymous", "0012125550123"])
      expect(find(number)).toBeNull();
  });

  test("is of the call's own direction", () => {
    const find = deckOf([
      { prefix: "31", name: "Calls to the Netherlands" },
      { prefix: "3120", name: "Calls at numbers in Amsterdam", direction: "inbound" },
    ]);
    expect(find("31201234567")).toBe("Calls to the Netherlands");
    expect(find("31201234567", { direction: "inbound" })).toBe("Calls at numbers in Amsterdam");
    expect(find("31101234567", { direction: "inbound" })).toBeNull();
  });

  test("has within one prefix the longest origin, else no origin", () => {
    const find = deckOf([
      { prefix: "32", name: "from anywhere" },
      { prefix: "32", name: "from the EU", origins: ["31", "33", "49"] },
      { prefix: "32", name: "from Amsterdam", origins: ["3120"] },
    ]);
    expect(find("3221234567", { origin: "31201234567" })).toBe("from Amsterdam");
    expect(find("3221234567", { origin: "31101234567" })).toBe("from the EU");
    expect(find("3221234567", { origin: "4930123456" })).toBe("from the EU");
    expect(find("3221234567", { origin: "442071234567" })).toBe("from anywhere");
    expect(find("3221234567", { origin: "anonymous" })).toBe("from anywhere");
    expect(find("3221234567")).toBe("from anywhere");
  });

  test("is found behind a shorter prefix where the longer one is for other callers only", () => {
    const find = deckOf([
      { prefix: "3247", name: "mobile from Germany", origins: ["49"] },
      { prefix: "32", name: "Belgium" },
    ]);
    expect(find("32471234567", { origin: "4930123456" })).toBe("mobile from Germany");
    expect(find("32471234567", { origin: "31201234567" })).toBe("Belgium");
    expect(find("32471234567")).toBe("Belgium");
  });

  test("is passed over from the instant at which it ends", () => {
    const find = deckOf([
      { prefix: "3247", name: "until noon", until: "2026-12-01T12:00:00Z" },
      { prefix: "32", name: "from Germany until noon", origins: ["49"], until: "2026-12-01T12:00:00Z" },
      { prefix: "32", name: "always" },
      { prefix: "33", name: "France until noon", until: "2026-12-01T13:00:00+01:00" },
    ]);
    const before = { origin: "4930123456", now_ms: NOON_MS - 1 };
    const after = { origin: "4930123456", now_ms: NOON_MS };
    expect(find("32471234567", before)).toBe("until noon");
    expect(find("32471234567", after)).toBe("always");
    expect(find("3221234567", before)).toBe("from Germany until noon");
    expect(find("3221234567", after)).toBe("always");
    expect(find("33123456789", before)).toBe("France until noon");
    expect(find("33123456789", after)).toBeNull();
  });

  test("carries all that the row says of the price, or its treatment", () => {
    const stated = {
      price_micros_per_minute: 180_000,
      increments: "60/30",
      minimum_seconds: 90,
      connection_fee_micros: 50_000,
      free_seconds: 10,
    };
    const { deck } = compiled([
      deckRow.parse({ prefix: "32", name: "all", ...stated }),
      deckRow.parse({ prefix: "33", name: "least", price_micros_per_minute: 0 }),
      deckRow.parse({ prefix: "34", name: "free", treatment: "free" }),
      deckRow.parse({ prefix: "35", name: "blocked", treatment: "blocked" }),
    ]);
    const termsOf = (number: string) =>
      findDestination(deck, { direction: "outbound", number, origin: null, now_ms: NOON_MS })?.terms;
    const { increments: _, ...others } = stated;
    expect(termsOf("321")).toEqual({
      treatment: "rated",
      tariff: { ...others, first_seconds: 60, next_seconds: 30 },
    });
    expect(termsOf("331")).toEqual({
      treatment: "rated",
      tariff: { price_micros_per_minute: 0, first_seconds: 1, next_seconds: 1, minimum_seconds: 0 },
    });
    expect(termsOf("341")).toEqual({ treatment: "free" });
    expect(termsOf("351")).toEqual({ treatment: "blocked" });
  });
});

describe("of 100,000 prefixes", { timeout: 120_000 }, () => {
  const random = new Random(20_261_201);
  const rows = randomRows(random, 100_000);
  const { deck } = compiled(rows);
  const find = (number: string) =>
    findDestination(deck, { direction: "outbound", number, origin: null, now_ms: NOON_MS });

  test("the same row is found as by looking at each, for 2,000 numbers", () => {
    for (let time = 0; time < 2_000; time++) {
      const number = randomNumber(random, rows);
      let expected: DeckRow | undefined;
      for (const row of rows)
        if (number.startsWith(row.prefix) && row.prefix.length > (expected?.prefix.length ?? 0))
          expected = row;
      const found = find(number);
      expect([found?.prefix, found?.terms]).toEqual([expected?.prefix, expected?.terms]);
    }
  });

  test("the same row is found as in a map of prefixes, for 1,000,000 numbers", () => {
    const by_prefix = new Map(rows.map((row) => [row.prefix, row]));
    let [matched, differing] = [0, 0];
    for (let time = 0; time < 1_000_000; time++) {
      const number = randomNumber(random, rows);
      let expected: DeckRow | undefined;
      for (let length = number.length; length > 0 && !expected; length--)
        expected = by_prefix.get(number.slice(0, length));
      const found = find(number);
      if (found?.prefix !== expected?.prefix) differing++;
      if (found) matched++;
    }
    expect(differing).toBe(0);
    expect(matched).toBeGreaterThan(900_000);
  });
});

test("random rows with origins, ends and both directions are found as by looking at each", () => {
  const random = new Random(16);
  const digits = (most: number) =>
    String(random.between(1, 3)) +
    "0123".slice(0, random.between(0, most)).replace(/\d/g, () => String(random.between(0, 2)));
  for (let round = 0; round < 200; round++) {
    const rows = new Map<string, DeckRow>();
    for (let count = random.between(0, 40); count > 0; count--) {
      const row = {
        direction: random.pick(["outbound", "inbound"] as const),
        prefix: digits(3),
        origins: random.chance(0.5) ? [digits(2)] : [],
        name: String(count),
        terms: { treatment: "free" as const },
        until_ms: random.chance(0.3) ? NOON_MS + random.between(-1, 1) : null,
      };
      rows.set(`${row.direction} ${row.prefix} ${row.origins}`, row);
    }
    const { deck, names } = compiled(random.chance(0.5) ? [...rows.values()] : [...rows.values()].reverse());
    for (let time = 0; time < 50; time++) {
      const asked = {
        direction: random.pick(["outbound", "inbound"] as const),
        number: digits(4),
        origin: random.chance(0.8) ? digits(4) : null,
        now_ms: NOON_MS,
      };
      const best = [...rows.values()]
        .filter(({ direction, prefix }) => direction === asked.direction && asked.number.startsWith(prefix))
        .filter(({ origins }) => origins.length === 0 || origins.some((one) => asked.origin?.startsWith(one)))
        .filter(({ until_ms }) => until_ms === null || until_ms > asked.now_ms)
        .sort((a, b) => b.prefix.length - a.prefix.length || lengthOf(b) - lengthOf(a))[0];
      const found = findDestination(deck, asked);
      expect(found && nameOfEntry(names, found.entry)).toBe(best?.name ?? null);
    }
  }
});

function lengthOf({ origins: [origin = ""] }: DeckRow): number {
  return origin.length;
}
