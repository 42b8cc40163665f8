import type { LiveCall, ResolvedCall } from "../core/calls/call";
import { chargedCostMicros, chargeFor } from "../core/calls/charge";
import type { Entry } from "../core/credit/entry";
import type { ChainedEntry } from "../store/entry-chain";
import type { LedgerStore } from "../store/ledger-store";
import type { Excused, StoppedCall } from "../store/stopped-calls";
import type { LedgerMemory } from "./memory";
import { differenceOfKey, differenceOfLink, differenceOfOrigin, differenceOfReceipt } from "./verify-chain";

/** Rows checked in one portion, small enough that calls never wait for a check. */
const BATCH_SIZE = 500;

/** Where a check stands between its portions. */
export interface VerifyCursor {
  /** Entries posted after the check began are left to the next one. */
  until_seq: number;
  seq: number;
  balance_micros: number;
  /** Null while entries are checked, then the last call_id checked. */
  call_id: string | null;
  /** Since which entry the chain of digests is unbroken up to `seq`; absent where that is not known. */
  chain_from_seq?: number;
}

export interface VerifyPortion {
  outcome: "portion";
  cursor: VerifyCursor | null;
  first_difference: string | null;
  posted_micros: number;
  held_micros: number;
  /** Entries that the check is about, from `proves_from_seq` on. */
  entries: number;
  /** The first entry that is checked one by one; those before it have left, and the checkpoint is their sum. */
  proves_from_seq: number;
  /**
   * The first entry that the chain of digests proves: those before it are from before the chain. Absent when it proves all from
   * `proves_from_seq` on.
   */
  chain_from_seq?: number;
  /** Calls whose report an operator had written in spite of an invariant; absent when there are none. */
  released?: ReleasedCall[];
  /** Calls whose report an invariant has stopped and no operator has released; absent when there are none. */
  stopped?: { count: number; call_ids: string[] };
}

/** A difference that has an explanation: what was written in spite of which invariant, and since when. */
export interface ReleasedCall {
  call_id: string;
  /** The entry that was posted by it, null when none was. */
  entry_seq: number | null;
  invariant: string;
  detail: string;
  released_at_ms: number;
}

/** The released and the stopped calls, as part of an answer: nothing when there are none. */
export function irregularCalls(store: LedgerStore): Pick<VerifyPortion, "released" | "stopped"> {
  const stopped = store.stopped.waiting();
  const released = store.stopped
    .released()
    .map(({ call_id, entry_seq, invariant, detail, released_at_ms }) => ({
      call_id,
      entry_seq,
      invariant,
      detail,
      released_at_ms: released_at_ms ?? 0,
    }));
  return { ...(released.length > 0 && { released }), ...(stopped.count > 0 && { stopped }) };
}

/** At start memory was just read from the rows: compares what costs no scan of history. Null when all is well. */
export function verifyAtStart(
  store: LedgerStore,
  { held_micros, live, last_entry }: Pick<LedgerMemory, "held_micros" | "live" | "last_entry">,
): string | null {
  if (store.heldMicros() !== held_micros)
    return `held: ${held_micros} in the facts of the open holds, ${store.heldMicros()} in the column`;
  if (store.holdCount() !== live.size)
    return `live calls: ${live.size} in memory, ${store.holdCount()} holds`;
  const copied_seq = store.cursors().entry_seq;
  if (copied_seq > (last_entry?.seq ?? 0)) return `entry ${copied_seq} is missing: it was copied before`;
  return null;
}

/** Checks the next portion; answers the cursor of the one after it, null at the end or at a difference. */
export function verifyPortion(
  store: LedgerStore,
  cursor: VerifyCursor,
): { cursor: VerifyCursor | null; first_difference: string | null } {
  const checkpoint = store.checkpoint();
  const first_difference = differenceOfCheckpoint(checkpoint, store.archive.totals());
  if (first_difference) return { cursor: null, first_difference };
  const left_seq = checkpoint?.seq ?? 0;
  const released = store.stopped.released();
  return cursor.call_id === null
    ? verifyEntries(store, cursor, { left_seq, released })
    : verifyCalls(store, cursor, cursor.call_id, { left_seq, released });
}

/** What a check is about, as far as entries have left by now. */
export function verifiedRange(
  store: LedgerStore,
  { until_seq, chain_from_seq = 1 }: Pick<VerifyCursor, "until_seq" | "chain_from_seq">,
) {
  const left_seq = store.checkpoint()?.seq ?? 0;
  const is_partly_chained = chain_from_seq > left_seq + 1;
  return {
    entries: Math.max(0, until_seq - left_seq),
    proves_from_seq: left_seq + 1,
    ...(is_partly_chained && { chain_from_seq }),
  };
}

/** The totals in memory against the rows they stand for. */
export function verifyTotals(
  store: LedgerStore,
  live: ReadonlyMap<string, LiveCall>,
  totals: { posted_micros: number; held_micros: number },
): string | null {
  const holds = store.holds().map(({ call }) => call);
  const held_micros = holds.reduce((sum, call) => sum + call.held_micros, 0);
  if (held_micros !== totals.held_micros)
    return `held: ${totals.held_micros} in memory, ${held_micros} in the open holds`;
  if (store.heldMicros() !== held_micros)
    return `held: ${store.heldMicros()} in the column, ${held_micros} in the facts of the open holds`;
  if (holds.length !== live.size) return `live calls: ${live.size} in memory, ${holds.length} holds`;
  const posted_micros = store.lastEntry()?.balance_after_micros ?? 0;
  if (posted_micros !== totals.posted_micros)
    return `posted: ${totals.posted_micros} in memory, ${posted_micros} after the last entry`;
  return null;
}

/** The sum of what has left against what was added up when it left. */
function differenceOfCheckpoint(
  checkpoint: Entry | undefined,
  left: { entries: number; amount_micros: number },
): string | null {
  if (!checkpoint)
    return left.entries === 0 ? null : `entry ${left.entries}: the checkpoint of those that left is missing`;
  const { epoch, seq, amount_micros, balance_after_micros } = checkpoint;
  const name = `checkpoint ${epoch}:${seq}`;
  if (seq !== left.entries) return `${name}: ${left.entries} entries have left, not ${seq}`;
  if (amount_micros !== left.amount_micros)
    return `${name}: its amount is ${amount_micros}, what has left adds up to ${left.amount_micros}`;
  if (balance_after_micros !== amount_micros)
    return `${name}: balance after is ${balance_after_micros}, not ${amount_micros}`;
  return null;
}

/** Where the check begins, and which calls differ because they were released. */
interface Known {
  left_seq: number;
  released: readonly StoppedCall[];
}

function verifyEntries(store: LedgerStore, cursor: VerifyCursor, { left_seq, released }: Known) {
  let { seq, balance_micros, chain_from_seq = seq + 1 } = cursor;
  let previous = store.chain.get(seq)?.digest ?? null;
  for (const entry of store.chain.after(seq, BATCH_SIZE)) {
    if (entry.seq === left_seq) {
      // Everything before it may have left since the last portion: the proof begins anew here.
      const of_origin = differenceOfOrigin(store, entry);
      if (of_origin) return { cursor: null, first_difference: of_origin };
      seq = entry.seq;
      balance_micros = entry.balance_after_micros;
      previous = entry.digest;
      continue;
    }
    if (entry.seq > cursor.until_seq) break;
    const call = callOf(store, entry);
    const first_difference = differenceOfEntry(entry, call, seq, balance_micros);
    const of_entry = first_difference && released.find(({ entry_seq }) => entry_seq === entry.seq);
    const is_excused = of_entry && of_entry.excused?.entry_difference === first_difference;
    if (first_difference && !is_excused) return { cursor: null, first_difference };
    const of_row = differenceOfLink(entry, previous) ?? differenceOfKey(store, entry);
    const of_chain = of_row ?? (call ? differenceOfFixed(store, entry, call, { left_seq, released }) : null);
    if (of_chain) return { cursor: null, first_difference: of_chain };
    if (entry.digest === null) chain_from_seq = entry.seq + 1;
    previous = entry.digest;
    seq = entry.seq;
    balance_micros = entry.balance_after_micros;
  }
  if (seq === cursor.seq && seq < cursor.until_seq)
    return { cursor: null, first_difference: `entry ${seq + 1} is missing` };
  const call_id = seq >= cursor.until_seq ? "" : null;
  return { cursor: { ...cursor, seq, balance_micros, call_id, chain_from_seq }, first_difference: null };
}

/** What of a call was changed since this entry: what does not add up says more than that it is not as it was. */
function differenceOfFixed(
  store: LedgerStore,
  entry: ChainedEntry,
  call: ResolvedCall,
  { left_seq, released }: Known,
): string | null {
  const changed = differenceOfReceipt(entry, call);
  if (!changed) return null;
  const excused = released.find(({ call_id }) => call_id === call.call_id)?.excused;
  return differenceOfCall(store, call, left_seq, excused) ?? changed;
}

function callOf(store: LedgerStore, { call_id }: Entry): ResolvedCall | undefined {
  return call_id === null ? undefined : store.resolvedCall(call_id);
}

function differenceOfEntry(
  entry: Entry,
  call: ResolvedCall | undefined,
  seq_before: number,
  balance_before: number,
): string | null {
  const name = `entry ${entry.epoch}:${entry.seq}`;
  if (entry.seq !== seq_before + 1) return `entry ${seq_before + 1} is missing`;
  if (entry.balance_after_micros !== balance_before + entry.amount_micros)
    return `${name}: balance after is ${entry.balance_after_micros}, not ${balance_before + entry.amount_micros}`;
  if (!Number.isSafeInteger(entry.balance_after_micros)) return `${name}: its balance is not exact`;
  if (entry.call_id === null) return null;
  if (!call) return `${name}: its call ${entry.call_id} is missing`;
  if (!call.entry_seqs.includes(entry.seq)) return `${name}: its call ${entry.call_id} does not know it`;
  return null;
}

function verifyCalls(
  store: LedgerStore,
  cursor: VerifyCursor,
  after_call_id: string,
  { left_seq, released }: Known,
) {
  const calls = store.resolvedCallsAfter(after_call_id, BATCH_SIZE);
  for (const call of calls) {
    const excused = released.find(({ call_id }) => call_id === call.call_id)?.excused;
    const first_difference = differenceOfCall(store, call, left_seq, excused);
    if (first_difference) return { cursor: null, first_difference };
  }
  const last = calls.at(-1);
  return {
    cursor: last && calls.length === BATCH_SIZE ? { ...cursor, call_id: last.call_id } : null,
    first_difference: null,
  };
}

/** What of a call that was just released does not add up. */
export function excusedOf(store: LedgerStore, { call_id, entry_seq }: StoppedCall): Excused | undefined {
  const call = store.resolvedCall(call_id);
  if (!call) return undefined;
  const [entry] = entry_seq === null ? [] : store.entriesAfter(entry_seq - 1, 1);
  const [before] = entry_seq === null ? [] : store.entriesBefore(entry_seq, 1);
  const entry_difference =
    entry &&
    differenceOfEntry(entry, callOf(store, entry), before?.seq ?? 0, before?.balance_after_micros ?? 0);
  const { version, charged_micros } = call;
  const posted_micros = call.entry_seqs.reduce((sum, seq) => sum - (store.entry(seq)?.amount_micros ?? 0), 0);
  const unposted_micros = charged_micros - posted_micros;
  return { entry_difference: entry_difference ?? null, version, charged_micros, unposted_micros };
}

function differenceOfCall(
  store: LedgerStore,
  call: ResolvedCall,
  left_seq: number,
  excused?: Excused,
): string | null {
  const { charged_micros } = call;
  const name = `call ${call.call_id}`;
  const kept = call.entry_seqs.filter((seq) => seq > left_seq);
  let posted_micros = 0;
  for (const seq of kept) {
    const entry = store.entry(seq);
    if (entry?.call_id !== call.call_id) return `${name}: entry ${seq} is not its own`;
    posted_micros -= entry.amount_micros;
  }
  const unposted_micros = charged_micros - posted_micros;
  if (kept.length === call.entry_seqs.length && unposted_micros !== (excused?.unposted_micros ?? 0))
    return `${name}: charged ${charged_micros}, its entries say ${posted_micros}`;
  if (excused?.version === call.version && excused.charged_micros === charged_micros) return null;
  if (call.outcome === "rejected" || call.outcome === "voided" || call.outcome === "parked")
    return charged_micros === 0 ? null : `${name}: ${call.outcome}, yet charged ${charged_micros}`;
  const cost_micros = chargedCostMicros(call);
  // Rows from before what is reported was kept apart say only what was charged.
  const is_kept_apart = call.reported_provider_cost_micros !== undefined;
  if (is_kept_apart && cost_micros !== call.provider_cost_micros)
    return `${name}: provider costs ${call.provider_cost_micros}, its reports say ${cost_micros}`;
  const due = chargeFor(call, call.duration_ms, call.granted_seconds, call.provider_cost_micros);
  if (due.charged_micros !== charged_micros)
    return `${name}: charged ${charged_micros}, its rate and duration say ${due.charged_micros}`;
  return null;
}
