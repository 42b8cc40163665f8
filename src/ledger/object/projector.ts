import type { ObjectAlarm } from "../../runtime/alarm";
import { within } from "../../runtime/deadline";
import { yieldToEventLoop } from "../../runtime/next-task";
import { Relay } from "../../runtime/relay";
import { project } from "../../storage/calls/projection";
import { MINUTE_MS, SECOND_MS } from "../../units/duration";
import { log } from "../../units/log";
import { copyOfCall, copyOfEntry, isCopied } from "../core/copies";
import type { Commit, LedgerMemory } from "./memory";

/** Entries and notices copied to D1 in one batch. */
const BATCH_SIZE = 200;

/** Between two copies of a busy organization: D1 serves all organizations one after the other. */
const COOLDOWN_MS = SECOND_MS / 4;

/** Longer than any query of D1 may take (developers.cloudflare.com/d1/platform/limits: 30 s). */
const D1_DEADLINE_MS = 35 * SECOND_MS;

const FIRST_RETRY_MS = 4 * SECOND_MS;
const MAX_RETRY_MS = 5 * MINUTE_MS;

/**
 * Copies what the ledger has posted to D1, in order and as often as it takes. The cursor moves only after D1 has taken the
 * batch, so a copy that is cut off anywhere is repeated, and D1 recognises the repeat.
 */
export class Projector {
  readonly #relay: Relay;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly commit: Commit,
    private readonly d1: D1Database,
    private readonly state: LedgerMemory,
    alarm: ObjectAlarm,
  ) {
    this.#relay = new Relay({
      run: () => this.copyAll(),
      logFailure: (error) => {
        const { organization_id } = this.state.profile;
        log.error("projection_failed", { organization_id, error });
      },
      retryBy: (at_ms) => alarm.scheduleBy(at_ms),
      first_retry_ms: FIRST_RETRY_MS,
      max_retry_ms: MAX_RETRY_MS,
      cooldown_ms: COOLDOWN_MS,
    });
  }

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

  /**
   * Copies all there is; what is posted during a copy is in the next one, after a cool-down. Answers false when D1 would not
   * take it, which the alarm tries again; never throws.
   */
  flush(): Promise<boolean> {
    return this.#relay.run();
  }

  /** Does work during which nothing is copied: what it reads of D1 and then writes there changes in between by nobody. */
  alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(() => inTime(work));
    this.#turn = result.catch(() => {});
    return result;
  }

  private async copyAll(): Promise<boolean> {
    while ((await this.alone(() => this.copyBatch())) === BATCH_SIZE) await yieldToEventLoop();
    return true;
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
    const { profile, epoch } = this.state;
    const { organization_id } = profile;
    const first_notices = new Map(notices.toReversed().map(({ call_id, seq }) => [call_id, seq]));
    await project(this.d1, {
      calls: calls.map((call) => ({
        ...copyOfCall(call, { organization_id, epoch }),
        first_notice_seq: first_notices.get(call.call_id) ?? null,
      })),
      entries: entries.filter(isCopied).map((entry) => copyOfEntry(entry, organization_id)),
    });
    const entry_seq = entries.at(-1)?.seq ?? before.entry_seq;
    const notice_seq = notices.at(-1)?.seq ?? before.notice_seq;
    this.commit({ projection_cursor: { entry_seq, notice_seq } });
    return Math.max(entries.length, notices.length);
  }
}

/** The answer of D1, or an error when it never comes: what hangs must hold up neither later copies nor the alarm. */
export function inTime<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  return within(D1_DEADLINE_MS, ask, () => new Error("D1 did not answer in time."));
}
