import { describe, expect, test } from "vitest";
import { compileDeck } from "../../../src/pricing/deck/compile";
import { findDestination } from "../../../src/pricing/deck/find";
import { type Deck, DeckUnreadable, openDeck } from "../../../src/pricing/deck/layout";
import { type DeckRow, deckRow } from "../../../src/pricing/deck/row";
import { Random } from "../../support/random";
import { randomRows } from "../../support/random-deck";

function compiled(rows: readonly DeckRow[]): Deck {
  const answer = compileDeck(rows);
  if (answer.outcome === "repeated") throw new Error("The rows repeat each other.");
  return answer.deck;
}

const SMALL = [
  { prefix: "32", name: "Belgium", price_micros_per_minute: 20_000 },
  { prefix: "32", name: "Belgium", price_micros_per_minute: 10_000, origins: ["31", "49"] },
  {
    prefix: "3247",
    name: "Belgium, mobile",
    price_micros_per_minute: 180_000,
    until: "2027-01-01T00:00:00Z",
  },
  { prefix: "882", name: "Satellite", treatment: "blocked" },
].map((row) => deckRow.parse(row));

describe("a deck that is kept", () => {
  test("answers the same when it is opened again, from the same memory", () => {
    const deck = compiled(SMALL);
    const bytes = structuredClone(deck.bytes);
    const opened = openDeck(bytes);
    expect(opened.prefixes.buffer).toBe(bytes);
    for (const number of ["3221234567", "32471234567", "88212345", "33123456"])
      for (const origin of [null, "31201234567", "442071234567"]) {
        const question = { direction: "outbound" as const, number, origin, now_ms: 0 };
        expect(findDestination(opened, question)).toEqual(findDestination(deck, question));
      }
  });

  test("is the same bytes in whatever order its rows came", () => {
    expect(compiled(SMALL.toReversed()).bytes).toEqual(compiled(SMALL).bytes);
  });

  test("may have no rows", () => {
    const deck = openDeck(compiled([]).bytes);
    expect(
      findDestination(deck, { direction: "outbound", number: "31201234567", origin: null, now_ms: 0 }),
    ).toBeNull();
  });

  test("has at most 1.5 MB for 100,000 prefixes and a few thousand prices", () => {
    expect(compiled(randomRows(new Random(3), 100_000)).bytes.byteLength).toBeLessThan(1_500_000);
  });
});

describe("a deck is refused", () => {
  test("with any one byte changed", () => {
    const { bytes } = compiled(SMALL);
    for (let at = 0; at < bytes.byteLength; at++) {
      const damaged = new Uint8Array(bytes.slice(0));
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
      expect(() => openDeck(damaged.buffer)).toThrow(DeckUnreadable);
    }
  });

  test("when it is cut short, has more behind it, or is no deck", () => {
    const { bytes } = compiled(SMALL);
    for (let length = 0; length < bytes.byteLength; length++)
      expect(() => openDeck(bytes.slice(0, length))).toThrow(DeckUnreadable);
    const longer = new Uint8Array(bytes.byteLength + 4);
    longer.set(new Uint8Array(bytes));
    expect(() => openDeck(longer.buffer)).toThrow(DeckUnreadable);
    expect(() => openDeck(new TextEncoder().encode("{}".repeat(500)).buffer as ArrayBuffer)).toThrow(
      "no rate deck",
    );
  });

  test("when another version wrote it", () => {
    const bytes = compiled(SMALL).bytes.slice(0);
    new Uint32Array(bytes)[1] = 2;
    expect(() => openDeck(bytes)).toThrow("version 2");
  });
});

describe("rows for the same calls", () => {
  test("are named, both of them, with what they share", () => {
    const answer = compileDeck(
      [
        { prefix: "32", name: "a", treatment: "free" },
        { prefix: "33", name: "b", treatment: "free", origins: ["31", "49"] },
        { prefix: "33", name: "c", treatment: "free" },
        { prefix: "32", name: "d", treatment: "blocked" },
        { prefix: "33", name: "e", treatment: "free", origins: ["44", "49"] },
      ].map((row) => deckRow.parse(row)),
    );
    expect(answer).toEqual({
      outcome: "repeated",
      repetitions: [
        { direction: "outbound", prefix: "32", origin: null, first_row: 0, second_row: 3 },
        { direction: "outbound", prefix: "33", origin: "49", first_row: 1, second_row: 4 },
      ],
    });
  });

  test("are others where the direction or a digit differs", () => {
    const rows = [
      { prefix: "3", name: "a", price_micros_per_minute: 1 },
      { prefix: "30", name: "b", price_micros_per_minute: 1 },
      { prefix: "3", name: "c", price_micros_per_minute: 1, direction: "inbound" },
    ];
    expect(compileDeck(rows.map((row) => deckRow.parse(row))).outcome).toBe("compiled");
  });
});
