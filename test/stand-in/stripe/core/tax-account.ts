import type Stripe from "stripe";
import type { World } from "./account.ts";

/** How the account collects tax. */
export function taxSettings({ settings }: World): Stripe.Tax.Settings {
  return {
    object: "tax.settings",
    defaults: { provider: "stripe", tax_behavior: "exclusive", tax_code: "txcd_10000000" },
    head_office: { address: settings.seller_address },
    livemode: false,
    status: "active",
    status_details: { active: {} },
  };
}

/** Where the account collects tax, oldest first; none of them has ended or is still to begin. */
export function registrations({ collecting }: World, status = "active"): Stripe.Tax.Registration[] {
  if (status !== "active" && status !== "all") return [];
  return collecting.map((country) => ({
    id: `taxreg_${country}`,
    object: "tax.registration",
    active_from: 0,
    country,
    country_options: { [country.toLowerCase()]: { type: "oss_union" } },
    created: 0,
    expires_at: null,
    livemode: false,
    status: "active",
  }));
}
