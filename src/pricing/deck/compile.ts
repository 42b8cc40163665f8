import { ANY_ORIGIN, codeOf, digitsOf, directionOf, originCodeOf } from "./code";
import { type Deck, markStarts, newDeck, seal } from "./layout";
import { type DeckNames, namesOf } from "./names";
import type { DeckRow, Direction } from "./row";
import { TermsTable } from "./terms-table";

/** Two rows that are for the same calls, by their places in what was compiled. */
export interface Repetition {
  direction: Direction;
  prefix: string;
  /** null: both are for all callers. */
  origin: string | null;
  first_row: number;
  second_row: number;
}

/** What rows come to: a deck with its names, or the rows that repeat others. */
export type Compiled =
  | { outcome: "compiled"; deck: Deck; names: DeckNames }
  | { outcome: "repeated"; repetitions: Repetition[] };

/** A row, or one of its origins. */
interface Entry {
  prefix: number;
  origin: number;
  row: DeckRow;
  row_index: number;
}

/** Makes a deck of rows in any order. `deck.bytes` is all that is kept of it; its names are kept apart. */
export function compileDeck(rows: readonly DeckRow[]): Compiled {
  const entries = entriesOf(rows).sort((a, b) => a.prefix - b.prefix || a.origin - b.origin);
  const repetitions = repetitionsIn(entries);
  if (repetitions.length > 0) return { outcome: "repeated", repetitions };
  return { outcome: "compiled", deck: deckOf(entries), names: namesOf(entries.map(({ row }) => row.name)) };
}

/** In the order of the rows. */
function entriesOf(rows: readonly DeckRow[]): Entry[] {
  const entries: Entry[] = [];
  for (const [row_index, row] of rows.entries()) {
    const prefix = codeOf(row.direction, row.prefix);
    const origins = row.origins.length === 0 ? [ANY_ORIGIN] : row.origins.map(originCodeOf);
    for (const origin of origins) entries.push({ prefix, origin, row, row_index });
  }
  return entries;
}

/** The sort keeps the order of what is equal, so that the later row repeats the earlier. */
function repetitionsIn(entries: readonly Entry[]): Repetition[] {
  const found: Repetition[] = [];
  let before: Entry | undefined;
  for (const entry of entries) {
    if (before?.prefix === entry.prefix && before.origin === entry.origin)
      found.push({
        direction: directionOf(entry.prefix),
        prefix: digitsOf(entry.prefix),
        origin: entry.origin === ANY_ORIGIN ? null : digitsOf(entry.origin),
        first_row: before.row_index,
        second_row: entry.row_index,
      });
    before = entry;
  }
  return found;
}

function deckOf(entries: readonly Entry[]): Deck {
  const table = new TermsTable();
  const terms_of = entries.map(({ row }) => table.placeOf(row.terms));
  const deck = newDeck({
    entry_count: entries.length,
    terms_count: table.count,
    has_origins: entries.some(({ origin }) => origin !== ANY_ORIGIN),
    has_ends: entries.some(({ row }) => row.until_ms !== null),
  });
  deck.prefixes.set(entries.map(({ prefix }) => prefix));
  deck.origins?.set(entries.map(({ origin }) => origin));
  deck.ends?.set(entries.map(({ row }) => row.until_ms ?? Number.POSITIVE_INFINITY));
  deck.terms_of.set(terms_of);
  deck.terms.set(table.numbers);
  markStarts(deck);
  seal(deck);
  return deck;
}
