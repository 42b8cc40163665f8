import { after, beginOf, lengthsFrom, type Positions } from "./digit-patterns.ts";

/**
 * The ranges that the starter deck closes, out of the full metadata of libphonenumber-js (Google's, Apache-2.0): where numbers
 * of closed types begin and none of another type does, in none of the countries that share a calling code.
 */

/** What `src/pricing/starter/closed-ranges.json` holds, and what could not be told apart. */
export interface StarterDeck {
  table: {
    /**
     * By calling code and kind: what national numbers begin with. `15:10-` are those of ten digits or more, `109:7-8` those of
     * seven or eight: others that begin so are ordinary.
     */
    ranges: Record<string, Partial<Record<ClosedKind, string>>>;
    /** Calling codes after which a number may begin with 0. */
    zero_first: string;
  };
  /** Beginnings whose numbers are of a closed type and of another one at once: they stay open. */
  overlaps: string[];
}

/** What is read of `metadata.max.json`, by the places of its arrays (version 4). */
export interface Metadata {
  country_calling_codes: Record<string, readonly string[]>;
  countries: Record<string, readonly unknown[]>;
}
const POSSIBLE_LENGTHS = 3;
const TYPES = 11;
/** The pattern of a type, and its lengths where they are not those of all numbers. */
type Type = [pattern: string, lengths?: number[]];

/** By their places among the types. What is closed by two reasons has the first. */
const CLOSED = { 3: "premium", 9: "shared_cost", 4: "personal" } as const;

type ClosedKind = (typeof CLOSED)[keyof typeof CLOSED];

/** Deep enough to tell all types of all countries apart, by their beginnings or, beginning alike, by their lengths. */
const DEEPEST = 5;
/** Beginnings that go on in one way only are followed further: a range closes no more than it has to. */
const LONGEST = 7;

/** Numbers of one type, as far as some digits lead. */
interface Numbers {
  /** Null for those that stay open. */
  kind: ClosedKind | null;
  positions: Positions;
  /** How many digits they may have, as bits. */
  lengths: number;
}

interface Range {
  prefix: string;
  kind: ClosedKind;
  /** Null: numbers of every length. Undefined: numbers of other types have the same. */
  lengths: string | null | undefined;
}

/** @param metadata `libphonenumber-js/metadata.max.json` */
export function starterDeckOf({ country_calling_codes, countries }: Metadata): StarterDeck {
  const deck: StarterDeck = { table: { ranges: {}, zero_first: "" }, overlaps: [] };
  const zero_first: string[] = [];
  for (const [code, sharing] of Object.entries(country_calling_codes)) {
    const numbers = numbersOf(sharing.map((country) => countries[country] ?? []));
    const found = closedUnder("", numbers);
    deck.overlaps.push(
      ...found.filter(({ lengths }) => lengths === undefined).map(({ prefix }) => code + prefix),
    );
    if (found.length > 0) deck.table.ranges[code] = byKind(found);
    if (alive(step(numbers, "0"), 1).length > 0) zero_first.push(code);
  }
  deck.table.zero_first = zero_first.join(" ");
  return deck;
}

/** All numbers of the countries that share a calling code, each pattern once. */
function numbersOf(plans: (readonly unknown[])[]): Numbers[] {
  const known = new Map<string, Numbers>();
  for (const plan of plans)
    for (const [place, type] of Object.entries((plan[TYPES] || []) as (Type | 0)[])) {
      if (type === 0) continue;
      const [pattern, lengths = plan[POSSIBLE_LENGTHS] as number[]] = type;
      const kind = CLOSED[Number(place) as keyof typeof CLOSED] ?? null;
      const numbers = { kind, positions: beginOf(pattern), lengths: bitsOf(lengths) };
      known.set(JSON.stringify([kind, pattern, lengths]), numbers);
    }
  return [...known.values()];
}

/** The ranges under a beginning. */
function closedUnder(prefix: string, numbers: Numbers[]): Range[] {
  const closed = alive(numbers, prefix.length).filter(({ kind }) => kind !== null);
  const open = alive(numbers, prefix.length).filter(({ kind }) => kind === null);
  if (closed.length === 0) return [];
  const kind = Object.values(CLOSED).find((each) => closed.some((some) => some.kind === each)) as ClosedKind;
  const further = [..."0123456789"]
    .map((digit) => ({ prefix: prefix + digit, numbers: step(numbers, digit) }))
    .filter((next) => alive(next.numbers, next.prefix.length).some((some) => some.kind !== null));
  const [only, ...others] = further;
  const lengths = { closed: lengthsOf(closed, prefix.length), open: lengthsOf(open, prefix.length) };
  if (open.length === 0) {
    const may_end = lengths.closed & (1 << prefix.length);
    const is_one_way = only && others.length === 0 && !may_end && prefix.length < LONGEST;
    return is_one_way ? closedUnder(only.prefix, only.numbers) : [{ prefix, kind, lengths: null }];
  }
  const whole = { prefix, kind, lengths: apart(lengths.closed, lengths.open) };
  if (prefix.length === DEEPEST) return [whole];
  const within = further.flatMap((next) => closedUnder(next.prefix, next.numbers));
  const is_simpler = whole.lengths && within.length > 1 && within.every((range) => range.lengths !== null);
  return is_simpler ? [whole] : within;
}

/** Those of which there are numbers that begin with as many digits as have been followed. */
function alive(numbers: Numbers[], followed: number): Numbers[] {
  return numbers.filter((each) => lengthsOf([each], followed) !== 0);
}

function step(numbers: Numbers[], digit: string): Numbers[] {
  return numbers.map((each) => ({ ...each, positions: after(each.positions, digit) }));
}

function lengthsOf(numbers: Numbers[], followed: number): number {
  return numbers.reduce(
    (bits, { positions, lengths }) => bits | ((lengthsFrom(positions) << followed) & lengths),
    0,
  );
}

/** The lengths that closed numbers have and open ones have not; undefined when those do not lie apart. */
function apart(closed: number, open: number): string | undefined {
  const [shortest, longest] = [lowest(closed), highest(closed)];
  if (shortest > highest(open)) return `${shortest}-`;
  return longest < lowest(open) ? `${shortest}-${longest}` : undefined;
}

function byKind(ranges: Range[]): Partial<Record<ClosedKind, string>> {
  const table: Partial<Record<ClosedKind, string>> = {};
  for (const { prefix, kind, lengths } of ranges) {
    if (lengths === undefined) continue;
    const range = lengths === null ? prefix : `${prefix}:${lengths}`;
    table[kind] = table[kind] ? `${table[kind]} ${range}` : range;
  }
  return table;
}

function bitsOf(lengths: number[]): number {
  return lengths.reduce((bits, length) => bits | (1 << length), 0);
}

function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

function highest(bits: number): number {
  return 31 - Math.clz32(bits);
}
