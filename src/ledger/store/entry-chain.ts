import { newSalt } from "../../units/digest";
import { CURRENCY } from "../../units/money";
import type { ResolvedCall } from "../core/calls/call";
import { receiptOf } from "../core/calls/receipt";
import { type ChainLink, type CheckpointOrigin, type EntryOfRow, linkOf, originOf } from "../core/chain";
import type { Entry } from "../core/credit/entry";

/** An entry with its link; null throughout in entries from before the chain. */
export interface ChainedEntry extends EntryOfRow, Omit<ChainLink, "digest"> {
  digest: string | null;
}

/** Entries as rows, each chained to the one before. */
export class EntryChain {
  /** The link that was written last. Of use only to the entry that follows it, so a transaction that was undone does no harm. */
  private last: { seq: number; digest: string } | undefined;

  constructor(private readonly sql: SqlStorage) {}

  /** Entries after `seq`, the oldest first. */
  after(seq: number, limit: number): ChainedEntry[] {
    return this.read("WHERE seq > ? ORDER BY seq LIMIT ?", seq, limit);
  }

  get(seq: number): ChainedEntry | undefined {
    return this.read("WHERE seq = ?", seq)[0];
  }

  /** Writes an entry, with what it fixes of its call. */
  insert(entry: Entry, call: ResolvedCall | undefined): void {
    const { seq } = entry;
    const previous = this.last?.seq === seq - 1 ? this.last.digest : (this.get(seq - 1)?.digest ?? null);
    const link = linkOf(previous, { ...entry, currency: CURRENCY }, this.saltFor(call), call);
    this.sql.exec(
      `INSERT INTO entry (seq, epoch, kind, currency, amount_micros, balance_after_micros, month_seconds_after,
         call_id, key, reason, posted_at_ms, salt, receipt_digest, digest)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      seq,
      entry.epoch,
      entry.kind,
      CURRENCY,
      entry.amount_micros,
      entry.balance_after_micros,
      entry.month_seconds_after,
      entry.call_id,
      entry.key,
      entry.reason,
      entry.posted_at_ms,
      link.salt,
      link.receipt_digest,
      link.digest,
    );
    this.last = { seq, digest: link.digest };
  }

  /**
   * The call as its row is to say it. One that changes without an entry keeps the receipt that its last entry fixed, so that this
   * entry can be proven on.
   */
  keepingReceipt(
    call: ResolvedCall,
    has_entry: boolean,
    before: () => ResolvedCall | undefined,
  ): ResolvedCall {
    if (has_entry) return call.receipt_at_entry ? { ...call, receipt_at_entry: undefined } : call;
    if (call.receipt_at_entry || call.entry_seqs.length === 0) return call;
    const known = before();
    return known ? { ...call, receipt_at_entry: receiptOf(known) } : call;
  }

  /** What is to be kept of an entry that becomes a checkpoint; null of one without a digest. */
  originOf(seq: number, summary_digest: string): CheckpointOrigin | null {
    const entry = this.get(seq);
    if (!entry || entry.digest === null) return null;
    return originOf(this.get(seq - 1)?.digest ?? null, entry, summary_digest);
  }

  /** What a checkpoint has kept of the entry that it was; null when that is nothing. */
  keptOrigin(seq: number): CheckpointOrigin | null {
    const [row] = this.sql
      .exec<{ origin: string | null }>("SELECT origin FROM entry WHERE seq = ?", seq)
      .toArray();
    return row?.origin ? (JSON.parse(row.origin) as CheckpointOrigin) : null;
  }

  /** The salt of the call's entry before, or a new one. */
  private saltFor(call: ResolvedCall | undefined): string {
    const before_seq = call?.entry_seqs.at(-2);
    return (before_seq !== undefined && this.get(before_seq)?.salt) || newSalt();
  }

  private read(where: string, ...bindings: number[]): ChainedEntry[] {
    return this.sql
      .exec<Record<string, SqlStorageValue> & ChainedEntry>(
        `SELECT seq, epoch, kind, currency, amount_micros, balance_after_micros, month_seconds_after, call_id, key, reason,
           posted_at_ms, salt, receipt_digest, digest FROM entry ${where}`,
        ...bindings,
      )
      .toArray();
  }
}
