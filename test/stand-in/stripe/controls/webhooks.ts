import type Stripe from "stripe";
import type { World } from "../core/account.ts";
import {
  type Delivery,
  deliver,
  type Endpoint,
  type EventQueue,
  type WebhookMode,
} from "../core/webhooks.ts";
import { keepAppointments } from "./appointments.ts";

export interface DeliverOptions {
  order?: "created" | "reversed";
  /** How often each is sent. */
  times?: number;
  only?: (event: Stripe.Event) => boolean;
}

const MAX_ROUNDS = 20;

/**
 * The events on their way to the endpoint. None is sent while a request is answered: whoever hosts the stand-in asks for
 * `settled` afterwards, and a test does so when it wants them to have come.
 */
export class Webhooks {
  readonly #world: World;
  readonly #events: EventQueue;
  readonly #endpoint: Endpoint;
  #under_way: Promise<number> = Promise.resolve(0);

  constructor(world: World, events: EventQueue, endpoint: Endpoint) {
    this.#world = world;
    this.#events = events;
    this.#endpoint = endpoint;
  }

  get mode(): WebhookMode {
    return this.#events.mode;
  }

  set mode(mode: WebhookMode) {
    this.#events.mode = mode;
  }

  /** Events that have not been taken yet, oldest first. */
  held(): Stripe.Event[] {
    return this.#events.deliveries.map(({ event_id }) => this.#world.store.get("event", event_id));
  }

  /** They are lost on the way, for good. */
  drop(only: (event: Stripe.Event) => boolean = () => true): void {
    const dropped = new Set(
      this.held()
        .filter(only)
        .map(({ id }) => id),
    );
    this.#events.drop((id) => dropped.has(id));
  }

  /**
   * Does what is due and sends what is due, with all that the deliveries lead to, each event once: one that is not taken
   * is due again later. Answers how many were sent; none while events are held.
   */
  settled(): Promise<number> {
    this.#under_way = this.#under_way.catch(() => 0).then(() => this.#sendDue());
    return this.#under_way;
  }

  async #sendDue(): Promise<number> {
    const tried = new Set<Delivery>();
    for (;;) {
      keepAppointments(this.#world);
      const next = this.#events.deliveries.find(
        (delivery) => !tried.has(delivery) && delivery.due_at_ms <= this.#world.now_ms(),
      );
      if (!next || this.mode !== "deliver") return tried.size;
      tried.add(next);
      const event = this.#world.store.get("event", next.event_id);
      if (isTaken(await this.#attempt(event))) this.#close(event);
      else this.#events.postpone(next, this.#world.now_ms(), event.created * 1_000);
    }
  }

  /** Sends what waits, due or not; what is not answered 2xx waits on. Answers how many were taken. */
  async deliver({ order = "created", times = 1, only = () => true }: DeliverOptions = {}): Promise<number> {
    const chosen = this.held().filter(only);
    if (order === "reversed") chosen.reverse();
    let taken = 0;
    for (const event of chosen) {
      const statuses: (number | null)[] = [];
      for (let sent = 0; sent < times; sent++) statuses.push(await this.#attempt(event));
      if (!statuses.some(isTaken)) continue;
      this.#close(event);
      taken += 1;
    }
    return taken;
  }

  /** Sends until nothing is left, what the deliveries themselves lead to included. */
  async deliverAll(): Promise<void> {
    for (let round = 0; this.held().length > 0; round++) {
      const left = this.held().map(({ type }) => type);
      if (round === MAX_ROUNDS) throw new Error(`Not taken: ${left.join(", ")}`);
      await this.deliver();
    }
  }

  /** Sends an event once more, taken or not. */
  async redeliver(event_id: string): Promise<Response> {
    return this.send(this.#world.store.get("event", event_id));
  }

  send(event: Stripe.Event): Promise<Response> {
    return deliver(this.#endpoint, event, this.#world.seconds());
  }

  /** The status, or null when there was no answer. */
  async #attempt(event: Stripe.Event): Promise<number | null> {
    try {
      const response = await this.send(event);
      await response.body?.cancel();
      return response.status;
    } catch {
      return null;
    }
  }

  #close(event: Stripe.Event): void {
    event.pending_webhooks = 0;
    this.#world.store.note(event.id).taken = true;
    this.#events.drop((id) => id === event.id);
  }
}

function isTaken(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300;
}
