import { MINUTE_MS, SECOND_MS } from "../../units/duration";
import type { NewEvent } from "../event-catalogue";
import type { Delivery, Endpoint } from "../types";
import type { PlannedDeliveries, WebhookStore } from "./store";

/** Rejected calls that an endpoint gets an event of each at once, and the time until it may get one more. */
const BURST = 10;
const REFILL_INTERVAL_MS = 6 * SECOND_MS;

/** How long a summary waits for further calls before it is sent. */
const SUMMARY_WINDOW_MS = MINUTE_MS;

/** Ids remembered of calls that a summary counts, to recognise them when they come again. */
const MAX_REMEMBERED = 5_000;

export type RejectedCallEvent = Extract<NewEvent, { type: "call.rejected" }>;

/** The event that counts the calls which get none of their own, while it waits for more of them. */
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
 * Limits the events of rejected calls that an endpoint gets: some one by one, the rest as one event that counts them. A
 * customer who has no credit and calls on must not make this service call his endpoints for each. The token buckets are in
 * memory: an object that was away sends some more one by one.
 */
export class RejectedCalls {
  private readonly token_buckets = new Map<string, TokenBucket>();

  constructor(
    private readonly store: WebhookStore,
    private readonly deliveryOf: (endpoint: Endpoint, event: NewEvent, now_ms: number) => Delivery,
  ) {}

  /** Which deliveries an endpoint is to have of these events; those that came before are left out. */
  plan(endpoint: Endpoint, events: readonly RejectedCallEvent[], now_ms: number): PlannedDeliveries {
    const bucket = filled(this.token_buckets.get(endpoint.endpoint_id), now_ms);
    const fresh = events.filter(({ id }) => !this.isKnown(endpoint, bucket, id));
    const alone = fresh.slice(0, Math.floor(bucket.tokens));
    const rest = fresh.slice(alone.length);
    const { summary, ...summarized } = this.summarize(endpoint, bucket.summary, rest, now_ms);
    const after = { ...bucket, tokens: bucket.tokens - alone.length, summary };
    return {
      inserted: [
        ...alone.map((event) => this.deliveryOf(endpoint, event, now_ms)),
        ...(summarized.inserted ?? []),
      ],
      rewritten: summarized.rewritten ?? [],
      remember: () => {
        for (const { id } of rest) summary?.counted.add(id);
        this.token_buckets.set(endpoint.endpoint_id, after);
      },
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

  /** Adds to the summary that waits, or begins one. It has the last call, and how many there were. */
  private summarize(
    endpoint: Endpoint,
    waiting: Summary | null,
    rest: readonly RejectedCallEvent[],
    now_ms: number,
  ): { summary: Summary | null; inserted?: Delivery[]; rewritten?: Delivery[] } {
    const last = rest.at(-1);
    if (!last) return { summary: waiting };
    const open = waiting && this.isOpen(endpoint, waiting, now_ms) ? waiting : null;
    const count = (open?.event.data.count ?? 0) + rest.reduce((sum, { data }) => sum + data.count, 0);
    const event = { ...last, id: open?.event.id ?? last.id, data: { ...last.data, count } };
    const delivery = this.deliveryOf(endpoint, event, now_ms);
    if (open) return { summary: { ...open, event }, rewritten: [delivery] };
    const due_ms = now_ms + SUMMARY_WINDOW_MS;
    // What was counted last may come again when this one has begun.
    const before = (waiting?.counted.size ?? 0) < MAX_REMEMBERED ? (waiting?.counted ?? []) : [];
    const summary = { event, due_ms, counted: new Set(before) };
    return { summary, inserted: [{ ...delivery, next_try_at_ms: due_ms }] };
  }

  /** Whether no try of it was made, and none is due. */
  private isOpen({ endpoint_id }: Endpoint, { event, due_ms }: Summary, now_ms: number): boolean {
    const delivery = this.store.delivery(event.id, endpoint_id);
    return now_ms < due_ms && delivery?.tries === 0 && delivery.next_try_at_ms === due_ms;
  }
}

function filled(bucket: TokenBucket | undefined, now_ms: number): TokenBucket {
  if (!bucket) return { tokens: BURST, filled_at_ms: now_ms, summary: null };
  const refill = Math.max(0, now_ms - bucket.filled_at_ms) / REFILL_INTERVAL_MS;
  return { ...bucket, tokens: Math.min(BURST, bucket.tokens + refill), filled_at_ms: now_ms };
}

/** Whether an event is about a call that was rejected. */
export function isRejectedCallEvent(event: NewEvent): event is RejectedCallEvent {
  return event.type === "call.rejected";
}
