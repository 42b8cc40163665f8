/** Digits as they are: `1250`, `12,5`, `12.50`. */
const PLAIN = /^(\d{1,9})(?:[.,](\d{1,2}))?$/;
/** In groups of three by one separator, which is not the one before the cents: `1.250,00`, `1,250.00`, `1 250`. */
const GROUPED = /^([1-9]\d{0,2}(?=([., \u00a0\u202f]))(?:\2\d{3}){1,2})(?:(?!\2)[.,](\d{1,2}))?$/;

/**
 * An amount of euros as people write it, `12,50`, `12.50` or `1.250,00`, in cents; null when it is none, has parts of a
 * cent, or could be read in two ways.
 */
export function centsIn(text: string): number | null {
  const written = text.replace("€", "").trim();
  const plain = PLAIN.exec(written);
  if (plain) return inCents(plain[1], plain[2]);
  const grouped = GROUPED.exec(written);
  return grouped && inCents(grouped[1], grouped[3]);
}

/** A whole number as people write it; null when it is none. */
export function wholeNumberIn(text: string): number | null {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text.trim()) : null;
}

function inCents(units = "", cents = ""): number {
  return Number(units.replace(/\D/g, "")) * 100 + Number(cents.padEnd(2, "0"));
}
