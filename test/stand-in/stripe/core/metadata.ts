import { invalid } from "./errors.ts";

/** Metadata as a request gives it: an empty text in place of a value, or of it all, removes. */
export type Metadata = Record<string, string | number | null> | "" | null | undefined;

const MAX_NAMES = 50;
const MAX_NAME_CHARACTERS = 40;
const MAX_VALUE_CHARACTERS = 500;

/** The metadata after a change: what is not named stays. Throws 400 for more or longer ones than Stripe keeps. */
export function merged(before: Record<string, string> | null, change: Metadata): Record<string, string> {
  if (change === undefined) return { ...before };
  if (change === null || change === "") return {};
  const all = Object.entries({ ...before, ...change }).map(
    ([name, value]) => [name, String(value ?? "")] as const,
  );
  const kept = all.filter(([, value]) => value !== "");
  for (const [name, value] of kept) requireShort(name, value);
  if (kept.length > MAX_NAMES)
    throw invalid(`Metadata can have up to ${MAX_NAMES} keys.`, { param: "metadata" });
  return Object.fromEntries(kept);
}

function requireShort(name: string, value: string): void {
  const param = `metadata[${name}]`;
  if (name.length > MAX_NAME_CHARACTERS)
    throw invalid(`Metadata keys must be less than ${MAX_NAME_CHARACTERS} characters.`, { param });
  if (value.length > MAX_VALUE_CHARACTERS)
    throw invalid(`Metadata values must be up to ${MAX_VALUE_CHARACTERS} characters.`, { param });
}
