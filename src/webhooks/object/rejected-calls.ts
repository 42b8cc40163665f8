import { MINUTE_MS, SECOND_MS } from "../../units/duration";
import type { NewEvent } from "../event-catalogue";
import type { Delivery, Endpoint } from "../types";
import type { WebhookStore } from "./store";

/** Refused calls that one endpoint is told of at once, each by itself, and how long it takes until it is told of one more. */
const BURST = 10;
const REFILL_INTERVAL_MS = 6 * SECOND_MS;

/** How long those that are told together are waited for. */
const SUMMARY_WINDOW_MS = MINUTE_MS;

/** Ids remembered of those that were counted, to know them when they are told again. */
const MAX_REMEMBERED = 5_000;

export type RejectedCallEvent = Extract<NewEvent, { type: "call.rejected" }>;

/** The event that counts those which are not told by themselves, while it waits for more. */
interface Summary {
  event: RejectedCallEvent;
  due_ms: number;
  counted: Set<string>;
}

interface TokenBucket {
  tokens: number;
  filled_at_ms: number;
  summary: Summary | null;
}

/**
 * Tells endpoints of refused calls: some one by one, the rest as one event that counts them. Whoever has no credit and calls
 * on must not make us call his endpoints for each. What is remembered is kept in memory: an object that was away tells some
 * more by themselves.
 */
export class RejectedCalls {
  private readonly token_buckets = new Map<string, TokenBucket>();

  constructor(
    private readonly store: WebhookStore,
    private readonly deliveryOf: (endpoint: Endpoint, event: NewEvent, now_ms: number) => Delivery,
  ) {}

  /** Writes what an endpoint is to be told of these, inside a transaction. Memory follows with the function that it answers. */
  enqueue(endpoint: Endpoint, events: readonly RejectedCallEvent[], now_ms: number): () => void {
    const spate = filled(this.token_buckets.get(endpoint.endpoint_id), now_ms);
    const fresh = events.filter(({ id }) => !this.isKnown(endpoint, spate, id));
    const alone = fresh.slice(0, Math.floor(spate.tokens));
    for (const event of alone) this.store.insertDelivery(this.deliveryOf(endpoint, event, now_ms));
    const rest = fresh.slice(alone.length);
    const summary = rest.length > 0 ? this.summarize(endpoint, spate.summary, rest, now_ms) : spate.summary;
    const after = { ...spate, tokens: spate.tokens - alone.length, summary };
    return () => {
      for (const { id } of rest) summary?.counted.add(id);
      this.token_buckets.set(endpoint.endpoint_id, after);
    };
  }

  forget(endpoint_id: string): void {
    this.token_buckets.delete(endpoint_id);
  }

  private isKnown({ endpoint_id }: Endpoint, { summary }: TokenBucket, event_id: string): boolean {
    return (
      summary?.counted.has(event_id) === true || this.store.delivery(event_id, endpoint_id) !== undefined
    );
  }

  /** Adds to the summary that waits, or begins one. It tells of the last call and how many there were. */
  private summarize(
    endpoint: Endpoint,
    waiting: Summary | null,
    rest: readonly RejectedCallEvent[],
    now_ms: number,
  ): Summary {
    const last = rest.at(-1) as RejectedCallEvent;
    const open = waiting && this.isOpen(endpoint, waiting, now_ms) ? waiting : null;
    const count = (open?.event.data.count ?? 0) + rest.reduce((sum, { data }) => sum + data.count, 0);
    const event = { ...last, id: open?.event.id ?? last.id, data: { ...last.data, count } };
    const delivery = this.deliveryOf(endpoint, event, now_ms);
    if (open) {
      this.store.putBody(delivery);
      return { ...open, event };
    }
    const due_ms = now_ms + SUMMARY_WINDOW_MS;
    this.store.insertDelivery({ ...delivery, next_try_at_ms: due_ms });
    // What was counted last may be told again when this one has begun.
    const before = (waiting?.counted.size ?? 0) < MAX_REMEMBERED ? (waiting?.counted ?? []) : [];
    return { event, due_ms, counted: new Set(before) };
  }

  /** Whether nobody has been told of it yet. */
  private isOpen({ endpoint_id }: Endpoint, { event, due_ms }: Summary, now_ms: number): boolean {
    const delivery = this.store.delivery(event.id, endpoint_id);
    return now_ms < due_ms && delivery?.tries === 0 && delivery.next_try_at_ms === due_ms;
  }
}

function filled(spate: TokenBucket | undefined, now_ms: number): TokenBucket {
  if (!spate) return { tokens: BURST, filled_at_ms: now_ms, summary: null };
  const won = Math.max(0, now_ms - spate.filled_at_ms) / REFILL_INTERVAL_MS;
  return { ...spate, tokens: Math.min(BURST, spate.tokens + won), filled_at_ms: now_ms };
}

/** Whether an event is about a call that was refused. */
export function isRejectedCallEvent(event: NewEvent): event is RejectedCallEvent {
  return event.type === "call.rejected";
}
