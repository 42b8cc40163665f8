import type Stripe from "stripe";
import type { Order } from "../checkout/order.ts";

/** The resources that are kept, by what they call themselves in `object`. */
export interface Resources {
  "billing_portal.session": Stripe.BillingPortal.Session;
  charge: Stripe.Charge;
  "checkout.session": Stripe.Checkout.Session;
  credit_note: Stripe.CreditNote;
  customer: Stripe.Customer;
  customer_balance_transaction: Stripe.CustomerBalanceTransaction;
  dispute: Stripe.Dispute;
  event: Stripe.Event;
  invoice: Stripe.Invoice;
  invoice_payment: Stripe.InvoicePayment;
  invoiceitem: Stripe.InvoiceItem;
  payment_intent: Stripe.PaymentIntent;
  payment_method: Stripe.PaymentMethod;
  refund: Stripe.Refund;
  setup_intent: Stripe.SetupIntent;
  tax_id: Stripe.TaxId;
}
export type Kind = keyof Resources;
export type Resource = Resources[Kind];

/** What Stripe knows of a resource and does not show. */
export interface Note {
  /** Payment method: the number of its test card. */
  card_number?: string;
  /** Payment method: the customer authenticated it for payments without them. */
  set_up?: boolean;
  /** Payment method: it was used without a customer or taken from one, and is good for nothing more. */
  used_up?: boolean;
  /** Event: the endpoint has taken it. */
  taken?: boolean;
  /** Checkout session: what its creator asked for. */
  order?: Order;
  /** Payment or setup intent: the card that waits for its holder to authenticate. */
  waiting_card?: string;
}

export interface StoreSnapshot {
  tables: Partial<Record<Kind, Resource[]>>;
  notes: Record<string, Note>;
}

/** All resources, in the order in which they were made. */
export class Store {
  #tables = new Map<Kind, Map<string, Resource>>();
  #notes = new Map<string, Note>();

  add<K extends Kind>(kind: K, resource: Resources[K], note?: Note): Resources[K] {
    this.#table(kind).set(resource.id, resource);
    if (note) this.#notes.set(resource.id, note);
    return resource;
  }

  find<K extends Kind>(kind: K, id: string): Resources[K] | undefined {
    return this.#table(kind).get(id);
  }

  /** A resource of any kind. */
  findAny(id: string): Resource | undefined {
    for (const table of this.#tables.values()) {
      const found = table.get(id);
      if (found) return found;
    }
    return undefined;
  }

  /** A resource that must be there, because the stand-in itself keeps the reference. */
  get<K extends Kind>(kind: K, reference: string | { id: string } | null | undefined): Resources[K] {
    const found = this.find(kind, idOf(reference) ?? "");
    if (!found) throw new Error(`The stand-in lost ${kind} ${idOf(reference)}.`);
    return found;
  }

  /** All of a kind, oldest first. */
  all<K extends Kind>(kind: K): Resources[K][] {
    return [...this.#table(kind).values()];
  }

  remove(kind: Kind, id: string): void {
    this.#table(kind).delete(id);
    this.#notes.delete(id);
  }

  /** Forgets events that are older than this. */
  forgetEvents(before_seconds: number): void {
    for (const { id, created } of this.#table("event").values()) {
      // They stand in the order in which they were made.
      if (created >= before_seconds) return;
      this.remove("event", id);
    }
  }

  note(id: string): Note {
    const known = this.#notes.get(id) ?? {};
    this.#notes.set(id, known);
    return known;
  }

  snapshot(): StoreSnapshot {
    const tables = Object.fromEntries([...this.#tables].map(([kind, table]) => [kind, [...table.values()]]));
    return structuredClone({ tables, notes: Object.fromEntries(this.#notes) });
  }

  restore({ tables, notes }: StoreSnapshot): void {
    const copy = structuredClone({ tables, notes });
    this.#tables.clear();
    for (const [kind, resources] of Object.entries(copy.tables))
      this.#tables.set(kind as Kind, new Map(resources.map((resource) => [resource.id, resource])));
    this.#notes = new Map(Object.entries(copy.notes));
  }

  #table<K extends Kind>(kind: K): Map<string, Resources[K]> {
    let table = this.#tables.get(kind);
    if (!table) {
      table = new Map();
      this.#tables.set(kind, table);
    }
    return table as Map<string, Resources[K]>;
  }
}

/** The id of a resource that may stand there expanded or by its id alone. */
export function idOf(reference: string | { id: string } | null | undefined): string | null {
  if (reference === null || reference === undefined) return null;
  return typeof reference === "string" ? reference : reference.id;
}
