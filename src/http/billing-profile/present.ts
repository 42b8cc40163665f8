import type { z } from "zod";
import type { ProfileRefusal } from "../../customers/billing-profile";
import { buyerOf } from "../../customers/buyer";
import type { BillingProfileRow } from "../../storage/accounts/billing-profiles";
import { decideTax } from "../../tax/decide-tax";
import { readVatId } from "../../tax/vat-id";
import { isoTime, isoTimeOrNull } from "../../units/duration";
import { taxBody } from "../purchases/present";
import type { billingProfileSchema } from "./schema";

type Body = z.input<typeof billingProfileSchema>;

/** A billing profile as its own people see it, with how a purchase would be taxed at `now_ms`. */
export function billingProfileBody(
  row: BillingProfileRow,
  {
    seller_country,
    now_ms,
    obstacle,
  }: { seller_country: string; now_ms: number; obstacle: ProfileRefusal | null },
): Body {
  const { line1, line2, postal_code, city, region, country } = row;
  const tax = decideTax({ seller_country, buyer: buyerOf(row), net_cents: 0, at_ms: now_ms });
  return {
    company_name: row.company_name,
    email: row.email,
    address: { line1, line2, postal_code, city, region, country },
    is_business: row.is_business,
    vat_id: {
      value: row.vat_id,
      state: row.vat_id_state,
      message: vatIdMessage(row),
      checked_at: isoTimeOrNull(row.vat_id_checked_at_ms),
      source: row.vat_id_source,
      name: row.vat_id_name,
      address: row.vat_id_address,
      consultation_number: row.vat_id_consultation_number,
    },
    tax: taxBody(tax),
    obstacle: obstacleBody(obstacle ?? row.sync_refusal),
    updated_at: isoTime(row.updated_at_ms),
  };
}

function obstacleBody(obstacle: Omit<ProfileRefusal, "outcome"> | null): Body["obstacle"] {
  if (!obstacle) return null;
  const { code, message, param } = obstacle;
  return { code, message, ...(param === undefined ? {} : { param }) };
}

/** What the state of the VAT ID means, in a sentence or two. */
function vatIdMessage(row: BillingProfileRow): string {
  if (row.vat_id_state === "malformed") return malformedMessage(row);
  if (row.vat_id_state !== "none" && !row.is_business)
    return "It is not used, because the buyer is not a business.";
  switch (row.vat_id_state) {
    case "none":
      return "No VAT ID was given.";
    case "pending":
      return "It is being checked. Until that is done, VAT is charged as without it.";
    case "valid":
      return row.vat_id_source === "vies"
        ? "The register of the European Union confirms it."
        : "Its check digits are right. No register was asked.";
    case "invalid":
      return `${doubt(row) ?? UNKNOWN} VAT is charged as without it. Please look whether it is right.`;
    case "unavailable":
      return [AWAY, doubt(row)].filter((sentence) => sentence !== null).join(" ");
  }
}

const UNKNOWN = "The register does not know it, or not for sales between member states.";
const AWAY =
  "The register cannot be asked at the moment. It will be, and until then VAT is charged as without it.";

/** What can be seen without a register. */
function doubt({ vat_id, country }: BillingProfileRow): string | null {
  const reading = readVatId(vat_id ?? "", country);
  return reading.state === "pending" && reading.looks_wrong ? "Its check digits do not fit." : null;
}

function malformedMessage({ vat_id, country }: BillingProfileRow): string {
  const reading = readVatId(vat_id ?? "", country);
  const charged = "VAT is charged as without it.";
  // Read as what it is since it was saved.
  if (reading.state !== "malformed")
    return `It was not recognized. ${charged} Save it again to have it checked.`;
  if (reading.problem === "country_without_vat_ids")
    return "VAT IDs of this country are not taken: they change nothing.";
  const example = `Those of ${country} look like ${reading.example}.`;
  switch (reading.problem) {
    case "other_country":
      return `It is one of another country than the address. ${example} ${charged}`;
    case "national_number":
      return `This looks like a national number (${reading.name}), not a VAT ID. ${example} ${charged}`;
    case "format":
      return `This is not how VAT IDs of ${country} are written. ${example} ${charged}`;
  }
}
