import { type Commit, commitmentsOf } from "../../units/commitment";
import { sha256HexNow } from "../../units/digest";
import type { Receipt } from "./calls/call";
import type { Entry } from "./credit/entry";

/** An entry as its row says it. */
export interface EntryOfRow extends Entry {
  currency: string;
}

/**
 * The chain of digests over the entries of a ledger. Anybody who has the rows can work it out again: digests are SHA-256 in
 * lower-case hexadecimal, of UTF-8; JSON is an array without white space, and what is not there is `null`.
 *
 *     commitment of a value  = SHA-256(salt + value), see units/commitment.ts
 *     receipt_digest         = SHA-256(JSON of `receiptFields`)
 *     digest                 = SHA-256(JSON of `entryFields`), the digest of the entry before among them
 *
 * What may name a person enters as its commitment only: call ids (callers choose them), numbers, keys and reasons. The salt is that
 * of the entry's row; the entries of one call share it, so that a call that is masked has one name in all of them.
 *
 * Never change what enters: rows of years ago are proven by it. A field that is added to the receipt enters at the end, and only
 * of receipts that have it.
 */
export interface ChainLink {
  /** Null when every value of the row was masked. */
  salt: string | null;
  /** What the entry fixed of its call; null of entries that are not a call's. */
  receipt_digest: string | null;
  digest: string;
}

/** The link that follows the entry with digest `previous`; null: that has none, or there is no entry before. */
export function linkOf(
  previous: string | null,
  entry: EntryOfRow,
  salt: string,
  receipt: Receipt | undefined,
): ChainLink {
  const commit = commitmentsOf(salt);
  const receipt_digest = receipt ? receiptDigest(receipt, commit) : null;
  return { salt, receipt_digest, digest: entryDigest(previous, entry, receipt_digest, commit) };
}

/** What an entry fixes of its call. */
export function receiptDigest(receipt: Receipt, commit: Commit): string {
  return sha256HexNow(JSON.stringify(receiptFields(receipt, commit)));
}

/** What an entry fixes of itself, after the one with digest `previous`. */
export function entryDigest(
  previous: string | null,
  entry: EntryOfRow,
  receipt_digest: string | null,
  commit: Commit,
): string {
  return sha256HexNow(JSON.stringify(entryFields(previous, entry, receipt_digest, commit)));
}

/**
 * What a checkpoint keeps of the entry that it was: with it the digest can still be worked out, and with that the row be proven.
 * Texts are kept as their commitments.
 */
export interface CheckpointOrigin
  extends Pick<Entry, "kind" | "amount_micros" | "call_id" | "key" | "reason">,
    Pick<ChainLink, "receipt_digest"> {
  /** The digest of the entry before. */
  previous: string | null;
  /** Of what the checkpoint says, and of the sums that it stands for. */
  summary_digest: string;
}

/** What is kept of an entry that becomes a checkpoint. */
export function originOf(
  previous: string | null,
  entry: EntryOfRow & Omit<ChainLink, "digest">,
  summary_digest: string,
): CheckpointOrigin {
  const { kind, amount_micros, receipt_digest, salt } = entry;
  const commit = commitmentsOf(salt);
  const [call_id, key, reason] = [commit(entry.call_id), commit(entry.key), commit(entry.reason)];
  return { previous, kind, amount_micros, call_id, key, reason, receipt_digest, summary_digest };
}

/** The digest of the entry that a checkpoint was. */
export function checkpointDigest(checkpoint: EntryOfRow, origin: CheckpointOrigin): string {
  const { previous, receipt_digest, summary_digest: _, ...was } = origin;
  return entryDigest(previous, { ...checkpoint, ...was }, receipt_digest, (commitment) => commitment ?? null);
}

function entryFields(
  previous: string | null,
  entry: EntryOfRow,
  receipt_digest: string | null,
  commit: Commit,
) {
  return [
    "entry",
    previous,
    entry.seq,
    entry.epoch,
    entry.kind,
    entry.currency,
    entry.amount_micros,
    entry.balance_after_micros,
    entry.month_seconds_after,
    entry.posted_at_ms,
    commit(entry.call_id),
    commit(entry.key),
    commit(entry.reason),
    receipt_digest,
  ];
}

function receiptFields(receipt: Receipt, commit: Commit) {
  const { rate, provider_costs } = receipt;
  return [
    "receipt",
    commit(receipt.call_id),
    receipt.direction,
    commit(receipt.from),
    commit(receipt.to),
    commit(receipt.number),
    commit(receipt.parent_call_id),
    rate.name,
    rate.price_micros_per_minute,
    rate.first_seconds,
    rate.next_seconds,
    rate.minimum_seconds,
    receipt.byok,
    receipt.outcome,
    receipt.reject_reason,
    receipt.authorized,
    receipt.started_at_ms,
    receipt.answered_at_ms,
    receipt.ended_at_ms,
    receipt.reported_answered_at_ms,
    receipt.reported_ended_at_ms,
    commit(receipt.end_reason),
    receipt.duration_ms,
    receipt.billable_seconds,
    receipt.fee_micros,
    provider_costs.map(({ service, cost_micros }) => [service, cost_micros]),
    receipt.reported_provider_cost_micros,
    receipt.provider_cost_micros,
    receipt.charged_micros,
    receipt.overrun_micros,
    receipt.balance_before_micros,
    receipt.balance_after_micros,
    receipt.flags,
    ...dialledFields(receipt, commit),
    ...rateExtras(receipt),
  ];
}

/** What not every rate has, each with its name, so that a receipt without it has the digest that it always had. */
function rateExtras({ rate: { connection_fee_micros, free_seconds, destination } }: Receipt) {
  const extras: unknown[] = [];
  if (connection_fee_micros) extras.push(["connection_fee_micros", connection_fee_micros]);
  if (free_seconds) extras.push(["free_seconds", free_seconds]);
  if (destination) extras.push(["destination", destination.deck, destination.prefix, destination.name]);
  return extras;
}

/** How the numbers were said, of calls of which that is kept. */
function dialledFields({ from_dialled, to_dialled }: Receipt, commit: Commit) {
  if (from_dialled === undefined && to_dialled === undefined) return [];
  return [commit(from_dialled), commit(to_dialled)];
}
