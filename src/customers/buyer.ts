import type { BillingProfileRow } from "../storage/accounts/billing-profiles";
import { type Buyer, decideTax } from "../tax/decide-tax";

/** Who buys, as the decision on VAT has to know it. */
export function buyerOf(profile: BillingProfileRow): Buyer {
  const { country, postal_code, region, is_business, vat_id, vat_id_state, vat_id_type } = profile;
  return {
    country,
    postal_code,
    region,
    is_business,
    vat_id: vat_id === null ? null : { state: vat_id_state, type: vat_id_type, value: vat_id },
  };
}

/**
 * The VAT ID that may stand at Stripe, null when none may. Stripe sells without VAT by an attached number's form alone,
 * so that none is attached but a business's own that was found valid, and only where the sale is not to bear VAT because
 * of another rule: at home it is printed, outside the Union too.
 */
export function attachableTaxId(
  profile: BillingProfileRow,
  seller_country: string,
  at_ms: number,
): { type: string; value: string } | null {
  const { is_business, vat_id, vat_id_state, vat_id_type } = profile;
  if (!is_business || vat_id_state !== "valid" || vat_id === null || vat_id_type === null) return null;
  const { treatment } = decideTax({ seller_country, buyer: buyerOf(profile), net_cents: 0, at_ms });
  const is_used = treatment !== "destination" && treatment !== "not_supported";
  return is_used ? { type: vat_id_type, value: vat_id } : null;
}
