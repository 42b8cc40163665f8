import { ANY_ORIGIN, codeOf, MOST_DIGITS, originCodeOf, partWith } from "./code";
import type { Deck } from "./layout";
import type { Direction, Terms } from "./row";
import { termsOfEntry } from "./terms-table";

/** What is asked of a deck. */
export interface DeckQuestion {
  direction: Direction;
  /** E.164 without the plus: whom an outbound call is to, or the organization's own number that an inbound one came to. */
  number: string;
  /** The caller's number, E.164 without the plus; null where it is withheld or no number. */
  origin: string | null;
  now_ms: number;
}

/** The row that decides. */
export interface Destination {
  /** Its place in the deck, by which its name is found. */
  entry: number;
  prefix: string;
  terms: Terms;
}

/**
 * The row with the longest prefix of the number; of those with this prefix the one with the longest prefix of the caller's
 * number, then the one for all callers. What has ended, or is for other callers only, leaves the call to a shorter prefix.
 */
export function findDestination(deck: Deck, question: DeckQuestion): Destination | null {
  const { direction, number } = question;
  let code = codeOf(direction, number);
  if (code === 0) return null;
  for (let length = Math.min(number.length, MOST_DIGITS); length > 0; length--) {
    const entry = entryWith(deck, code, partWith(direction, length), question);
    if (entry !== -1) return { entry, prefix: number.slice(0, length), terms: termsOfEntry(deck, entry) };
    code = Math.floor(code / 10);
  }
  return null;
}

function entryWith(deck: Deck, code: number, part: number, question: DeckQuestion): number {
  const { prefixes, origins, ends, starts } = deck;
  const from = starts[part] ?? 0;
  const to = starts[part + 1] ?? 0;
  const first = firstFrom(prefixes, code, from, to);
  if (first === to || prefixes[first] !== code) return -1;
  if (!origins) return isOver(ends, first, question.now_ms) ? -1 : first;
  return entryOfOrigin(deck, origins, { first, end: firstFrom(prefixes, code + 1, first, to) }, question);
}

/** Among the entries of one prefix, which are sorted by origin: the one for all callers first, then longer and longer ones. */
function entryOfOrigin(
  { ends }: Deck,
  origins: Float64Array,
  { first, end }: { first: number; end: number },
  { origin, now_ms }: DeckQuestion,
): number {
  // A code without digits, or of no number, has come down to its first digit or to nothing.
  let code = origin === null ? ANY_ORIGIN : originCodeOf(origin);
  for (; code >= 10; code = Math.floor(code / 10)) {
    const entry = firstFrom(origins, code, first, end);
    if (entry < end && origins[entry] === code && !isOver(ends, entry, now_ms)) return entry;
  }
  return origins[first] === ANY_ORIGIN && !isOver(ends, first, now_ms) ? first : -1;
}

function isOver(ends: Float64Array | null, entry: number, now_ms: number): boolean {
  return ends !== null && now_ms >= (ends[entry] ?? 0);
}

/** The first place from `from` on, before `to`, whose number is not below this one; `to` when there is none. */
function firstFrom(sorted: Float64Array, number: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
