import type { KnownCharge, KnownEntry } from "../../storage/calls/ledger-copies";
import { isMasked } from "../../units/commitment";
import { isCopied } from "../core/copies";
import type { LedgerMemory } from "./memory";

/**
 * Names what D1 was given of this generation of the ledger and the ledger no longer has: an entry, a charge of a call, or a later
 * version of one. Null when it has all. Of what has left, and of the generations before, nothing can be said.
 */
export function differenceOfCopies(
  state: LedgerMemory,
  { entries, calls }: { entries: readonly KnownEntry[]; calls: readonly KnownCharge[] },
): string | null {
  const left_seq = state.store.checkpoint()?.seq ?? 0;
  const seqs = [
    ...entries.map(({ epoch, seq }) => ({ epoch, seq })),
    ...calls.map(({ epoch, first_entry_seq: seq }) => ({ epoch, seq })),
  ];
  const last_seq = state.last_entry?.seq ?? 0;
  const beyond = seqs.filter(({ epoch, seq }) => epoch === state.epoch && seq > last_seq);
  if (beyond.length > 0)
    return `entry ${last_seq + 1} is missing: D1 has a copy of entry ${Math.min(...beyond.map(({ seq }) => seq))}`;
  const is_here = (copy: { epoch: number }, seq: number) => copy.epoch === state.epoch && seq > left_seq;
  for (const copy of entries) {
    const difference = is_here(copy, copy.seq) && differenceOfEntry(state, copy);
    if (difference) return difference;
  }
  for (const copy of calls) {
    const difference = is_here(copy, copy.first_entry_seq) && differenceOfCharge(state, copy);
    if (difference) return difference;
  }
  return null;
}

function differenceOfEntry({ store }: LedgerMemory, { epoch, seq }: KnownEntry): string | null {
  const entry = store.entry(seq);
  if (!entry) return `entry ${seq} is missing: D1 has a copy of it`;
  const is_same = entry.epoch === epoch && isCopied(entry);
  return is_same ? null : `entry ${entry.epoch}:${seq}: D1 has a copy of another one`;
}

function differenceOfCharge({ store }: LedgerMemory, copy: KnownCharge): string | null {
  const { call_id, version, first_entry_seq: seq } = copy;
  const entry = store.entry(seq);
  if (!entry) return `entry ${seq} is missing: D1 has a copy of its call ${call_id}`;
  const name = `entry ${entry.epoch}:${seq}`;
  const is_same = entry.call_id === call_id || (entry.call_id !== null && isMasked(entry.call_id));
  if (!is_same || entry.call_id === null) return `${name}: D1 has call ${call_id} charged by it`;
  const known = store.resolvedCall(entry.call_id)?.version ?? 0;
  return known >= version
    ? null
    : `${name}: its call ${call_id} is in version ${known}, D1 has version ${version}`;
}
