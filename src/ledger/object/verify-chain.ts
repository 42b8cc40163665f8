import { commitmentsOf, isMasked } from "../../units/commitment";
import type { ResolvedCall } from "../core/calls/call";
import { checkpointDigest, entryDigest, receiptDigest } from "../core/chain";
import type { PostAnswer } from "../core/credit/commands";
import type { ChainedEntry } from "../store/entry-chain";
import type { LedgerStore } from "../store/ledger-store";

/** An entry against the digest in its row; null when that is right, or there is none. */
export function differenceOfLink(entry: ChainedEntry, previous: string | null): string | null {
  const { epoch, seq, receipt_digest, salt, digest } = entry;
  return digest === null || digest === entryDigest(previous, entry, receipt_digest, commitmentsOf(salt))
    ? null
    : `entry ${epoch}:${seq}: its digest is not the one of its row and of the entry before`;
}

/** A call against what this entry fixed of it, unless a later one has fixed it anew; null when it is as it was. */
export function differenceOfReceipt(entry: ChainedEntry, call: ResolvedCall): string | null {
  const { epoch, seq, receipt_digest, salt } = entry;
  if (receipt_digest === null || call.entry_seqs.at(-1) !== seq) return null;
  return receipt_digest === receiptDigest(call.receipt_at_entry ?? call, commitmentsOf(salt))
    ? null
    : `entry ${epoch}:${seq}: its call ${call.call_id} is not as it was when the entry was posted`;
}

/**
 * An entry against what was answered when its key was used: whoever adds one to the end can work out its digest. Null when the
 * answer was of this entry, or the entry is of a call, masked, or from before the chain.
 */
export function differenceOfKey(
  store: LedgerStore,
  { epoch, seq, key, call_id, digest }: ChainedEntry,
): string | null {
  if (key === null || call_id !== null || digest === null || isMasked(key)) return null;
  const name = `entry ${epoch}:${seq}`;
  const answer = store.earlierUse(key)?.answer as PostAnswer | undefined;
  if (answer?.outcome !== "posted") return `${name}: its key was never used`;
  const { entry } = answer;
  return entry.seq === seq ? null : `${name}: its key was answered with entry ${entry.epoch}:${entry.seq}`;
}

/** The checkpoint against the digest of the entry that it was; null when that is right, or it is from before the chain. */
export function differenceOfOrigin(store: LedgerStore, checkpoint: ChainedEntry): string | null {
  const { epoch, seq, salt, digest, reason } = checkpoint;
  const origin = store.chain.keptOrigin(seq);
  // A release from before the chain lets entries leave with neither: it does not know of the salt either, and leaves it there.
  if (digest === null || (origin === null && salt !== null)) return null;
  const name = `checkpoint ${epoch}:${seq}`;
  if (!origin) return `${name}: what its digest is of is missing`;
  const { call_id, key, receipt_digest } = checkpoint;
  if (call_id !== null || key !== null || salt !== null || receipt_digest !== null)
    return `${name}: it says what only an entry can`;
  if (digest !== checkpointDigest(checkpoint, origin))
    return `${name}: its digest is not the one of the entry that it was`;
  return origin.summary_digest === store.archive.summaryDigest(reason)
    ? null
    : `${name}: what it says, or the sums by kind that it stands for, is not as when they left`;
}
