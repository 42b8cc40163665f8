import { yieldToEventLoop } from "../../runtime/next-task";
import { DAY_MS, HOUR_MS } from "../../units/duration";
import type { LedgerSettings } from "../core/settings";
import type { ArchiveBatch, ArchiveCandidate } from "../store/archive-store";
import { needsLedgerEvents } from "./event-relay";
import type { Commit, LedgerMemory } from "./memory";

/** Entries, and as many notices, that leave in one transaction: small enough that calls never wait for it. */
const BATCH_SIZE = 200;

/** Portions that leave in one turn. */
const BATCHES_PER_RUN = 5;

/** How long counts of calls settled without authorization are kept. */
const RETAIN_HOURS = 48;

/** What of the oldest there is, or is to leave. */
type Candidates = Pick<ArchiveBatch, "entries" | "notices">;

/**
 * Lets the oldest entries and resolved calls leave the object, in their order and only once D1 has them. They leave
 * when they have been kept long enough, or sooner when the object grows too large. What leaves is summed up in a
 * checkpoint, so that the entries still add up to the balance; callers' ids of money stay for ever.
 */
export class Archiver {
  /** Until then nothing is old enough, so that an alarm before it reads no row. */
  private nothing_due_until_ms = 0;

  constructor(
    private readonly storage: DurableObjectStorage,
    private readonly state: LedgerMemory,
    private readonly settings: LedgerSettings,
    private readonly commit: Commit,
  ) {}

  /** Lets some portions leave, with room for calls in between. Answers whether more is due. */
  async archiveDue(): Promise<boolean> {
    for (let portion = 0; portion < BATCHES_PER_RUN; portion++) {
      if (!this.isDue()) return false;
      this.archiveBatch();
      await this.storage.sync();
      await yieldToEventLoop();
    }
    return this.isDue();
  }

  private isDue(): boolean {
    const now_ms = Date.now();
    if (now_ms < this.nothing_due_until_ms && !this.isTooLarge()) return false;
    const oldest = this.oldest(1);
    const { entries, notices } = this.due(oldest);
    if (entries.length + notices.length > 0) return true;
    const times_ms = [...oldest.entries, ...oldest.notices].map(({ at_ms }) => at_ms);
    this.nothing_due_until_ms = Math.min(now_ms, ...times_ms) + this.settings.keep_calls_days * DAY_MS;
    return false;
  }

  private isTooLarge(): boolean {
    return this.storage.sql.databaseSize > this.settings.keep_ledger_bytes;
  }

  private archiveBatch(): void {
    const unauthorized_before_hour = Math.floor(Date.now() / HOUR_MS) - RETAIN_HOURS;
    this.commit({ archive: { ...this.due(this.oldest(BATCH_SIZE)), unauthorized_before_hour } });
  }

  /** The oldest of each side, as far as D1 has them and whoever listens was told of them. */
  private oldest(limit: number): Candidates {
    const { store, event_cursor } = this.state;
    const { entry_seq, notice_seq } = store.cursors();
    const until = needsLedgerEvents(event_cursor.wanted) ? event_cursor : { entry_seq, notice_seq };
    const done = {
      entry_seq: Math.min(entry_seq, until.entry_seq),
      notice_seq: Math.min(notice_seq, until.notice_seq),
    };
    return store.archive.oldest(done, limit);
  }

  /** What of it is to leave now. */
  private due(oldest: Candidates): Candidates {
    const until_ms = this.untilMs(oldest);
    return { entries: olderThan(oldest.entries, until_ms), notices: olderThan(oldest.notices, until_ms) };
  }

  private untilMs(oldest: Candidates): number {
    const by_age_ms = Date.now() - this.settings.keep_calls_days * DAY_MS;
    if (!this.isTooLarge()) return by_age_ms;
    // The side that is behind goes first, so that entries and calls without entries reach back equally far.
    const sides = [oldest.entries, oldest.notices].filter((side) => side.length > 0);
    const newest_ms = sides.map((side) => Math.max(...side.map(({ at_ms }) => at_ms)));
    return Math.max(by_age_ms, Math.min(...newest_ms));
  }
}

/** The rows before the first one that is younger. */
function olderThan(rows: ArchiveCandidate[], until_ms: number): ArchiveCandidate[] {
  const end = rows.findIndex(({ at_ms }) => at_ms > until_ms);
  return end === -1 ? rows : rows.slice(0, end);
}
