/**
 * The first place where `actual` is not what is expected, or null. Only what stands in `expected` is compared:
 * a field that is missing or undefined there is left open.
 */
export function difference(expected: unknown, actual: unknown, path = ""): string | null {
  if (expected === undefined) return null;
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return unlike(expected, actual, path);
    return firstOf(expected.map((item, at) => difference(item, actual[at], `${path}[${at}]`)));
  }
  if (typeof expected === "object" && expected !== null) {
    if (typeof actual !== "object" || actual === null) return unlike(expected, actual, path);
    const found = actual as Record<string, unknown>;
    return firstOf(
      Object.entries(expected).map(([key, value]) =>
        difference(value, found[key], path ? `${path}.${key}` : key),
      ),
    );
  }
  return Object.is(expected, actual) ? null : unlike(expected, actual, path);
}

function firstOf(differences: (string | null)[]): string | null {
  return differences.find((found) => found !== null) ?? null;
}

function unlike(expected: unknown, actual: unknown, path: string): string {
  return `${path || "answer"}: expected ${JSON.stringify(expected)}, the ledger says ${JSON.stringify(actual)}`;
}
