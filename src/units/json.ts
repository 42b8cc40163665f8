const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OBJECT_BEGINS = 0x7b;
const OBJECT_ENDS = 0x7d;
const ARRAY_BEGINS = 0x5b;
const ARRAY_ENDS = 0x5d;

/** An object or array that is not at its end yet, and the place in it that has been reached. */
interface Level {
  /** null: an array. */
  names: Set<string> | null;
  place: string | number;
  awaits_name: boolean;
}

/**
 * The dotted path of the first name that an object of this JSON has twice, null when there is none. Which of the two counts
 * is everybody's own choice (RFC 8259, section 4), so that a proxy and we could read two different requests. `text` must
 * have been parsed before; names are compared as they read, whatever escapes they are written with.
 */
export function nameGivenTwice(text: string): string | null {
  const levels: Level[] = [];
  let level: Level | undefined;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case OBJECT_BEGINS:
        level = { names: new Set(), place: "", awaits_name: true };
        levels.push(level);
        break;
      case ARRAY_BEGINS:
        level = { names: null, place: 0, awaits_name: false };
        levels.push(level);
        break;
      case OBJECT_ENDS:
      case ARRAY_ENDS:
        levels.pop();
        level = levels.at(-1);
        break;
      case COMMA:
        if (level) advance(level);
        break;
      case QUOTE: {
        const end = endOfString(text, at);
        if (level?.awaits_name && !takeName(level, text.slice(at + 1, end)))
          return levels.map(({ place }) => place).join(".");
        at = end;
      }
    }
  }
  return null;
}

function advance(level: Level): void {
  if (level.names) level.awaits_name = true;
  else level.place = Number(level.place) + 1;
}

/** Answers false when the object has had a member of this name, which is given as it is written. */
function takeName(level: Level, written: string): boolean {
  const name = written.includes("\\") ? String(JSON.parse(`"${written}"`)) : written;
  level.place = name;
  level.awaits_name = false;
  if (level.names?.has(name)) return false;
  level.names?.add(name);
  return true;
}

/** Where the closing quote stands: one with an even number of backslashes before it. */
function endOfString(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); ; end = text.indexOf('"', end + 1)) {
    let first = end;
    while (text.charCodeAt(first - 1) === BACKSLASH) first--;
    if ((end - first) % 2 === 0) return end;
  }
}

/** A value within parsed JSON and the way to it, by the parts around it: a path of its own for each would take the square of the depth. */
interface Part {
  value: unknown;
  name: string;
  within: Part | null;
}

/**
 * The dotted path of the first text in parsed JSON that has half of a character (a lone surrogate, from an escape such as
 * `\ud800`), null when all are whole. Encoding would make one and the same replacement of any of them.
 */
export function brokenTextIn(value: unknown): string | null {
  const left: Part[] = [{ value, name: "", within: null }];
  for (let part = left.pop(); part; part = left.pop()) {
    const { value } = part;
    if (typeof value === "string" && !value.isWellFormed()) return pathOf(part);
    if (typeof value !== "object" || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      const found = { value: inner, name, within: part };
      if (!name.isWellFormed()) return pathOf({ ...found, name: name.toWellFormed() });
      left.push(found);
    }
  }
  return null;
}

function pathOf(part: Part): string {
  const names: string[] = [];
  for (let at = part; at.within !== null; at = at.within) names.push(at.name);
  return names.reverse().join(".");
}

/** Whether what this JSON says may have half of a character somewhere: of nearly all texts it is known that they have none. */
export function mayHaveBrokenText(text: string): boolean {
  return text.includes("\\u") || !text.isWellFormed();
}
