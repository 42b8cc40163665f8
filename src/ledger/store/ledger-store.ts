import type { Changes } from "../core/book";
import type { LiveCall, ResolvedCall } from "../core/calls/call";
import { NO_TOP_UP, type TopUpFacts } from "../core/credit/auto-top-up";
import type { PostAnswer } from "../core/credit/commands";
import type { Entry } from "../core/credit/entry";
import type { PostedTotal, Reversal } from "../core/credit/reversal";
import { type EarlierUse, numberedKey } from "../core/entry-keys";
import { type ArchiveBatch, ArchiveStore } from "./archive-store";
import { EntryChain } from "./entry-chain";
import { ProjectionStore, type ProjectionUpkeep } from "./projection-store";
import { type StoppedCall, StoppedCalls } from "./stopped-calls";

/** Where the copy to D1 stands: the last entry and the last notice that it has. */
export interface ProjectionCursor {
  entry_seq: number;
  notice_seq: number;
}

/** What a commit may change of calls and money: what the core has decided, and how far that was copied, stopped or archived. */
export interface CallChanges extends Changes {
  projection_cursor?: ProjectionCursor;
  /** How the copy in D1 is compared and made anew. */
  projection_upkeep?: ProjectionUpkeep;
  /** A report that an invariant has stopped, as it waits for an operator or was released. */
  stopped?: StoppedCall;
  /** The call whose stopped report waits no more: it was written without a violation. */
  no_longer_stopped?: string;
  /** The oldest entries and calls leave. */
  archive?: ArchiveBatch;
}

/** Changes with the numbers of their rows. */
export type Numbered<Changed> = Changed & {
  /** The row of the call's hold. */
  hold_id: number;
  /** The seq of the notice, when the call resolves without an entry. */
  notice_seq: number;
};

/** Rows of calls and money as the ledger's types. */
export class LedgerStore {
  readonly archive: ArchiveStore;
  readonly chain: EntryChain;
  readonly stopped: StoppedCalls;
  readonly projection: ProjectionStore;

  constructor(private readonly sql: SqlStorage) {
    this.chain = new EntryChain(sql);
    this.archive = new ArchiveStore(sql, this.chain);
    this.stopped = new StoppedCalls(sql);
    this.projection = new ProjectionStore(sql);
  }

  lastEntry(): Entry | undefined {
    return this.entries("ORDER BY seq DESC LIMIT 1")[0];
  }

  entriesAfter(seq: number, limit: number): Entry[] {
    return this.entries("WHERE seq > ? ORDER BY seq LIMIT ?", seq, limit);
  }

  entriesBefore(seq: number, limit: number): Entry[] {
    return this.entries("WHERE seq < ? ORDER BY seq DESC LIMIT ?", seq, limit);
  }

  /** The sum of the entries that have left: the oldest of those that are here. */
  checkpoint(): Entry | undefined {
    const oldest = this.entriesAfter(0, 1)[0];
    return oldest?.kind === "checkpoint" ? oldest : undefined;
  }

  entry(seq: number): Entry | undefined {
    return this.entries("WHERE seq = ?", seq)[0];
  }

  holds(): { hold_id: number; call: LiveCall }[] {
    return this.sql
      .exec<{ hold_id: number; facts: string }>("SELECT hold_id, facts FROM hold")
      .toArray()
      .map(({ hold_id, facts }) => ({ hold_id, call: JSON.parse(facts) as LiveCall }));
  }

  holdCount(): number {
    return this.sql.exec<{ holds: number }>("SELECT count(*) AS holds FROM hold").one().holds;
  }

  heldMicros(): number {
    return this.sql.exec<{ held: number }>("SELECT total(held_micros) AS held FROM hold").one().held;
  }

  resolvedCall(call_id: string): ResolvedCall | undefined {
    return this.facts<ResolvedCall>("SELECT facts FROM call WHERE call_id = ?", call_id)[0];
  }

  hasResolved(call_id: string): boolean {
    return this.sql.exec("SELECT 1 FROM call WHERE call_id = ?", call_id).toArray().length > 0;
  }

  resolvedCallsAfter(call_id: string, limit: number): ResolvedCall[] {
    return this.facts("SELECT facts FROM call WHERE call_id > ? ORDER BY call_id LIMIT ?", call_id, limit);
  }

  resolutionsAfter(seq: number, limit: number): { seq: number; call_id: string }[] {
    return this.sql
      .exec<{ seq: number; call_id: string }>(
        "SELECT seq, call_id FROM notice WHERE seq > ? ORDER BY seq LIMIT ?",
        seq,
        limit,
      )
      .toArray();
  }

  /** Counts the notices that have left, too: those were copied before. */
  lastResolutionSeq(): number {
    const row = this.sql
      .exec<{ seq: number }>("SELECT seq FROM notice ORDER BY seq DESC LIMIT 1")
      .toArray()[0];
    return Math.max(row?.seq ?? 0, this.cursors().notice_seq);
  }

  /** The call of the latest notice: of those that no entry tells of, the one that was written last. */
  lastResolution(): ResolvedCall | undefined {
    return this.facts<ResolvedCall>(
      "SELECT facts FROM call WHERE call_id = (SELECT call_id FROM notice ORDER BY seq DESC LIMIT 1)",
    )[0];
  }

  earlierUse(key: string): EarlierUse | undefined {
    const row = this.sql
      .exec<{ fingerprint: string; answer: string }>(
        "SELECT fingerprint, answer FROM money_key WHERE key = ?",
        key,
      )
      .toArray()[0];
    return row && { fingerprint: row.fingerprint, answer: JSON.parse(row.answer) };
  }

  /**
   * What was posted under a key of money and those that are numbered after it: kept with the keys, so that it outlives the
   * entries.
   */
  postedUnder(key: string): PostedTotal {
    const posted = { count: 0, amount_micros: 0 };
    for (;;) {
      const earlier = this.earlierUse(numberedKey(key, posted.count + 1));
      const answer = earlier?.answer as PostAnswer | undefined;
      if (answer?.outcome !== "posted") return posted;
      posted.count += 1;
      posted.amount_micros += answer.entry.amount_micros;
    }
  }

  /** What is known of the refunds and disputes of a purchase. */
  reversals(purchase_id: string): Reversal[] {
    return this.facts<Reversal[]>("SELECT facts FROM reversed WHERE purchase_id = ?", purchase_id)[0] ?? [];
  }

  unauthorizedCalls(edge_key_id: string, hour: number): number {
    const row = this.sql
      .exec<{ calls: number }>(
        "SELECT calls FROM unauthorized WHERE edge_key_id = ? AND hour = ?",
        edge_key_id,
        hour,
      )
      .toArray()[0];
    return row?.calls ?? 0;
  }

  topUp(): TopUpFacts {
    const [known] = this.facts<TopUpFacts>("SELECT facts FROM auto_top_up");
    // A row that was written before a fact was known lacks it.
    return known ? { ...NO_TOP_UP, ...known } : NO_TOP_UP;
  }

  cursors(): ProjectionCursor {
    return this.sql
      .exec<{ entry_seq: number; notice_seq: number }>("SELECT entry_seq, notice_seq FROM projection")
      .one();
  }

  /** Writes what a decision changes of calls, money and their copies. */
  apply({
    hold,
    resolved,
    closes_hold,
    entry,
    hold_id,
    notice_seq,
    ...changes
  }: Numbered<CallChanges>): void {
    if (hold) this.putHold(hold_id, hold);
    if (resolved) this.putResolved(resolved, entry !== undefined);
    if (resolved && closes_hold) this.sql.exec("DELETE FROM hold WHERE hold_id = ?", hold_id);
    if (entry) this.chain.insert(entry, resolved);
    else if (resolved)
      this.sql.exec("INSERT INTO notice (seq, call_id) VALUES (?, ?)", notice_seq, resolved.call_id);
    if (changes.key)
      this.sql.exec(
        "INSERT INTO money_key (key, fingerprint, answer) VALUES (?, ?, ?)",
        changes.key.key,
        changes.key.fingerprint,
        JSON.stringify(changes.key.answer),
      );
    if (changes.unauthorized)
      this.sql.exec(
        `INSERT INTO unauthorized (edge_key_id, hour, calls) VALUES (?, ?, 1)
         ON CONFLICT (edge_key_id, hour) DO UPDATE SET calls = calls + 1`,
        changes.unauthorized.edge_key_id,
        changes.unauthorized.hour,
      );
    if (changes.reversed)
      this.sql.exec(
        `INSERT INTO reversed (purchase_id, facts) VALUES (?, ?)
         ON CONFLICT (purchase_id) DO UPDATE SET facts = excluded.facts`,
        changes.reversed.purchase_id,
        JSON.stringify(changes.reversed.reversals),
      );
    if (changes.top_up)
      this.sql.exec(
        `INSERT INTO auto_top_up (id, facts) VALUES (1, ?)
         ON CONFLICT (id) DO UPDATE SET facts = excluded.facts`,
        JSON.stringify(changes.top_up),
      );
    if (changes.projection_cursor)
      this.sql.exec(
        "UPDATE projection SET entry_seq = ?, notice_seq = ?",
        changes.projection_cursor.entry_seq,
        changes.projection_cursor.notice_seq,
      );
    if (changes.projection_upkeep) this.projection.put(changes.projection_upkeep);
    if (changes.stopped) this.stopped.apply(changes.stopped);
    if (changes.no_longer_stopped !== undefined) this.stopped.remove(changes.no_longer_stopped);
    if (changes.archive) this.archive.apply(changes.archive);
  }

  private putHold(hold_id: number, hold: LiveCall): void {
    this.sql.exec(
      `INSERT INTO hold (hold_id, held_micros, facts) VALUES (?, ?, ?)
       ON CONFLICT (hold_id) DO UPDATE SET held_micros = excluded.held_micros, facts = excluded.facts`,
      hold_id,
      hold.held_micros,
      JSON.stringify(hold),
    );
  }

  private putResolved(resolved: ResolvedCall, has_entry: boolean): void {
    const { call_id } = resolved;
    const call = this.chain.keepingReceipt(resolved, has_entry, () => this.resolvedCall(call_id));
    this.sql.exec(
      `INSERT INTO call (call_id, resolved_at_ms, facts) VALUES (?, ?, ?)
       ON CONFLICT (call_id) DO UPDATE SET facts = excluded.facts`,
      call_id,
      call.resolved_at_ms,
      JSON.stringify(call),
    );
  }

  private entries(where: string, ...bindings: number[]): Entry[] {
    return this.sql
      .exec<Record<string, SqlStorageValue> & Entry>(
        `SELECT seq, epoch, kind, amount_micros, balance_after_micros, month_seconds_after, call_id, key, reason,
           posted_at_ms FROM entry ${where}`,
        ...bindings,
      )
      .toArray();
  }

  private facts<Facts>(query: string, ...bindings: (string | number)[]): Facts[] {
    return this.sql
      .exec<{ facts: string }>(query, ...bindings)
      .toArray()
      .map((row) => JSON.parse(row.facts) as Facts);
  }
}
