import type Stripe from "stripe";
import { sessionLines } from "./checkout/sessions.ts";
import type { World } from "./core/account.ts";
import { invalid } from "./core/errors.ts";
import { pageInOrder, pageOf } from "./core/list.ts";
import { taxOfCustomer } from "./customers/customers.ts";
import { paymentsOf } from "./invoices/states.ts";

type Json = Record<string, unknown>;

/** How deep Stripe expands. */
const MAX_DEPTH = 4;

/** A copy of what is answered, with the references in `paths` replaced by what they name. */
export function expanded(world: World, answer: unknown, paths: readonly string[]): unknown {
  const copy = structuredClone(answer);
  for (const path of paths) {
    const names = path.split(".");
    if (names.length > MAX_DEPTH) throw cannotExpand(path);
    expand(world, copy, names, path);
  }
  return copy;
}

function expand(world: World, at: unknown, [name = "", ...rest]: string[], path: string): void {
  if (Array.isArray(at)) {
    for (const item of at) expand(world, item, [name, ...rest], path);
    return;
  }
  if (typeof at !== "object" || at === null) return;
  const holder = at as Json;
  const found = includable(world, holder, name) ?? holder[name];
  if (found === undefined) throw cannotExpand(path);
  holder[name] = typeof found === "string" ? referred(world, found, path) : found;
  if (rest.length > 0) expand(world, holder[name], rest, path);
}

function referred(world: World, id: string, path: string): unknown {
  const resource = world.store.findAny(id);
  if (!resource) throw cannotExpand(path);
  return structuredClone(resource);
}

function cannotExpand(path: string) {
  return invalid(`This property cannot be expanded (${path}).`, { param: "expand" });
}

/** Fields that are left out unless they are asked for. */
function includable(world: World, holder: Json, name: string): unknown {
  const { object, id = "" } = holder as { object?: string; id?: string };
  switch (`${object}.${name}`) {
    case "invoice.payments":
      return structuredClone(pageOf(`/v1/invoices/${id}/payments`, paymentsOf(world, id), {}));
    case "checkout.session.line_items":
      return pageInOrder(`/v1/checkout/sessions/${id}/line_items`, sessionLines(world, id), {});
    case "customer.invoice_credit_balance":
      // Of the other sign than `balance`.
      return { eur: -world.store.get("customer", id).balance };
    case "customer.tax":
      return taxOfCustomer(world, holder as unknown as Stripe.Customer);
    case "customer.tax_ids":
      return structuredClone(pageOf(`/v1/customers/${id}/tax_ids`, world.taxIdsOf(id), {}));
    case "charge.refunds": {
      const of_charge = world.store.all("refund").filter(({ charge }) => charge === id);
      return structuredClone(pageOf(`/v1/charges/${id}/refunds`, of_charge, {}));
    }
    default:
      return undefined;
  }
}
