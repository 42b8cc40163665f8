import type Stripe from "stripe";
import type { World } from "./account.ts";
import { type Page, pageOf } from "./list.ts";

/** `events.list`, also of those only that the endpoint has taken, or has not. */
export function listEvents(world: World, parameters: Stripe.EventListParams): Page<Stripe.Event> {
  const { type, types, delivery_success } = parameters;
  const fits = (event: Stripe.Event) =>
    (type === undefined || matches(type, event)) &&
    (types === undefined || types.some((one) => matches(one, event))) &&
    (delivery_success === undefined || delivery_success === (world.store.note(event.id).taken ?? false));
  return pageOf("/v1/events", world.store.all("event").filter(fits), parameters);
}

/** `invoice.*` is all types that begin so. */
function matches(wanted: string, { type }: Stripe.Event): boolean {
  return wanted.endsWith("*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}
