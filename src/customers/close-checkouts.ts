import { type Bindings, readSettings } from "../env";
import type { BillingProfileRow } from "../storage/accounts/billing-profiles";
import { openDatabase } from "../storage/database";
import { listOpenCheckouts, type PurchaseRow } from "../storage/purchases/purchases";
import { closeCheckout } from "../stripe/checkout";
import type { Stripe } from "../stripe/client";
import { decideTax } from "../tax/decide-tax";
import { DAY_MS } from "../units/duration";
import { buyerOf } from "./buyer";

/** A page is open for a day at most. */
const MAX_OPEN_MS = 2 * DAY_MS;

/**
 * Closes the pages on which something can still be paid that would be taxed otherwise now, such as without VAT by a VAT ID
 * that has turned out invalid. What was paid before stays paid.
 */
export async function closeStaleCheckouts(
  env: Bindings,
  stripe: Stripe,
  profile: BillingProfileRow,
): Promise<void> {
  const now_ms = Date.now();
  const { seller_country } = readSettings(env);
  await closeCheckouts(env, stripe, profile.organization_id, (purchase) =>
    taxDiffers(purchase, profile, seller_country, now_ms),
  );
}

/** Closes an organization's pages of payment: all of them, or `which`. */
export async function closeCheckouts(
  env: Bindings,
  stripe: Stripe,
  organization_id: string,
  which: (purchase: PurchaseRow) => boolean = () => true,
): Promise<void> {
  const since_ms = Date.now() - MAX_OPEN_MS;
  const open = await listOpenCheckouts(openDatabase(env), organization_id, since_ms);
  for (const purchase of open)
    if (purchase.stripe_session_id !== null && which(purchase))
      await closeCheckout(stripe, purchase.stripe_session_id);
}

function taxDiffers(
  { net_cents, tax_decision: before }: PurchaseRow,
  profile: BillingProfileRow,
  seller_country: string,
  at_ms: number,
): boolean {
  const now = decideTax({ seller_country, buyer: buyerOf(profile), net_cents, at_ms });
  return (
    now.treatment !== before.treatment ||
    now.rate_basis_points !== before.rate_basis_points ||
    profile.country !== before.country ||
    (now.treatment === "reverse_charge" && profile.vat_id !== before.vat_id)
  );
}
