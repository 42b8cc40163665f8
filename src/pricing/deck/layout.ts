import { crc32 } from "node:zlib";
import { PART_COUNT, partOf } from "./code";

/**
 * A deck as it is kept: one piece of memory that is looked up in as it came from the store. Entries are sorted by length of the
 * prefix, direction, prefix, and origin; an entry is a row, or one of the origins of a row.
 */
export interface Deck {
  bytes: ArrayBuffer;
  entry_count: number;
  /** Where the entries of each length and direction begin; the last one is where all end. */
  starts: Uint32Array;
  /** The code of each entry's direction and prefix. */
  prefixes: Float64Array;
  /** The code of each entry's origin; null: all entries are for all callers. */
  origins: Float64Array | null;
  /** When each entry ends, in ms since 1970, Infinity for never; null: none does. */
  ends: Float64Array | null;
  /** Which of the terms each entry has. */
  terms_of: Uint32Array;
  /** The terms, each once. */
  terms: Uint32Array;
}

/** What the sizes of a deck's parts follow from. */
export interface Sizes {
  entry_count: number;
  terms_count: number;
  has_origins: boolean;
  has_ends: boolean;
}

/** A deck that cannot be used: cut short, damaged, or written by another version of this program. */
export class DeckUnreadable extends Error {
  override readonly name = "DeckUnreadable";
}

/** Numbers that one set of terms takes: treatment, price, first, next and minimum seconds, connection fee, free seconds. */
export const TERMS_WIDTH = 7;

/** "RFDK" where the processor has the low byte first, as all that run this have. */
const MAGIC = 0x4b_44_46_52;
const VERSION = 1;

/** Header, in words of 4 bytes: magic, version, entries, terms, flags, checksum of all else. */
const [AT_CHECKSUM, HEADER_WORDS] = [5, 6];
const ORIGINS_FLAG = 1;
const ENDS_FLAG = 2;

const START_COUNT = PART_COUNT + 1;
/** A multiple of 8, because numbers of 8 bytes follow. */
const PREFIXES_AT = Math.ceil((HEADER_WORDS + START_COUNT) / 2) * 8;

/** An empty deck of these sizes, to be filled and then sealed. */
export function newDeck(sizes: Sizes): Deck {
  const bytes = new ArrayBuffer(byteLengthOf(sizes));
  const flags = (sizes.has_origins ? ORIGINS_FLAG : 0) | (sizes.has_ends ? ENDS_FLAG : 0);
  new Uint32Array(bytes).set([MAGIC, VERSION, sizes.entry_count, sizes.terms_count, flags]);
  return viewsOf(bytes, sizes);
}

/** Notes where each length and direction begins, of the sorted prefixes. */
export function markStarts({ starts, prefixes }: Deck): void {
  for (const prefix of prefixes) starts[partOf(prefix) + 1] = (starts[partOf(prefix) + 1] ?? 0) + 1;
  for (let part = 1; part <= PART_COUNT; part++) starts[part] = (starts[part] ?? 0) + (starts[part - 1] ?? 0);
}

/** Writes the checksum: the deck is whole. */
export function seal({ bytes }: Deck): void {
  new Uint32Array(bytes)[AT_CHECKSUM] = checksumOf(bytes);
}

/**
 * The deck in these bytes, without copying them: they must not change while it is used.
 *
 * @throws DeckUnreadable
 */
export function openDeck(bytes: ArrayBuffer): Deck {
  if (bytes.byteLength < PREFIXES_AT || bytes.byteLength % 4 !== 0)
    throw new DeckUnreadable(`A deck of ${bytes.byteLength} bytes is cut short.`);
  const [magic, version, entry_count = 0, terms_count = 0, flags = 0, checksum] = new Uint32Array(bytes);
  if (magic !== MAGIC) throw new DeckUnreadable("This is no rate deck.");
  if (version !== VERSION) throw new DeckUnreadable(`Decks of version ${version} are not known here.`);
  const has_origins = (flags & ORIGINS_FLAG) !== 0;
  const sizes = { entry_count, terms_count, has_origins, has_ends: (flags & ENDS_FLAG) !== 0 };
  if (byteLengthOf(sizes) !== bytes.byteLength || checksumOf(bytes) !== checksum)
    throw new DeckUnreadable("The deck is damaged.");
  return viewsOf(bytes, sizes);
}

function byteLengthOf({ entry_count, terms_count, has_origins, has_ends }: Sizes): number {
  const entry_bytes = 8 + (has_origins ? 8 : 0) + (has_ends ? 8 : 0) + 4;
  return PREFIXES_AT + entry_count * entry_bytes + terms_count * TERMS_WIDTH * 4;
}

/** The numbers of 8 bytes first, so that each begins where it must. */
function viewsOf(bytes: ArrayBuffer, { entry_count, terms_count, has_origins, has_ends }: Sizes): Deck {
  let at = PREFIXES_AT;
  const doubles = (count: number) => {
    const view = new Float64Array(bytes, at, count);
    at += view.byteLength;
    return view;
  };
  const words = (count: number) => {
    const view = new Uint32Array(bytes, at, count);
    at += view.byteLength;
    return view;
  };
  return {
    bytes,
    entry_count,
    starts: new Uint32Array(bytes, HEADER_WORDS * 4, START_COUNT),
    prefixes: doubles(entry_count),
    origins: has_origins ? doubles(entry_count) : null,
    ends: has_ends ? doubles(entry_count) : null,
    terms_of: words(entry_count),
    terms: words(terms_count * TERMS_WIDTH),
  };
}

/** Of everything but the checksum itself. */
function checksumOf(bytes: ArrayBuffer): number {
  const header = crc32(new Uint8Array(bytes, 0, AT_CHECKSUM * 4));
  return crc32(new Uint8Array(bytes, HEADER_WORDS * 4), header);
}
