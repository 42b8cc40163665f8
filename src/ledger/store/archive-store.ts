import { sha256HexNow } from "../../units/digest";
import type { CallOutcome } from "../core/calls/call";
import type { EntryChain } from "./entry-chain";

/** An entry or a notice that may leave, with what decides whether its call leaves with it. */
export interface ArchiveCandidate extends Record<string, SqlStorageValue> {
  seq: number;
  /** When it was posted, or when the call of a notice was resolved; 0 when that call has left before. */
  at_ms: number;
  /** Null when it has no call, or none any more. */
  call_id: string | null;
  resolved_at_ms: number | null;
  outcome: CallOutcome | null;
  last_entry_seq: number | null;
  /** Whether a notice of the call has not been copied to D1 yet. */
  awaited: number;
}

/** The oldest entries and notices, in their order, that leave together. */
export interface ArchiveBatch {
  entries: ArchiveCandidate[];
  notices: ArchiveCandidate[];
  /** Counts of calls settled without authorization in an hour before this one leave, too. */
  unauthorized_before_hour: number;
}

/** Its `?` is the seq up to which D1 has the notices. */
const CALL_COLUMNS = `call.call_id, call.resolved_at_ms, call.facts ->> '$.outcome' AS outcome,
  call.facts ->> '$.entry_seqs[#-1]' AS last_entry_seq,
  call.call_id IN (SELECT call_id FROM notice WHERE seq > ?) AS awaited`;

/** Rows of what leaves, and of what is left behind by it. */
export class ArchiveStore {
  constructor(
    private readonly sql: SqlStorage,
    private readonly chain: EntryChain,
  ) {}

  /** The oldest entries and notices among those that D1 has, without the checkpoint. */
  oldest(copied: { entry_seq: number; notice_seq: number }, limit: number) {
    const entries = this.sql.exec<ArchiveCandidate>(
      `SELECT entry.seq, entry.posted_at_ms AS at_ms, ${CALL_COLUMNS}
       FROM entry LEFT JOIN call ON call.call_id = entry.call_id
       WHERE entry.seq <= ? AND entry.kind <> 'checkpoint' ORDER BY entry.seq LIMIT ?`,
      copied.notice_seq,
      copied.entry_seq,
      limit,
    );
    const notices = this.sql.exec<ArchiveCandidate>(
      `SELECT notice.seq, coalesce(call.resolved_at_ms, 0) AS at_ms, ${CALL_COLUMNS}
       FROM notice LEFT JOIN call ON call.call_id = notice.call_id
       WHERE notice.seq <= ? ORDER BY notice.seq LIMIT ?`,
      copied.notice_seq,
      copied.notice_seq,
      limit,
    );
    return { entries: entries.toArray(), notices: notices.toArray() };
  }

  /** All that has left, added up over the kinds of entries. */
  totals(): { entries: number; amount_micros: number } {
    return this.sql
      .exec<{ entries: number; amount_micros: number }>(
        `SELECT coalesce(sum(entries), 0) AS entries, coalesce(sum(amount_micros), 0) AS amount_micros
         FROM left_total`,
      )
      .one();
  }

  /** The latest time that a call was resolved which has left, null when none has. */
  archivedUntilMs(): number | null {
    return this.sql
      .exec<{ resolved_until_ms: number | null }>("SELECT resolved_until_ms FROM left_until")
      .one().resolved_until_ms;
  }

  /** Lets a batch leave: sums up its entries, and deletes its calls but those that are still needed. */
  apply({ entries, notices, unauthorized_before_hour }: ArchiveBatch): void {
    const last_entry = entries.at(-1);
    const last_notice = notices.at(-1);
    if (last_entry) this.archiveEntries(last_entry.seq);
    if (last_notice) this.deleteResolutions(last_notice.seq);
    this.deleteUnauthorizedCounts(unauthorized_before_hour);
    const archived_seq = this.checkpointSeq();
    let until_ms = this.archivedUntilMs();
    for (const { call_id, resolved_at_ms, ...call } of [...entries, ...notices]) {
      if (call_id === null || resolved_at_ms === null || mustRetain(call, archived_seq)) continue;
      this.deleteCall(call_id);
      until_ms = Math.max(until_ms ?? 0, resolved_at_ms);
    }
    if (until_ms !== null) this.setArchivedUntilMs(until_ms);
  }

  /** The seq of the checkpoint, which is the oldest entry where there is one; 0 where nothing has left. */
  private checkpointSeq(): number {
    const [oldest] = this.sql
      .exec<{ seq: number; kind: string }>("SELECT seq, kind FROM entry ORDER BY seq LIMIT 1")
      .toArray();
    return oldest?.kind === "checkpoint" ? oldest.seq : 0;
  }

  private setArchivedUntilMs(resolved_until_ms: number): void {
    this.sql.exec("UPDATE left_until SET resolved_until_ms = ?", resolved_until_ms);
  }

  /**
   * Entries up to `seq` leave: the last of them becomes the checkpoint, whose amount is the balance after it. It keeps its digest,
   * because the next entry is chained to that, and what of itself that is the digest of.
   * Added up in SQL, where stored integers stay exact: only a number that is bound arrives as a REAL.
   */
  private archiveEntries(seq: number): void {
    this.sql.exec(
      `INSERT INTO left_total (kind, entries, amount_micros)
       SELECT kind, count(*), sum(amount_micros) FROM entry WHERE seq <= ? AND kind <> 'checkpoint' GROUP BY kind
       ON CONFLICT (kind) DO UPDATE SET
         entries = entries + excluded.entries, amount_micros = amount_micros + excluded.amount_micros`,
      seq,
    );
    const summary = this.summary();
    const origin = this.chain.originOf(seq, this.summaryDigest(summary));
    this.sql.exec("DELETE FROM entry WHERE seq < ?", seq);
    this.sql.exec(
      `UPDATE entry SET kind = 'checkpoint', amount_micros = balance_after_micros, call_id = NULL, key = NULL,
         reason = ?, salt = NULL, receipt_digest = NULL, origin = ? WHERE seq = ?`,
      summary,
      origin && JSON.stringify(origin),
      seq,
    );
  }

  /** The digest of what a checkpoint says, with the sums by kind that it stands for. */
  summaryDigest(summary: string | null): string {
    const totals = this.sql.exec("SELECT kind, entries, amount_micros FROM left_total ORDER BY kind").raw();
    return sha256HexNow(JSON.stringify([summary, ...totals]));
  }

  private deleteResolutions(seq: number): void {
    this.sql.exec("DELETE FROM notice WHERE seq <= ?", seq);
  }

  private deleteCall(call_id: string): void {
    this.sql.exec("DELETE FROM call WHERE call_id = ?", call_id);
  }

  /** Counts of calls settled without authorization are asked for in their own hour only. */
  private deleteUnauthorizedCounts(before_hour: number): void {
    this.sql.exec("DELETE FROM unauthorized WHERE hour < ?", before_hour);
  }

  private summary(): string {
    const counts = this.sql
      .exec<{ kind: string; entries: number }>("SELECT kind, entries FROM left_total ORDER BY kind")
      .toArray();
    const entries = counts.reduce((sum, count) => sum + count.entries, 0);
    const kinds = counts.map((count) => `${count.kind}: ${count.entries}`).join(", ");
    return `Sums up the first ${entries} entries, which are no longer kept here (${kinds}).`;
  }
}

/** Whether a call is still needed when entries up to `archived_seq` have left, and this notice of it. */
function mustRetain(
  { awaited, last_entry_seq, outcome }: Pick<ArchiveCandidate, "awaited" | "last_entry_seq" | "outcome">,
  archived_seq: number,
): boolean {
  if (awaited === 1) return true;
  // A parked call waits for its operator for however long that takes.
  return last_entry_seq === null ? outcome === "parked" : last_entry_seq > archived_seq;
}
