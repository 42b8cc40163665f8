/**
 * An amount of euros as people write it, `12,50`, `12.50` or `1.250,00`, in cents; null when it is none, or has parts
 * of a cent.
 */
export function centsIn(text: string): number | null {
  const plain = text.replace(/[\s€]/g, "");
  const match = /^(\d{1,3}(?:[.,]\d{3})+|\d{1,9})(?:[.,](\d{1,2}))?$/.exec(plain);
  if (!match) return null;
  const [, units = "", cents = ""] = match;
  return Number(units.replace(/[.,]/g, "")) * 100 + Number(cents.padEnd(2, "0"));
}

/** A whole number as people write it; null when it is none. */
export function wholeNumberIn(text: string): number | null {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text.trim()) : null;
}
