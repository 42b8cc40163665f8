import { sha256HexNow } from "./digest";

/** What stands for a value in a digest: null for what is not there. */
export type Commit = (value: string | null | undefined) => string | null;

const MASKED = /^masked:([0-9a-f]{64})$/;

/**
 * What stands for the personal values of one row in the row's digest: SHA-256, in hexadecimal, of the row's salt (32 random
 * characters) followed by the value. A value is masked by writing `masked:` and its commitment in its place: that text is its own
 * commitment, so the digest stays right. Telephone numbers are few enough to try them all: whoever masks the last value of a row
 * takes its salt away, too.
 */
export function commitmentsOf(salt: string | null): Commit {
  // Each value is hashed once, however many fields of the row have it.
  const known = new Map<string, string>();
  return (value) => {
    if (value === null || value === undefined) return null;
    const commitment = known.get(value) ?? MASKED.exec(value)?.[1] ?? sha256HexNow(`${salt}${value}`);
    known.set(value, commitment);
    return commitment;
  };
}

/** Whether a value has been masked. */
export function isMasked(value: unknown): value is string {
  return typeof value === "string" && MASKED.test(value);
}
