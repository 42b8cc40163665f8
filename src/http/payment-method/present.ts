import type { SavedCardRow } from "../../storage/purchases/saved-cards";
import { isoTime } from "../../units/duration";

/** A saved card as the API shows it, with what was agreed to. */
export function cardBody({ brand, last4, exp_month, exp_year, ...row }: SavedCardRow) {
  return {
    brand,
    last4,
    exp_month,
    exp_year,
    consent: {
      text: row.consent_text,
      given_at: isoTime(row.consent_at_ms),
      reference: row.consent_reference,
    },
    saved_at: isoTime(row.saved_at_ms),
  };
}
