import type Stripe from "stripe";
import type { World } from "./account.ts";
import { type ListParameters, pageOf } from "./list.ts";
import { idOf, type Kind, type Resources } from "./store.ts";
import type { RequestName } from "./validate.ts";

/** One request of the API: where it is found, what it may carry and what it does. */
export interface Route {
  method: "GET" | "POST" | "DELETE";
  /** Matches the path after /v1. */
  pattern: RegExp;
  request: RequestName;
  run: (world: World, parameters: never, ids: readonly string[]) => unknown;
}

/** `path`: after /v1, with `:id` for what varies. */
export function route<Parameters>(
  method: Route["method"],
  path: string,
  request: RequestName,
  run: (world: World, parameters: Parameters, ids: readonly [string, string]) => unknown,
): Route {
  const pattern = new RegExp(`^${path.replaceAll(":id", "([^/]+)")}$`);
  return { method, pattern, request, run: run as unknown as Route["run"] };
}

/** Answers the resource that the path names. */
export function retrieve(path: string, request: RequestName, kind: Kind): Route {
  return route("GET", `${path}/:id`, request, (world, _, [id]) => world.named(kind, id));
}

/** Fields that a list can be narrowed by, and what they say of a resource. */
type Filters<K extends Kind> = Record<string, (resource: Resources[K], value: never) => boolean>;

/** Answers a page of all resources of a kind, or of those that the filters leave. */
export function list<K extends Kind>(
  path: string,
  request: RequestName,
  kind: K,
  filters: Filters<K>,
): Route {
  return route<ListParameters & Record<string, unknown>>("GET", path, request, (world, parameters) => {
    const wanted = Object.entries(filters).filter(([name]) => parameters[name] !== undefined);
    const fits = (resource: Resources[K]) =>
      wanted.every(([name, matches]) => matches(resource, parameters[name] as never));
    return pageOf(`/v1${path}`, world.store.all(kind).filter(fits) as { id: string }[], parameters);
  });
}

/** A filter on a field that may hold the id or the object. */
export function is(name: string) {
  return (resource: object, value: string): boolean =>
    idOf(Reflect.get(resource, name) as string | null) === value;
}

/** A filter on what an invoice was paid by. */
export function isPaidBy({ payment }: Stripe.InvoicePayment, wanted: { payment_intent?: string }): boolean {
  return wanted.payment_intent === undefined || idOf(payment.payment_intent) === wanted.payment_intent;
}
