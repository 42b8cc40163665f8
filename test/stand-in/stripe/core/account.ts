import type Stripe from "stripe";
import { DECLINES, type Decline } from "./cards.ts";
import { missing } from "./errors.ts";
import { type Kind, type Note, type Resource, type Resources, Store, type StoreSnapshot } from "./store.ts";
import { decideTax, EU_COUNTRIES, type Tax } from "./tax.ts";
import type { EventQueue } from "./webhooks.ts";

export const API_VERSION = "2026-10-28.endive";
const EVENTS_KEPT_SECONDS = 30 * 24 * 60 * 60;
const ID_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export interface Settings {
  /** Where the stand-in is reached, without a slash at the end: its pages' addresses begin with it. */
  api_url: string;
  seller_country: string;
  seller_name: string;
  seller_vat_id: string | null;
  seller_address: Stripe.Address;
}

/** Something that happens by itself when its time has come. */
export interface Appointment {
  at_ms: number;
  what: "verify_tax_id" | "expire_session" | "settle_refund" | "fail_refund" | "dispute" | "inquire";
  id: string;
}

export interface WorldSnapshot {
  store: StoreSnapshot;
  clock_offset_ms: number;
  next_invoice_number: number;
  appointments: Appointment[];
  collecting: string[];
}

/** What all handlers share: the account's data, its clock, and what is to happen to the next payment. */
export class World {
  readonly store = new Store();
  readonly settings: Settings;
  readonly events: EventQueue;
  /** Answers to the next payments instead of the cards' own, first come first. */
  readonly next_payments: (Decline | "authenticate")[] = [];
  /** The request under way, as it stands in its events. */
  request: Stripe.Event.Request | null = null;
  /** Whether Checkout makes its invoices only when `makeInvoices` is called. */
  invoices_wait = false;
  collecting: string[];
  appointments: Appointment[] = [];
  #next_invoice_number = 1;
  #clock_offset_ms = 0;
  readonly #now_ms: () => number;

  constructor(settings: Settings, events: EventQueue, now_ms: () => number) {
    this.settings = settings;
    this.events = events;
    this.#now_ms = now_ms;
    this.collecting = EU_COUNTRIES.includes(settings.seller_country)
      ? [...EU_COUNTRIES]
      : [settings.seller_country];
  }

  now_ms(): number {
    return this.#now_ms() + this.#clock_offset_ms;
  }

  /** Unix seconds, the unit of every time in Stripe's API. */
  seconds(): number {
    return Math.floor(this.now_ms() / 1_000);
  }

  advance(ms: number): void {
    this.#clock_offset_ms += ms;
  }

  newId(prefix: string, characters = 24): string {
    const random = crypto.getRandomValues(new Uint8Array(characters));
    return `${prefix}_${Array.from(random, (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join("")}`;
  }

  /** Numbers are taken at finalization only, so that the account's series has no gaps. */
  takeInvoiceNumber(): string {
    return `STANDIN-${String(this.#next_invoice_number++).padStart(4, "0")}`;
  }

  add<K extends Kind>(kind: K, resource: Resources[K], note?: Note): Resources[K] {
    return this.store.add(kind, resource, note);
  }

  /** The resource that a request names in its path. Throws 404 `resource_missing`. */
  named<K extends Kind>(kind: K, id: string): Resources[K] {
    const found = this.store.find(kind, id);
    if (!found) throw missing(kind.split(".").at(-1) ?? kind, id);
    return found;
  }

  /** The resource that a request names in a parameter. Throws 400 `resource_missing`. */
  referred<K extends Kind>(kind: K, id: string, param: string): Resources[K] {
    const found = this.store.find(kind, id);
    if (!found) throw missing(kind, id, param);
    return found;
  }

  /** Makes the event of a change, with the resource as it is now. */
  emit(type: Stripe.Event.Type, resource: Resource, previous_attributes?: Record<string, unknown>): void {
    const event = {
      id: this.newId("evt"),
      object: "event",
      api_version: API_VERSION,
      created: this.seconds(),
      data: structuredClone({ object: resource, ...(previous_attributes && { previous_attributes }) }),
      livemode: false,
      pending_webhooks: 1,
      request: this.request ?? { id: null, idempotency_key: null },
      type,
    } as unknown as Stripe.Event;
    this.store.add("event", event);
    this.events.add(event.id);
  }

  /** What becomes of the next payment, when a test has said so. */
  takeNextPayment(): Decline | "authenticate" | undefined {
    return this.next_payments.shift();
  }

  declineNext(decline_code: string): void {
    const decline = DECLINES[decline_code];
    if (!decline) throw new Error(`There is no decline ${decline_code}.`);
    this.next_payments.push(decline);
  }

  /** The tax that this customer pays now. */
  taxFor(customer: Stripe.Customer): Tax {
    return decideTax({
      seller_country: this.settings.seller_country,
      collecting: this.collecting,
      address: customer.address,
      tax_ids: this.taxIdsOf(customer.id),
      tax_exempt: customer.tax_exempt,
      now_ms: this.now_ms(),
    });
  }

  taxIdsOf(customer_id: string): Stripe.TaxId[] {
    return this.store.all("tax_id").filter((tax_id) => tax_id.customer === customer_id);
  }

  schedule(what: Appointment["what"], id: string, at_ms: number): void {
    this.appointments.push({ what, id, at_ms });
  }

  /** The appointments whose time has come. They are not due a second time. */
  takeDue(): Appointment[] {
    const now_ms = this.now_ms();
    const due = this.appointments.filter(({ at_ms }) => at_ms <= now_ms);
    if (due.length > 0) this.appointments = this.appointments.filter(({ at_ms }) => at_ms > now_ms);
    return due;
  }

  /** Forgets what Stripe does not keep for ever. */
  forgetOld(): void {
    this.store.forgetEvents(this.seconds() - EVENTS_KEPT_SECONDS);
  }

  snapshot(): WorldSnapshot {
    return structuredClone({
      store: this.store.snapshot(),
      clock_offset_ms: this.#clock_offset_ms,
      next_invoice_number: this.#next_invoice_number,
      appointments: this.appointments,
      collecting: this.collecting,
    });
  }

  restore(snapshot: WorldSnapshot): void {
    this.store.restore(snapshot.store);
    this.#clock_offset_ms = snapshot.clock_offset_ms;
    this.#next_invoice_number = snapshot.next_invoice_number;
    this.appointments = structuredClone(snapshot.appointments);
    this.collecting = [...snapshot.collecting];
  }
}
