import { describe, expect, test } from "vitest";
import { markupBasisPoints, withMarkup } from "../../../src/pricing/deck/markup";
import { deckRow } from "../../../src/pricing/deck/row";

const ROW = { prefix: "32", name: "Belgium", price_micros_per_minute: 20_000 };

describe("a row", () => {
  test("is for outbound calls of all callers by the second, for as long as its deck, where it says nothing else", () => {
    expect(deckRow.parse(ROW)).toEqual({
      direction: "outbound",
      prefix: "32",
      origins: [],
      name: "Belgium",
      terms: {
        treatment: "rated",
        tariff: { price_micros_per_minute: 20_000, first_seconds: 1, next_seconds: 1, minimum_seconds: 0 },
      },
      until_ms: null,
    });
  });

  test.each<[field: string, row: object]>([
    ["prefix", { ...ROW, prefix: "" }],
    ["prefix", { ...ROW, prefix: "+32" }],
    ["prefix", { ...ROW, prefix: "0032" }],
    ["prefix", { ...ROW, prefix: "3212345678901234" }],
    ["prefix", { ...ROW, prefix: 32 }],
    ["origins", { ...ROW, origins: [] }],
    ["origins", { ...ROW, origins: ["31", "31"] }],
    ["origins", { ...ROW, origins: Array.from({ length: 51 }, (_, at) => `1${at}`) }],
    ["origins.1", { ...ROW, origins: ["31", "x"] }],
    ["name", { ...ROW, name: "" }],
    ["name", { ...ROW, name: "B".repeat(81) }],
    ["name", { ...ROW, name: "a\u202eb" }],
    ["price_micros_per_minute", { ...ROW, price_micros_per_minute: -1 }],
    ["price_micros_per_minute", { ...ROW, price_micros_per_minute: 0.5 }],
    ["price_micros_per_minute", { ...ROW, price_micros_per_minute: 1_000_000_001 }],
    ["price_micros_per_minute", { prefix: "32", name: "Belgium" }],
    ["price_micros_per_minute", { ...ROW, treatment: "free" }],
    ["increments", { prefix: "32", name: "Belgium", treatment: "blocked", increments: "1/1" }],
    ["increments", { ...ROW, increments: "0/60" }],
    ["increments", { ...ROW, increments: "60/3601" }],
    ["minimum_seconds", { ...ROW, minimum_seconds: 3_601 }],
    ["connection_fee_micros", { ...ROW, connection_fee_micros: -1 }],
    ["free_seconds", { ...ROW, free_seconds: 1.5 }],
    ["treatment", { prefix: "32", name: "Belgium", treatment: "cheap" }],
    ["treatment", { prefix: "32", name: "Belgium", treatment: "free", direction: "inbound" }],
    ["direction", { ...ROW, direction: "sideways" }],
    ["until", { ...ROW, until: "2026-12-01" }],
    ["until", { ...ROW, until: "2026-02-30T00:00:00Z" }],
    ["", { ...ROW, rate: 1 }],
  ])("is refused by the name of what is wrong: %s", (field, row) => {
    const parsed = deckRow.safeParse(row);
    expect(parsed.error?.issues.map(({ path }) => path.join("."))).toEqual([field]);
  });
});

describe("a markup", () => {
  const tariff = {
    price_micros_per_minute: 20_001,
    first_seconds: 60,
    next_seconds: 30,
    minimum_seconds: 90,
    connection_fee_micros: 5,
    free_seconds: 7,
  };

  test.each<[basis_points: number, price: number, fee: number | undefined]>([
    [0, 20_001, 5],
    [250, 20_501, 5],
    [1_000, 22_001, 6],
    [-1_000, 18_001, 5],
    [-5_000, 10_001, 3],
    [100_000, 220_011, 55],
    [-10_000, 0, undefined],
  ])(
    "of %i basis points changes price and connection fee, half up, and nothing else",
    (points, price, fee) => {
      const { connection_fee_micros: _, ...others } = tariff;
      const expected = { ...others, price_micros_per_minute: price };
      expect(withMarkup(tariff, points)).toStrictEqual(
        fee ? { ...expected, connection_fee_micros: fee } : expected,
      );
    },
  );

  test("is exact on the dearest price there is", () => {
    const dearest = { ...tariff, price_micros_per_minute: 1_000_000_000 };
    expect(withMarkup(dearest, 99_999).price_micros_per_minute).toBe(10_999_900_000);
  });

  test("outside its bounds, or with half a basis point, is refused", () => {
    for (const points of [-10_001, 100_001, 0.5, Number.NaN]) {
      expect(markupBasisPoints.safeParse(points).success).toBe(false);
      expect(() => withMarkup(tariff, points)).toThrow(RangeError);
    }
  });
});
