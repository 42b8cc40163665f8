/** Brands of cards by the names that Stripe has for them. */
const BRANDS = new Map([
  ["amex", "American Express"],
  ["cartes_bancaires", "Cartes Bancaires"],
  ["diners", "Diners Club"],
  ["discover", "Discover"],
  ["eftpos_au", "Eftpos"],
  ["jcb", "JCB"],
  ["link", "Link"],
  ["mastercard", "Mastercard"],
  ["unionpay", "UnionPay"],
  ["visa", "Visa"],
]);

/** A brand as the card itself has it; one that is not known as it came, and `unnamed` for none. */
export function cardName(brand: string, unnamed: string): string {
  return brand === "unknown" ? unnamed : (BRANDS.get(brand) ?? brand);
}
