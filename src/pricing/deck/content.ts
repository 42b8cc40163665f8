import { type Deck, DeckUnreadable, openDeck } from "./layout";
import type { DeckNames } from "./names";

/** What is kept of a version: its rows, compiled, and what their destinations are called. */
export interface DeckContent {
  deck: Deck;
  /** The destination of an entry, for receipts. */
  nameOf(entry: number): string;
  byte_length: number;
}

/** Bytes of the deck, entries, names. */
const HEADER_WORDS = 3;
const WORD = 4;

/**
 * One piece of memory: the deck, then which of the names each entry has, where each name begins, and the names. They stand with
 * the deck, each once, because a receipt has to say a destination's name for as long as it is kept, and decks are not.
 */
export function packContent({ bytes, entry_count }: Deck, { names, of }: DeckNames): ArrayBuffer {
  const texts = names.map((name) => new TextEncoder().encode(name));
  const begins = [0];
  for (const text of texts) begins.push((begins.at(-1) ?? 0) + text.byteLength);
  const words = HEADER_WORDS + entry_count + begins.length;
  const packed = new ArrayBuffer(words * WORD + bytes.byteLength + (begins.at(-1) ?? 0));
  new Uint32Array(packed, 0, words).set([bytes.byteLength, entry_count, names.length]);
  new Uint32Array(packed, HEADER_WORDS * WORD, entry_count).set(of);
  new Uint32Array(packed, (HEADER_WORDS + entry_count) * WORD, begins.length).set(begins);
  const rest = new Uint8Array(packed, words * WORD);
  rest.set(new Uint8Array(bytes));
  for (const [place, text] of texts.entries()) rest.set(text, bytes.byteLength + (begins[place] ?? 0));
  return packed;
}

/**
 * What `packContent` made.
 * @throws DeckUnreadable
 */
export function openContent(packed: ArrayBuffer): DeckContent {
  if (packed.byteLength < HEADER_WORDS * WORD) throw new DeckUnreadable("The deck is cut short.");
  const [deck_bytes = 0, entries = 0, name_count = 0] = new Uint32Array(packed, 0, HEADER_WORDS);
  const words = HEADER_WORDS + entries + name_count + 1;
  const names_at = words * WORD + deck_bytes;
  if (names_at > packed.byteLength) throw new DeckUnreadable("The deck is cut short.");
  // Its numbers of 8 bytes must begin where those may.
  const deck = openDeck(packed.slice(words * WORD, names_at));
  const name_of = new Uint32Array(packed, HEADER_WORDS * WORD, entries);
  const begins = new Uint32Array(packed, (HEADER_WORDS + entries) * WORD, name_count + 1);
  if (entries !== deck.entry_count || names_at + (begins[name_count] ?? 0) !== packed.byteLength)
    throw new DeckUnreadable("The names of the deck are damaged.");
  const nameOf = (entry: number) => {
    const name = name_of[entry] ?? 0;
    const text = packed.slice(names_at + (begins[name] ?? 0), names_at + (begins[name + 1] ?? 0));
    return new TextDecoder().decode(text);
  };
  return { deck, nameOf, byte_length: packed.byteLength };
}
