import rates from "sales-tax/res/sales_tax_rates.json" with { type: "json" };
import type Stripe from "stripe";

type TaxabilityReason = Stripe.Invoice.TotalTax.TaxabilityReason;

/** The tax on one net amount. */
export interface Tax {
  /** Null while the customer's country is not known. */
  reason: TaxabilityReason | null;
  rate_basis_points: number;
  country: string | null;
}

/** Of a sale without automatic tax. */
export const UNTAXED: Tax = { reason: null, rate_basis_points: 0, country: null };

export interface TaxQuestion {
  seller_country: string;
  /** Countries in which the account collects: where it is registered, or covered by its one-stop shop. */
  collecting: readonly string[];
  address: Stripe.Address | null | undefined;
  tax_ids: readonly { type: string }[];
  tax_exempt: string | null | undefined;
  now_ms: number;
}

export const EU_COUNTRIES =
  "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split(" ");

/** Parts of member states in which EU VAT does not apply, by postal code. */
const EXCLUDED_TERRITORIES: Record<string, RegExp> = {
  DE: /^(78266|27498)$/, // Büsingen, Heligoland
  ES: /^(35|38|51|52)\d{3}$/, // Canary Islands, Ceuta, Melilla
  FI: /^22\d{3}$/, // Åland
  FR: /^97\d{3}$/, // overseas departments
  GR: /^63086$/, // Mount Athos
  IT: /^(23041|22061)$/, // Livigno, Campione d'Italia
};

/** Those of these territories that have a country code of their own. */
const EXCLUDED_COUNTRIES = ["AX", "GF", "GP", "IC", "MQ", "RE", "YT"];

/** Countries outside the EU whose postal codes are those of a member state, and which the rates do not name. */
const OUTSIDE = ["FO", "GL", "SM", "VA"];

interface CountryRate {
  rate: number;
  before?: Record<string, { rate: number }>;
}

/**
 * What Stripe Tax decides for a digital service. Reverse charge follows from the format of an attached EU VAT number
 * alone, whether or not it is valid, and only in another member state than the seller's.
 */
export function decideTax(question: TaxQuestion): Tax {
  const { address, seller_country, collecting, tax_ids, tax_exempt, now_ms } = question;
  const country = address?.country ?? null;
  if (!isLocated(address)) return { reason: null, rate_basis_points: 0, country };
  const none = (reason: TaxabilityReason): Tax => ({ reason, rate_basis_points: 0, country });
  if (isExcluded(address)) return none("not_supported");
  if (country === null || !collecting.includes(country)) return none("not_collecting");
  if (tax_exempt === "exempt") return none("customer_exempt");
  const has_eu_number = tax_ids.some(({ type }) => type === "eu_vat");
  if (tax_exempt === "reverse" || (has_eu_number && country !== seller_country))
    return none("reverse_charge");
  return { reason: "standard_rated", rate_basis_points: standardRate(country, now_ms), country };
}

/** Whether the address is enough to say where the customer is: a country that exists. */
export function isLocated(address: Stripe.Address | null | undefined): boolean {
  const country = address?.country ?? "";
  return country in rates || [...EXCLUDED_COUNTRIES, ...OUTSIDE].includes(country);
}

function isExcluded(address: Stripe.Address | null | undefined): boolean {
  const { country, postal_code } = address ?? { country: null, postal_code: null };
  if (EXCLUDED_COUNTRIES.includes(country ?? "")) return true;
  return EXCLUDED_TERRITORIES[country ?? ""]?.test((postal_code ?? "").replaceAll(" ", "")) ?? false;
}

/** The standard rate in force, in basis points: 2550 is 25.5 %. */
function standardRate(country: string, now_ms: number): number {
  const known = (rates as unknown as Record<string, CountryRate>)[country];
  if (!known) return 0;
  const [until] = Object.keys(known.before ?? {})
    .filter((date) => Date.parse(date) > now_ms)
    .sort();
  return Math.round(((until && known.before?.[until]?.rate) || known.rate) * 10_000);
}

/** Half up, in cents. */
export function taxOn(net_cents: number, { rate_basis_points }: Tax): number {
  return Math.floor((net_cents * rate_basis_points + 5_000) / 10_000);
}

/** The part of a tax that falls on `part_cents` of `whole_cents`, half up. */
export function taxShare(part_cents: number, tax_cents: number, whole_cents: number): number {
  return whole_cents === 0 ? 0 : Math.floor((2 * part_cents * tax_cents + whole_cents) / (2 * whole_cents));
}

/** The tax as it stands in `total_taxes` of invoices and in `taxes` of their lines. */
export function taxEntries(net_cents: number, tax: Tax): Stripe.Invoice.TotalTax[] {
  if (tax.reason === null) return [];
  const { country, rate_basis_points, reason } = tax;
  const tax_rate = `txr_${country?.toLowerCase()}_${rate_basis_points}`;
  return [
    {
      amount: taxOn(net_cents, tax),
      tax_behavior: "exclusive",
      tax_rate_details: reason === "not_collecting" ? null : { tax_rate },
      taxability_reason: reason,
      taxable_amount: reason === "standard_rated" ? net_cents : 0,
      type: "tax_rate_details",
    },
  ];
}
