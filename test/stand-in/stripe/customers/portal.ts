import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import { missingParameter } from "../core/validate.ts";

/** A page on which a customer sees their cards and invoices. */
export function createPortalSession(
  world: World,
  parameters: Stripe.BillingPortal.SessionCreateParams,
): Stripe.BillingPortal.Session {
  if (!parameters.customer) throw missingParameter("customer");
  const customer = world.referred("customer", parameters.customer, "customer");
  const id = world.newId("bps");
  return world.add("billing_portal.session", {
    id,
    object: "billing_portal.session",
    configuration: parameters.configuration ?? "bpc_standin",
    created: world.seconds(),
    customer: customer.id,
    customer_account: null,
    flow: null,
    livemode: false,
    locale: parameters.locale ?? null,
    on_behalf_of: null,
    return_url: parameters.return_url ?? null,
    url: `${world.settings.api_url}/portal/${id}`,
  } as Stripe.BillingPortal.Session);
}
