import { divideHalfUp } from "../units/money";
import type { TaxIdType, VatIdState } from "./vat-id";
import { standardRateBasisPoints } from "./vat-rates";
import { type MemberState, type Place, type VatArea, vatAreaOf, vatPrefixOf } from "./vat-territory";

/**
 * How a sale is taxed: `domestic` at the seller's own rate, `destination` at the rate of the buyer's member state,
 * `reverse_charge` by the buyer, `outside_scope` not at all outside the Union, `not_supported` not at all in a
 * territory that a member state's VAT does not reach (Stripe's word for it).
 */
export type TaxTreatment = "domestic" | "destination" | "reverse_charge" | "outside_scope" | "not_supported";

/** Why it is taxed so. The last seven say why a buyer in another member state pays VAT. */
export type TaxReason =
  | "same_country"
  | "valid_vat_id"
  | "outside_eu"
  | "excluded_territory"
  | "consumer"
  | "no_vat_id"
  | "vat_id_malformed"
  | "vat_id_pending"
  | "vat_id_invalid"
  | "vat_id_unavailable"
  | "vat_id_of_other_country";

export interface Buyer extends Place {
  /** The customer's VAT ID as it was last read and checked, null without one. */
  vat_id: { state: VatIdState; type: TaxIdType | null; value: string } | null;
  /** Whether the customer buys as a business. A consumer's VAT ID changes nothing and must not be handed to Stripe. */
  is_business: boolean;
}

export interface TaxDecision {
  treatment: TaxTreatment;
  reason: TaxReason;
  /** ISO code of the member state in which the sale is taxed, whether seller or buyer owes the VAT; null where there is none. */
  tax_country: MemberState | null;
  /** 2,550 is 25.5 %. */
  rate_basis_points: number;
  net_cents: number;
  tax_cents: number;
  gross_cents: number;
  /** The words that the invoice must carry, null when none are needed. */
  footer: string | null;
}

/** The words that Article 226 (11) and (11a) of Directive 2006/112/EC ask for. */
export const REVERSE_CHARGE_FOOTER =
  "Reverse charge: VAT to be accounted for by the recipient (Article 196, Council Directive 2006/112/EC).";

const LARGEST_NET_CENTS = 100_000_000_000;

/**
 * The one decision on VAT, made for the preview, for Stripe and for the invoice alike. VAT is charged
 * unless something says for certain that it is not: a VAT ID that is malformed, waits for its check, could not be
 * checked, or belongs to another country than the address changes nothing. The tax is rounded half up once, on the net
 * total. `at_ms` is the instant whose rate applies.
 * @throws when `seller_country` is not a member state, and for amounts that are not whole cents from 0 to EUR 1,000,000,000
 * Source: Articles 44, 58, 59 and 196 of Directive 2006/112/EC; Article 18 of Implementing Regulation 282/2011.
 */
export function decideTax(sale: {
  seller_country: string;
  buyer: Buyer;
  net_cents: number;
  at_ms: number;
}): TaxDecision {
  const { seller_country, buyer, net_cents, at_ms } = sale;
  if (!Number.isInteger(net_cents) || net_cents < 0 || net_cents > LARGEST_NET_CENTS)
    throw new Error(`Not an amount in cents: ${net_cents}.`);
  const seller = vatAreaOf({ country: seller_country, postal_code: "" });
  if (seller.area !== "member_state") throw new Error(`The seller is not in the EU: ${seller_country}.`);
  const place = vatAreaOf(buyer);
  const { treatment, reason } = treatmentOf(seller.country, buyer, place);
  const charged = treatment === "domestic" || treatment === "destination";
  const tax_country = place.area === "member_state" ? place.country : null;
  const rate_basis_points =
    charged && tax_country ? standardRateBasisPoints(tax_country, buyer.postal_code, at_ms) : 0;
  const tax_cents = divideHalfUp(net_cents * rate_basis_points, 10_000);
  return {
    treatment,
    reason,
    tax_country,
    rate_basis_points,
    net_cents,
    tax_cents,
    gross_cents: net_cents + tax_cents,
    footer: treatment === "reverse_charge" ? REVERSE_CHARGE_FOOTER : null,
  };
}

function treatmentOf(
  seller: MemberState,
  buyer: Buyer,
  place: VatArea,
): { treatment: TaxTreatment; reason: TaxReason } {
  if (place.area === "excluded_territory")
    return { treatment: "not_supported", reason: "excluded_territory" };
  if (place.area === "outside_eu") return { treatment: "outside_scope", reason: "outside_eu" };
  if (place.country === seller) return { treatment: "domestic", reason: "same_country" };
  const obstacle = obstacleToReverseCharge(buyer, place.country);
  return obstacle
    ? { treatment: "destination", reason: obstacle }
    : { treatment: "reverse_charge", reason: "valid_vat_id" };
}

/** Why a VAT ID that a check has not found valid leaves VAT on the sale. */
const NOT_VALID = {
  malformed: "vat_id_malformed",
  pending: "vat_id_pending",
  invalid: "vat_id_invalid",
  unavailable: "vat_id_unavailable",
} as const satisfies Record<Exclude<VatIdState, "none" | "valid">, TaxReason>;

/** Null: nothing, so that the buyer owes the VAT (Article 196 of Directive 2006/112/EC). */
function obstacleToReverseCharge({ vat_id, is_business }: Buyer, country: MemberState): TaxReason | null {
  if (!is_business) return "consumer";
  if (!vat_id || vat_id.state === "none") return "no_vat_id";
  if (vat_id.state !== "valid") return NOT_VALID[vat_id.state];
  const of_country = vat_id.type === "eu_vat" && vat_id.value.startsWith(vatPrefixOf(country));
  return of_country ? null : "vat_id_of_other_country";
}
