import { type Buyer, decideTax } from "../../src/tax/decide-tax";
import type { VatIdState } from "../../src/tax/vat-id";

const NOVEMBER_2026_MS = Date.UTC(2026, 10, 24);

/** A VAT ID with the prefix of a member state. */
export const euVatId = (state: VatIdState, prefix: string): Buyer["vat_id"] => ({
  state,
  type: "eu_vat",
  value: `${prefix}123456789`,
});

interface Sale extends Partial<Buyer> {
  seller?: string;
  net_cents?: number;
  at_ms?: number;
}

/** A sale of EUR 100.00 by a Dutch seller to a business without a VAT ID in November 2026, unless it says otherwise. */
export function taxed({ seller = "NL", net_cents = 10_000, at_ms = NOVEMBER_2026_MS, ...buyer }: Sale) {
  return decideTax({
    seller_country: seller,
    buyer: { country: "DE", postal_code: "", vat_id: null, is_business: true, ...buyer },
    net_cents,
    at_ms,
  });
}
