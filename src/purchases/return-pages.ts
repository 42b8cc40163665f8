import { type Bindings, readSettings } from "../env";
import { isUnderLimit } from "../runtime/ip-rate-limit";
import { DAY_MS } from "../units/duration";
import { isSealed, sealOf } from "../units/seal";

/** The longest that a page of Stripe stays open (docs.stripe.com/api/checkout/sessions/create: 24 hours). */
export const RETURN_FOR_MS = DAY_MS;

/** What a browser comes back from at Stripe: a purchase, or an organization's page for a card. */
export type Way = `purchases/${string}` | `payment_method/${string}`;

/**
 * The address that a page of Stripe leads back to, with a query that more can be added to. It is sealed, because it needs no
 * key and asks Stripe: it cannot be made up.
 */
export async function returnAddress(env: Bindings, way: Way): Promise<string> {
  const { public_url, key_secrets } = readSettings(env);
  const [page, id] = way.split("/");
  const path = page === "purchases" ? `purchases/${id}/return` : "payment_method/return";
  const about = page === "purchases" ? "" : `organization_id=${id}&`;
  return `${public_url}/api/v1/${path}?${about}seal=${await sealOf("return", way, key_secrets)}`;
}

/** Whether this Worker has made the address. Asks neither D1 nor Stripe. */
export async function isOurReturn(env: Bindings, way: Way, seal: string | undefined): Promise<boolean> {
  return seal !== undefined && (await isSealed("return", way, seal, readSettings(env).key_secrets));
}

/** Whether the address may be used once more now: each use costs a request to Stripe. */
export function mayReturn(env: Bindings, way: Way): Promise<boolean> {
  return isUnderLimit(env.RETURNS, way);
}
