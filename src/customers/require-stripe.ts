import { type Bindings, readSettings } from "../env";
import { type Stripe, stripeClient } from "../stripe/client";

/** Stripe, where something that was bought says that there was one. */
export function requireStripe(env: Bindings): Stripe {
  const { stripe } = readSettings(env);
  if (!stripe) throw new Error("There are purchases, but no STRIPE_SECRET_KEY.");
  return stripeClient(stripe);
}
