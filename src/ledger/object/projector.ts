import { yieldToEventLoop } from "../../runtime/next-task";
import { project } from "../../storage/projection";
import { MINUTE_MS, SECOND_MS } from "../../units/duration";
import { log } from "../../units/log";
import { CURRENCY } from "../../units/money";
import type { ResolvedCall } from "../core/calls/call";
import type { Entry } from "../core/credit/entry";
import type { Commit, LedgerMemory } from "./memory";

/** Entries and notices copied to D1 in one batch. */
const BATCH_SIZE = 200;

/** Between two copies of a busy organization: D1 serves all organizations one after the other. */
const COOLDOWN_MS = 250;
const MAX_COOLDOWN_MS = 5 * SECOND_MS;

const FIRST_RETRY_MS = 2 * SECOND_MS;
const MAX_RETRY_MS = 5 * MINUTE_MS;

/**
 * Copies what the ledger has posted to D1, in order and as often as it takes. One copy runs at a time, the first at
 * once; what is posted meanwhile rides with the next one, after a rest. The cursor moves only after D1 has taken the
 * batch, so a copy that is cut off anywhere is repeated, and D1 recognises the repeat.
 */
export class Projector {
  /** The copy that has not begun to read: whatever stands in the ledger by then will be in it. */
  private next: Promise<boolean> | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private cooled_down_at_ms = 0;
  private failures = 0;

  constructor(
    private readonly commit: Commit,
    private readonly d1: D1Database,
    private readonly state: LedgerMemory,
  ) {}

  /** How many entries and notices D1 has not got yet, and when the oldest of them was written. */
  outbox(): { count: number; oldest_at_ms: number | null } {
    const { entry_seq, notice_seq } = this.state.store.cursors();
    const count = (this.state.last_entry?.seq ?? 0) - entry_seq + this.state.last_resolution_seq - notice_seq;
    if (count === 0) return { count, oldest_at_ms: null };
    const entry = this.state.store.entriesAfter(entry_seq, 1)[0];
    const notice = this.state.store.resolutionsAfter(notice_seq, 1)[0];
    const call = notice && this.state.store.resolvedCall(notice.call_id);
    const times = [entry?.posted_at_ms, call?.resolved_at_ms].filter((at) => at !== undefined);
    return { count, oldest_at_ms: times.length > 0 ? Math.min(...times) : null };
  }

  /** Copies all there is. Answers false when D1 would not take it; never throws. */
  flush(): Promise<boolean> {
    this.next ??= this.copyAfter(this.last);
    this.last = this.next;
    return this.next;
  }

  /** When to try again after failures in a row: doubled each time, with a little chance so that objects spread out. */
  retryDelayMs(): number {
    const delay_ms = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.failures, 10));
    return Math.round(delay_ms * (0.75 + Math.random() / 2));
  }

  private async copyAfter(last: Promise<unknown>): Promise<boolean> {
    await last;
    // A clock that is set back must not make the rest long.
    const rest_ms = Math.min(MAX_COOLDOWN_MS, this.cooled_down_at_ms - Date.now());
    if (rest_ms > 0) await scheduler.wait(rest_ms);
    this.next = undefined;
    const copied = await this.drain();
    this.cooled_down_at_ms = Date.now() + Math.min(MAX_COOLDOWN_MS, COOLDOWN_MS * 2 ** this.failures);
    return copied;
  }

  private async drain(): Promise<boolean> {
    try {
      while ((await this.copyBatch()) === BATCH_SIZE) await yieldToEventLoop();
      this.failures = 0;
      return true;
    } catch (error) {
      this.failures += 1;
      const { organization_id } = this.state.profile;
      log.error("projection_failed", { organization_id, error: String(error) });
      return false;
    }
  }

  /** Answers how many entries or notices, of whichever were more, it has copied. */
  private async copyBatch(): Promise<number> {
    const { store } = this.state;
    const before = store.cursors();
    const entries = store.entriesAfter(before.entry_seq, BATCH_SIZE);
    const notices = store.resolutionsAfter(before.notice_seq, BATCH_SIZE);
    if (entries.length === 0 && notices.length === 0) return 0;
    const call_ids = new Set([...entries, ...notices].flatMap(({ call_id }) => call_id ?? []));
    const calls = [...call_ids]
      .map((call_id) => store.resolvedCall(call_id))
      .filter((call) => call !== undefined);
    const money = entries.filter((entry) => entry.call_id === null && entry.kind !== "checkpoint");
    await project(this.d1, {
      calls: calls.map((call) => this.callRow(call)),
      entries: money.map((entry) => this.entryRow(entry)),
    });
    const entry_seq = entries.at(-1)?.seq ?? before.entry_seq;
    const notice_seq = notices.at(-1)?.seq ?? before.notice_seq;
    this.commit({ projection_cursor: { entry_seq, notice_seq } });
    return Math.max(entries.length, notices.length);
  }

  private entryRow(entry: Entry) {
    const { month_seconds_after: _, call_id: __, ...facts } = entry;
    return { organization_id: this.state.profile.organization_id, currency: CURRENCY, ...facts };
  }

  private callRow(call: ResolvedCall) {
    const { rate, from, to, authorized, entry_seqs } = call;
    return {
      ...call,
      organization_id: this.state.profile.organization_id,
      epoch: this.state.epoch,
      authorized,
      from_number: from,
      to_number: to,
      rate_name: rate.name,
      price_micros_per_minute: rate.price_micros_per_minute,
      first_seconds: rate.first_seconds,
      next_seconds: rate.next_seconds,
      minimum_seconds: rate.minimum_seconds,
      currency: CURRENCY,
      first_entry_seq: entry_seqs[0] ?? null,
      updated_at_ms: call.updated_at_ms ?? call.resolved_at_ms,
    };
  }
}
