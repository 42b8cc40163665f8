import type { ObjectAlarm } from "../../runtime/alarm";
import { within } from "../../runtime/deadline";
import { yieldToEventLoop } from "../../runtime/next-task";
import { Relay } from "../../runtime/relay";
import { MINUTE_MS, SECOND_MS } from "../../units/duration";
import { log } from "../../units/log";
import { openWebhooks } from "../../webhooks/client";
import type { NewEvent } from "../../webhooks/event-catalogue";
import { OPERATOR_OWNER } from "../../webhooks/operator";
import { includesEvent, type Subscription } from "../store/event-outbox";
import { callEvent, creditEvent } from "./events/event-payloads";
import type { Commit, LedgerMemory } from "./memory";

/** Events, entries and resolutions relayed in one batch. */
const BATCH_SIZE = 100;

/** Events that are read from entries and resolved calls, and that cost only organizations that are subscribed to them. */
const LEDGER_EVENTS: readonly string[] = ["credits.added", "call.rejected", "call.settled", "call.lost"];

const RELAY_DEADLINE_MS = 10 * SECOND_MS;

const FIRST_RETRY_MS = 2 * SECOND_MS;
const MAX_RETRY_MS = MINUTE_MS;

interface EventRelayOptions {
  env: Env;
  storage: DurableObjectStorage;
  state: LedgerMemory;
  commit: Commit;
  alarm: ObjectAlarm;
}

/**
 * Relays events to the object that keeps the webhooks, in order and as often as it takes. An event leaves the outbox only
 * after that object has it, and it recognises a repeat.
 */
export class EventRelay {
  private readonly env: Env;
  private readonly storage: DurableObjectStorage;
  private readonly state: LedgerMemory;
  private readonly commit: Commit;
  readonly #relay: Relay;

  constructor({ env, storage, state, commit, alarm }: EventRelayOptions) {
    this.env = env;
    this.storage = storage;
    this.state = state;
    this.commit = commit;
    this.#relay = new Relay({
      run: () => this.relayAll(),
      logFailure: (error) => {
        const { organization_id } = state.profile;
        log.error("announcement_failed", { organization_id, error });
      },
      retryBy: (at_ms) => alarm.scheduleBy(at_ms),
      first_retry_ms: FIRST_RETRY_MS,
      max_retry_ms: MAX_RETRY_MS,
    });
  }

  /** Whether there is anything to relay. */
  get hasPending(): boolean {
    const { events, event_cursor, last_entry, last_resolution_seq } = this.state;
    if (events.hasSome) return true;
    if (!needsLedgerEvents(event_cursor.wanted)) return false;
    return (last_entry?.seq ?? 0) > event_cursor.entry_seq || last_resolution_seq > event_cursor.notice_seq;
  }

  /** Relays all there is. Answers false when it has to be tried again, which the alarm does; never throws. */
  flush(): Promise<boolean> {
    return this.#relay.run();
  }

  private async relayAll(): Promise<boolean> {
    // Operators come last: customers must not wait for an object that all organizations share.
    while (await this.relayCustomerEvents()) await yieldToEventLoop();
    while (await this.relayOperatorEvents()) await yieldToEventLoop();
    return true;
  }

  /** Relays a batch of the events that the customer is subscribed to. Answers whether there was anything. */
  private async relayCustomerEvents(): Promise<boolean> {
    const { events, event_cursor, store } = this.state;
    const recorded = events.first("customer", BATCH_SIZE);
    const rows = needsLedgerEvents(event_cursor.wanted);
    const entries = rows ? store.entriesAfter(event_cursor.entry_seq, BATCH_SIZE) : [];
    const resolutions = rows ? store.resolutionsAfter(event_cursor.notice_seq, BATCH_SIZE) : [];
    if (recorded.length + entries.length + resolutions.length === 0) return false;
    // A receiver must find what an event is about: nothing is relayed that a crash could still undo.
    await this.storage.sync();
    await this.enqueue([
      ...recorded.map(({ event }) => event),
      ...(await this.eventsOf(entries, resolutions)),
    ]);
    // A subscription that began in the meantime counts from there on, whatever was read before.
    const now = this.state.event_cursor;
    const after = {
      wanted: now.wanted,
      entry_seq: Math.max(now.entry_seq, entries.at(-1)?.seq ?? 0),
      notice_seq: Math.max(now.notice_seq, resolutions.at(-1)?.seq ?? 0),
    };
    const has_moved = entries.length + resolutions.length > 0;
    this.commit({ relayed: recorded, ...(has_moved && { event_cursor: after }) });
    return true;
  }

  /** Relays a batch of the operators' events. Answers whether there was anything. */
  private async relayOperatorEvents(): Promise<boolean> {
    const { events } = this.state;
    const recorded = events.first("operators", BATCH_SIZE);
    if (recorded.length === 0) return false;
    await this.storage.sync();
    const taken = recorded.map(({ event }) => event);
    await withDeadline(() => openWebhooks(this.env, OPERATOR_OWNER).take(OPERATOR_OWNER, taken));
    this.commit({ relayed: recorded });
    return true;
  }

  private async eventsOf(
    entries: ReturnType<LedgerMemory["store"]["entriesAfter"]>,
    resolutions: { call_id: string }[],
  ): Promise<NewEvent[]> {
    const { store, posted_micros, remaining_micros } = this.state;
    const used_micros = posted_micros - remaining_micros;
    const { organization_id } = this.state.profile;
    const call_ids = new Set([...entries, ...resolutions].flatMap(({ call_id }) => call_id ?? []));
    const calls = [...call_ids].flatMap((call_id) => store.resolvedCall(call_id) ?? []);
    const made = await Promise.all([
      ...entries.map((entry) => creditEvent(organization_id, entry, used_micros)),
      ...calls.map((call) => callEvent(organization_id, call)),
    ]);
    return made.filter((event) => event !== null);
  }

  private async enqueue(events: NewEvent[]): Promise<void> {
    const { organization_id, jurisdiction } = this.state.profile;
    const owner = { organization_id, jurisdiction };
    const { wanted } = this.state.event_cursor;
    const own = events.filter((event) => includesEvent(wanted, event.type));
    if (own.length > 0) await withDeadline(() => openWebhooks(this.env, owner).take(owner, own));
  }
}

/** An answer that never comes must not hold up the alarm, by which holds expire. */
function withDeadline(take: () => Promise<unknown>): Promise<unknown> {
  return within(RELAY_DEADLINE_MS, take, () => new Error("The webhooks did not answer in time."));
}

/** Whether a subscription includes an event that is read from entries or resolved calls. */
export function needsLedgerEvents(wanted: Subscription): boolean {
  return LEDGER_EVENTS.some((type) => includesEvent(wanted, type));
}
