import type { Settings } from "../env";
import { offlineChecker } from "./vat-id-offline";
import type { VatIdChecker } from "./vat-id-verdict";
import { viesChecker } from "./vies";

/** The checker of a deployment. With the seller's VAT ID each answer of VIES carries a consultation number. */
export function vatIdCheckerFor({
  vat_id_checker,
  seller_vat_id,
}: Pick<Settings, "vat_id_checker" | "seller_vat_id">): VatIdChecker {
  return vat_id_checker === "vies" ? viesChecker({ requester_vat_id: seller_vat_id }) : offlineChecker;
}
