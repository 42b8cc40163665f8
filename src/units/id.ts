import { typeid } from "typeid-js";

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
  | "dep";

/** A new id such as `org_01jd…`: the prefix and a UUIDv7, which sorts by time of creation. */
export function newId(prefix: IdPrefix): string {
  return typeid(prefix).toString();
}

/** The form of an id of one kind, for schemas: the prefix and 26 characters of Crockford's base 32. */
export function idPattern(prefix: IdPrefix): RegExp {
  return new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`);
}
