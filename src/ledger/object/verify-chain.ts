import { commitmentsOf } from "../../units/commitment";
import type { ResolvedCall } from "../core/calls/call";
import { entryDigest, receiptDigest } from "../core/chain";
import type { ChainedEntry } from "../store/entry-chain";
import type { LedgerStore } from "../store/ledger-store";

/** An entry against the digest in its row; null when that is right, or there is none. */
export function differenceOfDigest(entry: ChainedEntry, previous: string | null): string | null {
  const { epoch, seq, receipt_digest, salt, digest } = entry;
  if (digest === null) return null;
  const right = entryDigest(previous, entry, receipt_digest, commitmentsOf(salt));
  return digest === right
    ? null
    : `entry ${epoch}:${seq}: its digest is not the one of its row and of the entry before`;
}

/** A call against what its last entry fixed of it; null when that is right, has left, or is from before the chain. */
export function differenceOfReceipt(store: LedgerStore, call: ResolvedCall, left_seq: number): string | null {
  const seq = call.entry_seqs.at(-1) ?? 0;
  const entry = seq > left_seq ? store.chain.get(seq) : undefined;
  if (!entry || entry.receipt_digest === null) return null;
  const right = receiptDigest(call.receipt_at_entry ?? call, commitmentsOf(entry.salt));
  return entry.receipt_digest === right
    ? null
    : `entry ${entry.epoch}:${seq}: its call ${call.call_id} is not as it was when the entry was posted`;
}
