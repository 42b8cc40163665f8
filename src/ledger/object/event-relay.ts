import { within } from "../../runtime/deadline";
import { yieldToEventLoop } from "../../runtime/next-task";
import { MINUTE_MS, SECOND_MS } from "../../units/duration";
import { log } from "../../units/log";
import { openWebhooks } from "../../webhooks/client";
import type { NewEvent } from "../../webhooks/event-catalogue";
import { OPERATOR_OWNER } from "../../webhooks/operator";
import { includesEvent, type Subscription } from "../store/event-outbox";
import { callEvent, creditEvent } from "./events/event-payloads";
import type { Commit, LedgerMemory } from "./memory";

/** Events, entries and notices told of in one portion. */
const BATCH_SIZE = 100;

/** Events that are read from entries and resolved calls, and that only those pay for who want them. */
const LEDGER_EVENTS: readonly string[] = ["credits.added", "call.rejected", "call.settled", "call.lost"];

const RELAY_DEADLINE_MS = 10 * SECOND_MS;

const FIRST_RETRY_MS = SECOND_MS;
const MAX_RETRY_MS = MINUTE_MS;

/**
 * Hands what is to be told to the object that keeps the webhooks, in order and as often as it takes. One portion is on
 * its way at a time. What is told is forgotten only after that object has it, and it recognises a repeat.
 */
export class EventRelay {
  private running: Promise<boolean> | undefined;
  private again = false;
  private failures = 0;

  constructor(
    private readonly env: Env,
    private readonly storage: DurableObjectStorage,
    private readonly state: LedgerMemory,
    private readonly commit: Commit,
  ) {}

  /** Whether anything waits. */
  get hasPending(): boolean {
    const { events, event_cursor, last_entry, last_resolution_seq } = this.state;
    if (events.hasSome) return true;
    if (!needsLedgerEvents(event_cursor.wanted)) return false;
    return (last_entry?.seq ?? 0) > event_cursor.entry_seq || last_resolution_seq > event_cursor.notice_seq;
  }

  /** Tells all there is. Answers false when it must be tried again later; never throws. */
  flush(): Promise<boolean> {
    this.again = true;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  retryDelayMs(): number {
    return Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.failures, 10));
  }

  private async run(): Promise<boolean> {
    try {
      while (this.again) {
        this.again = false;
        // Operators come last: customers must not wait for an object that all organizations share.
        while (await this.relayCustomerEvents()) await yieldToEventLoop();
        while (await this.relayOperatorEvents()) await yieldToEventLoop();
      }
      this.failures = 0;
      return true;
    } catch (error) {
      this.failures += 1;
      const { organization_id } = this.state.profile;
      log.error("announcement_failed", { organization_id, error: String(error) });
      return false;
    }
  }

  /** Tells a portion of what the customer wants to hear. Answers whether there was anything. */
  private async relayCustomerEvents(): Promise<boolean> {
    const { events, event_cursor, store } = this.state;
    const noted = events.first("customer", BATCH_SIZE);
    const rows = needsLedgerEvents(event_cursor.wanted);
    const entries = rows ? store.entriesAfter(event_cursor.entry_seq, BATCH_SIZE) : [];
    const notices = rows ? store.resolutionsAfter(event_cursor.notice_seq, BATCH_SIZE) : [];
    if (noted.length + entries.length + notices.length === 0) return false;
    // Whoever hears of it must be able to read it: nothing is told that a crash could still take back.
    await this.storage.sync();
    await this.enqueue([...noted.map(({ event }) => event), ...(await this.eventsOf(entries, notices))]);
    // Meanwhile somebody may have begun to listen: from there on only, whatever was read before.
    const now = this.state.event_cursor;
    const after = {
      wanted: now.wanted,
      entry_seq: Math.max(now.entry_seq, entries.at(-1)?.seq ?? 0),
      notice_seq: Math.max(now.notice_seq, notices.at(-1)?.seq ?? 0),
    };
    const has_moved = entries.length + notices.length > 0;
    this.commit({ relayed: noted, ...(has_moved && { event_cursor: after }) });
    return true;
  }

  /** Tells a portion of what operators hear of. Answers whether there was anything. */
  private async relayOperatorEvents(): Promise<boolean> {
    const { events } = this.state;
    const noted = events.first("operators", BATCH_SIZE);
    if (noted.length === 0) return false;
    await this.storage.sync();
    const told = noted.map(({ event }) => event);
    await withDeadline(() => openWebhooks(this.env, OPERATOR_OWNER).take(OPERATOR_OWNER, told));
    this.commit({ relayed: noted });
    return true;
  }

  private async eventsOf(
    entries: ReturnType<LedgerMemory["store"]["entriesAfter"]>,
    notices: { call_id: string }[],
  ): Promise<NewEvent[]> {
    const { store, posted_micros, remaining_micros } = this.state;
    const used_micros = posted_micros - remaining_micros;
    const { organization_id } = this.state.profile;
    const call_ids = new Set([...entries, ...notices].flatMap(({ call_id }) => call_id ?? []));
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

export function needsLedgerEvents(wanted: Subscription): boolean {
  return LEDGER_EVENTS.some((type) => includesEvent(wanted, type));
}
