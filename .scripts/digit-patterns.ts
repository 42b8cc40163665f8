/**
 * Patterns of national numbers as sets of positions in them, so that they can be asked what may follow some digits. They have digits,
 * `\d`, classes, groups, alternatives, `?` and `{…}`, and nothing else.
 */

/** Positions that some digits lead to. */
export type Positions = ReadonlySet<Position>;

/** What is expected there: one of some digits, and what follows it; or nothing any more. */
interface Position {
  digits: ReadonlySet<string>;
  next: Positions;
  /** How many digits may still follow, as bits: bit 3 is set when three may. */
  lengths: number;
}

const END: Position = { digits: new Set(), next: new Set(), lengths: 1 };
const ALL_DIGITS = "0123456789";

/** Where every number of a pattern begins. Throws an error for a pattern with anything else in it. */
export function beginOf(pattern: string): Positions {
  const tokens = pattern.match(/\\d|\[[^\]]+\]|\(\?:|\{\d+(?:,\d+)?\}|[\d()|?]/g) ?? [];
  if (tokens.join("") !== pattern) throw new Error(`A pattern has something new in it: ${pattern}`);
  const begin = alternatives(tokens)(new Set([END]));
  if (tokens.length > 0) throw new Error(`A pattern has a bracket too many: ${pattern}`);
  return begin;
}

/** Where one more digit leads. */
export function after(positions: Positions, digit: string): Positions {
  return union(...[...positions].filter(({ digits }) => digits.has(digit)).map(({ next }) => next));
}

/** How many digits may still follow, as bits. */
export function lengthsFrom(positions: Positions): number {
  return [...positions].reduce((lengths, each) => lengths | each.lengths, 0);
}

/** A part of a pattern: the positions before it, given those after it. */
type Part = (next: Positions) => Positions;

function alternatives(tokens: string[]): Part {
  const parts = [sequence(tokens)];
  while (tokens[0] === "|") {
    tokens.shift();
    parts.push(sequence(tokens));
  }
  return (next) => union(...parts.map((part) => part(next)));
}

function sequence(tokens: string[]): Part {
  const parts: Part[] = [];
  while (tokens[0] !== undefined && tokens[0] !== "|" && tokens[0] !== ")") parts.push(repeated(tokens));
  return (next) => parts.reduceRight((then, part) => part(then), next);
}

function repeated(tokens: string[]): Part {
  const part = single(tokens);
  const [, least, most = least] =
    tokens[0] === "?" ? ["", "0", "1"] : (/^\{(\d+)(?:,(\d+))?\}$/.exec(tokens[0] ?? "") ?? []);
  if (least === undefined) return part;
  tokens.shift();
  return (next) => {
    let before = next;
    for (let left = Number(most); left > 0; left--)
      before = left > Number(least) ? union(part(before), next) : part(before);
    return before;
  };
}

function single(tokens: string[]): Part {
  const token = tokens.shift() ?? "";
  if (!token.startsWith("(")) return (next) => new Set([position(token, next)]);
  const group = alternatives(tokens);
  if (tokens.shift() !== ")") throw new Error("A pattern lacks a bracket.");
  return group;
}

function position(token: string, next: Positions): Position {
  const whole = new RegExp(`^${token}$`);
  const digits = new Set([...ALL_DIGITS].filter((digit) => whole.test(digit)));
  return { digits, next, lengths: lengthsFrom(next) << 1 };
}

function union(...sets: Positions[]): Positions {
  return new Set(sets.flatMap((set) => [...set]));
}
