import type { NewEvent } from "../event-catalogue";
import type { Delivery, Endpoint } from "../types";
import { isSubscribed } from "./endpoint-transitions";
import { isRejectedCallEvent, RejectedCalls } from "./rejected-calls";
import type { PlannedDeliveries, WebhookStore } from "./store";

/** Decides which deliveries events lead to: one for each endpoint that is subscribed, fewer of rejected calls. */
export class EventFanOut {
  readonly #deliveryOf: (endpoint: Endpoint, event: NewEvent, now_ms: number) => Delivery;
  readonly #rejected_calls: RejectedCalls;

  constructor(
    store: WebhookStore,
    deliveryOf: (endpoint: Endpoint, event: NewEvent, now_ms: number) => Delivery,
  ) {
    this.#deliveryOf = deliveryOf;
    this.#rejected_calls = new RejectedCalls(store, deliveryOf);
  }

  /** The deliveries to be written. Memory follows with `remember`, once they are. */
  plan(events: readonly NewEvent[], endpoints: readonly Endpoint[], now_ms: number): PlannedDeliveries {
    const rejected_calls = events.filter(isRejectedCallEvent);
    const inserted = events
      .filter((event) => !isRejectedCallEvent(event))
      .flatMap((event) =>
        endpoints
          .filter((endpoint) => isSubscribed(endpoint, event))
          .map((endpoint) => this.#deliveryOf(endpoint, event, now_ms)),
      );
    const limited = endpoints.map((endpoint) => {
      const subscribed = rejected_calls.filter((event) => isSubscribed(endpoint, event));
      return this.#rejected_calls.plan(endpoint, subscribed, now_ms);
    });
    return {
      inserted: [...inserted, ...limited.flatMap((planned) => planned.inserted)],
      rewritten: limited.flatMap(({ rewritten }) => rewritten),
      remember: () => {
        for (const { remember } of limited) remember();
      },
    };
  }

  forget(endpoint_id: string): void {
    this.#rejected_calls.forget(endpoint_id);
  }
}
