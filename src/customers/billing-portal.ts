import { type Bindings, readSettings } from "../env";
import type { Actor } from "../organizations/actor";
import { audited, recordDone } from "../organizations/audit-log";
import { stripeClient } from "../stripe/client";
import { openPortal } from "../stripe/portal";
import { isRefused, type Refusal, refuse } from "../units/refusal";
import { type ProfileRefusal, readyToBuy } from "./billing-profile";

export type PortalAnswer =
  | { outcome: "portal"; url: string }
  | Refusal<"purchases_unavailable">
  | ProfileRefusal;

/**
 * Opens Stripe's own page on which a customer sees their cards and invoices; `return_url` is where it leads back to, null for
 * nowhere. The address is good for a few minutes (https://docs.stripe.com/api/customer_portal/sessions).
 * Audited: cards can be changed there.
 */
export async function openBillingPortal(
  env: Bindings,
  actor: Actor,
  organization_id: string,
  return_url: string | null,
): Promise<PortalAnswer> {
  const { stripe } = readSettings(env);
  if (!stripe) return refuse("purchases_unavailable");
  const asked = { action: "billing_portal.open", organization_id, detail: {} } as const;
  return audited(env, actor, asked, async () => {
    const ready = await readyToBuy(env, organization_id);
    if (isRefused(ready)) return ready;
    const url = await openPortal(stripeClient(stripe), ready.stripe_customer_id, return_url);
    await recordDone(env, actor, asked);
    return { outcome: "portal", url };
  });
}
