import type Stripe from "stripe";
import { expectObject } from "./client";

/**
 * A page of Stripe's on which a customer sees their cards and invoices. What they may change there is for the portal's
 * configuration in Stripe's dashboard to say: cards, and no name, address or tax id.
 */
export async function openPortal(
  stripe: Stripe,
  customer_id: string,
  return_url: string | null,
): Promise<string> {
  const session = await stripe.billingPortal.sessions.create({
    customer: customer_id,
    ...(return_url === null ? {} : { return_url }),
  });
  return expectObject(session, "billing_portal.session").url;
}
