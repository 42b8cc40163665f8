import type { VatIdState } from "./vat-id";

/** What a check found, kept as evidence of why a sale was taxed as it was. */
export interface VatIdCheck {
  state: Exclude<VatIdState, "none" | "malformed">;
  checked_at_ms: number;
  /** Who said so: the Commission's register, or this program by the number's own checksum. */
  source: "vies" | "offline";
  /** As the register has them, null where the member state does not tell. */
  name: string | null;
  address: string | null;
  /** VIES' proof that the question was asked; given only when the seller's own VAT ID went with it. */
  consultation_number: string | null;
}

/** Says whether a VAT ID, in the form that `readVatId` gives it, exists. Never throws: doubt is `unavailable`. */
export interface VatIdChecker {
  check(value: string): Promise<VatIdCheck>;
}
