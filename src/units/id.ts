import { typeid } from "typeid-js";
// With its extension, because programs run this file in Node.
import { BASE_32 } from "./seal.ts";

const SUFFIX_CHARACTERS = 26;

/** Of a UUIDv7's 48 bits of time, with the two zeros before them. */
const TIME_DIGITS = 10;

/** Every id starts with the kind of thing it names, so that a log line says what it is about. */
export type IdPrefix =
  | "org"
  | "key"
  | "req"
  | "call"
  | "aud"
  | "pur"
  | "rec"
  | "whe"
  | "evt"
  | "pse"
  | "chk"
  | "dep"
  | "deck";

/** A new id such as `org_01jd…`: the prefix and a UUIDv7, which sorts by time of creation. */
export function newId(prefix: IdPrefix): string {
  return typeid(prefix).toString();
}

/** Where ids of one kind begin that are made at an instant or later, in their order. */
export function firstIdAt(prefix: IdPrefix, at_ms: number): string {
  let time = "";
  for (let left = at_ms, digit = 0; digit < TIME_DIGITS; digit++, left = Math.floor(left / 32))
    time = (BASE_32[left % 32] ?? "") + time;
  return `${prefix}_${time.padEnd(SUFFIX_CHARACTERS, "0")}`;
}

/** The form of an id of one kind, for schemas: the prefix and 26 characters of Crockford's base 32. */
export function idPattern(prefix: IdPrefix): RegExp {
  return new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`);
}
