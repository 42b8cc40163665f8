// Only this file of the package: its main module brings a client that talks to the network.
import published from "sales-tax/res/sales_tax_rates.json";
import { type MemberState, postalDigits } from "./vat-territory";

/** A standard rate as published; each key of `before` is the instant until which another rate was in force. */
interface PublishedRate {
  rate: number;
  before?: Readonly<Record<string, { rate: number }>>;
}

const rates: Readonly<Record<string, PublishedRate>> = published;

/**
 * Parts of a member state with a standard rate of their own, which the package does not know: the Austrian valleys that
 * can be reached through Germany only and have German postal codes, too (Article 104 of Directive 2006/112/EC), Madeira and
 * the Azores (Article 105). Postal codes are compared by digits.
 */
const REGIONAL_RATES: readonly [MemberState, RegExp, number][] = [
  ["AT", /^(6691|699[1-3]|87491|8756[7-9])$/, 1_900],
  ["PT", /^9[0-4]/, 2_200],
  ["PT", /^9[5-9]/, 1_600],
];

/**
 * The standard VAT rate in force at an instant, in basis points: 2,550 is 25.5 %.
 * Source: the dated rates of the package `sales-tax`, which go back to 2020 where a rate has changed since.
 */
export function standardRateBasisPoints(country: MemberState, postal_code: string, at_ms: number): number {
  const digits = postalDigits(postal_code);
  const regional = REGIONAL_RATES.find(([state, codes]) => state === country && codes.test(digits));
  return regional?.[2] ?? Math.round(publishedRate(country, at_ms) * 10_000);
}

function publishedRate(country: MemberState, at_ms: number): number {
  const now = rates[country];
  if (!now) throw new Error(`There is no VAT rate for ${country}.`);
  const past = Object.entries(now.before ?? {})
    .map(([until, { rate }]) => ({ until_ms: Date.parse(until), rate }))
    .filter(({ until_ms }) => at_ms < until_ms)
    .sort((a, b) => a.until_ms - b.until_ms);
  return past[0]?.rate ?? now.rate;
}
