import { within } from "../../runtime/deadline";
import { Relay, type RelayOptions } from "../../runtime/relay";
import { MINUTE_MS, SECOND_MS } from "../../units/duration";
import type { DeliveryBatch } from "../types";
import type { InFlight } from "./in-flight";

/** Messages that one request to the queue may have (developers.cloudflare.com/queues/platform/limits). */
const MAX_MESSAGES = 100;

/** A queue that has not answered by then counts as unavailable: what waits behind must not wait for ever. */
const QUEUE_DEADLINE_MS = 10 * SECOND_MS;

const FIRST_RETRY_MS = 5 * SECOND_MS;
const MAX_RETRY_MS = MINUTE_MS;

interface QueueSenderOptions extends Pick<RelayOptions, "logFailure" | "retryBy"> {
  sendBatch(messages: { body: DeliveryBatch }[]): Promise<unknown>;
  in_flight: InFlight;
}

/** Sends batches to the queue, whose consumer makes the requests. What the queue refuses is due again. */
export class QueueSender {
  readonly #options: QueueSenderOptions;
  readonly #relay: Relay;
  #unsent: DeliveryBatch[] = [];

  constructor(options: QueueSenderOptions) {
    this.#options = options;
    this.#relay = new Relay({
      run: () => this.#sendAll(),
      logFailure: options.logFailure,
      retryBy: options.retryBy,
      first_retry_ms: FIRST_RETRY_MS,
      max_retry_ms: MAX_RETRY_MS,
    });
  }

  /** Answers whether the queue has accepted these batches and those before; never throws. */
  async send(batches: readonly DeliveryBatch[]): Promise<boolean> {
    this.#unsent.push(...batches);
    return this.#unsent.length === 0 || this.#relay.run();
  }

  async #sendAll(): Promise<boolean> {
    try {
      while (this.#unsent.length > 0) {
        const messages = this.#unsent.slice(0, MAX_MESSAGES).map((body) => ({ body }));
        const send = () => this.#options.sendBatch(messages);
        await within(QUEUE_DEADLINE_MS, send, () => new Error("The queue did not answer in time."));
        this.#unsent.splice(0, messages.length);
      }
      return true;
    } catch (error) {
      for (const { endpoint_id, event_ids } of this.#unsent.splice(0))
        this.#options.in_flight.returnLease(endpoint_id, event_ids);
      throw error;
    }
  }
}
