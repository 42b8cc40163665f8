import { describe, expect, it } from "vitest";
import { compileDeck } from "../../../src/pricing/deck/compile";
import { openContent, packContent } from "../../../src/pricing/deck/content";
import type { DeckRow, Terms } from "../../../src/pricing/deck/row";
import {
  type CallNumbers,
  type DeckInForce,
  decideDestination,
  type PriceSources,
} from "../../../src/pricing/destination/decide";

const AT_MS = Date.UTC(2027, 0, 1);

const at = (price_micros_per_minute: number): Terms => ({
  treatment: "rated",
  tariff: { price_micros_per_minute, first_seconds: 60, next_seconds: 60, minimum_seconds: 0 },
});
const BLOCKED: Terms = { treatment: "blocked" };
const FREE: Terms = { treatment: "free" };

/** A deck of rows such as `{ 31: at(10) }`; `in:31` is a row for inbound calls. */
function deck(deck_id: string, rows: Record<string, Terms>, markup: number | null = null): DeckInForce {
  const stated = Object.entries(rows).map(([key, terms]): DeckRow => {
    const prefix = key.replace("in:", "");
    const direction = key === prefix ? "outbound" : "inbound";
    return { direction, prefix, origins: [], name: `Destination ${prefix}`, terms, until_ms: null };
  });
  const compiled = compileDeck(stated);
  if (compiled.outcome !== "compiled") throw new Error("Two rows are for the same calls.");
  const content = stated.length > 0 ? openContent(packContent(compiled.deck, compiled.names)) : null;
  return { deck_id, markup_basis_points: markup, content };
}

const NOTHING: PriceSources = {
  at_ms: AT_MS,
  own: null,
  standard: null,
  closing: { risk_groups: new Set(), max_price_micros_per_minute: null, unlisted: null },
};

const outbound = (to: string | null, sources: Partial<PriceSources>, call: Partial<CallNumbers> = {}) =>
  decideDestination(
    { direction: "outbound", from: "31201234567", to, own: "31201234567", called: "e164", ...call },
    { ...NOTHING, ...sources },
  );

const closing = (change: Partial<PriceSources["closing"]>) => ({
  closing: { ...NOTHING.closing, ...change },
});

/** A verdict in a word: the price with the deck and prefix it is of. */
function word(verdict: ReturnType<typeof outbound>): string {
  if (verdict.kind === "by_name") return verdict.rate_name ?? "by name";
  const destination = verdict.kind === "priced" ? verdict.rate.destination : verdict.destination;
  const what = verdict.kind === "priced" ? verdict.rate.price_micros_per_minute : verdict.kind;
  return `${what} ${destination?.deck} ${destination?.prefix}`.trim();
}

describe("without a deck", () => {
  it("named rates decide, and the worst ranges are closed", () => {
    expect(word(outbound("31201234567", {}))).toBe("by name");
    expect(word(outbound("881612345678", {}))).toBe("blocked starter 881");
    expect(word(outbound("31906123456", {}))).toBe("blocked starter 3190");
  });

  it("nothing is unlisted", () => {
    expect(word(outbound("31201234567", closing({ unlisted: "refuse" })))).toBe("by name");
  });

  it("helplines are free", () => {
    expect(word(outbound(null, {}, { called: "helpline" }))).toBe("0 free_numbers 116");
  });
});

describe("of two decks", () => {
  const standard = deck("standard", { 31: at(10), 3190: BLOCKED, 31800: FREE, 44: at(40), 881: at(9_000) });

  it("the longest prefix decides, and says which it was", () => {
    expect(word(outbound("31201234567", { standard }))).toBe("10 standard 31");
    expect(word(outbound("31900123456", { standard }))).toBe("blocked standard 3190");
    expect(outbound("31800123456", { standard })).toMatchObject({
      is_free: true,
      rate: { price_micros_per_minute: 0, destination: { name: "Destination 31800" } },
    });
  });

  it("a row opens what the starter deck closes, as long as it is for no more than that", () => {
    expect(word(outbound("881612345678", { standard }))).toBe("9000 standard 881");
    expect(word(outbound("447012345678", { standard }))).toBe("blocked starter 4470");
  });

  it("the organization's own goes first, whatever is longer in the standard one", () => {
    const own = deck("own", { 3: at(1) });
    expect(word(outbound("31201234567", { standard, own }))).toBe("1 own 3");
    expect(word(outbound("44201234567", { standard, own }))).toBe("40 standard 44");
  });

  it("what the standard one frees or blocks goes before an own price for more than that", () => {
    const own = deck("own", { 31: at(1) });
    expect(word(outbound("31900123456", { standard, own }))).toBe("blocked standard 3190");
    expect(word(outbound("31800123456", { standard, own }))).toBe("0 standard 31800");
    expect(word(outbound("31900123456", { standard, own: deck("own", { 3190: at(5) }) }))).toBe("5 own 3190");
    expect(word(outbound("31800123456", { standard, own: deck("own", { 31: BLOCKED }) }))).toBe(
      "blocked own 31",
    );
  });

  it("an own markup is on the standard prices alone", () => {
    const own = deck("own", { 44: at(40) }, 5_000);
    expect(word(outbound("31201234567", { standard, own }))).toBe("15 standard 31");
    expect(word(outbound("44201234567", { standard, own }))).toBe("40 own 44");
  });

  it("unlisted calls are as without a deck, at a rate, or refused, as the operator has set", () => {
    expect(word(outbound("33145681000", { standard }))).toBe("by name");
    expect(word(outbound("33145681000", { standard, ...closing({ unlisted: "abroad" }) }))).toBe("abroad");
    expect(word(outbound("33145681000", { standard, ...closing({ unlisted: "refuse" }) }))).toBe(
      "unlisted unlisted",
    );
  });

  it("nothing dearer than the operator's limit may be called", () => {
    const limited = { standard, ...closing({ max_price_micros_per_minute: 40 }) };
    expect(word(outbound("44201234567", limited))).toBe("40 standard 44");
    expect(word(outbound("881612345678", limited))).toBe("blocked standard 881");
  });

  it("a group of countries that the operator closed stays closed, whatever a deck says", () => {
    const cuba = {
      standard: deck("standard", { 53: at(10) }),
      ...closing({ risk_groups: new Set(["high"] as const) }),
    };
    expect(word(outbound("5371234567", cuba))).toBe("blocked closed_risk_groups 53");
  });
});

describe("inbound", () => {
  const inbound = (sources: Partial<PriceSources>) =>
    decideDestination(
      { direction: "inbound", from: "881612345678", to: "31201234567", own: "31201234567", called: "e164" },
      { ...NOTHING, ...sources },
    );

  it("no price for outbound calls is one for inbound ones, and nothing is closed or unlisted", () => {
    const sources = {
      standard: deck("standard", { 31: at(10), 3120: BLOCKED }),
      ...closing({ unlisted: "refuse" }),
    };
    expect(word(inbound(sources))).toBe("by name");
  });

  it("the organization's number decides, among inbound rows", () => {
    expect(word(inbound({ standard: deck("standard", { "in:31": at(20), "in:3120": at(30) }) }))).toBe(
      "30 standard 3120",
    );
  });
});
