import type { Changes } from "./book";
import type { LiveCall, ResolvedCall } from "./calls/call";
import type { Entry } from "./credit/entry";

/** What must hold of whatever the ledger writes. Operators are told by these names what was violated. */
export type Invariant =
  /** Each entry has the next seq, in the epoch in force. */
  | "entry_numbered"
  /** The balance after an entry is the one before and its amount, counted exactly. */
  | "entry_added_up"
  /** Credit that is not a call's is posted under the key by which a repeat is known. */
  | "entry_keyed"
  /** A call that ends gives back its own hold, and only one that ends does. */
  | "hold_resolved_once"
  /** No hold is below 0, and neither is what all of them hold. */
  | "held_not_negative"
  /** What is added to a hold leaves spendable at 0 or above. */
  | "grant_covered"
  /** Each change of a call has the next version: what is copied late never hides what came after it. */
  | "call_version"
  /** A call is charged for the first time once. */
  | "charged_once"
  /** What a call is charged changes by what its entry says, and only with an entry of its own. */
  | "charge_posted"
  /** What is held and posted in memory is what the rows say. Asserted at start. */
  | "memory_equals_rows";

export interface Violation {
  invariant: Invariant;
  call_id: string | null;
  /** The key of an entry that is not a call's. */
  key: string | null;
  /** For operators: what was to be written, and what would have been right. */
  detail: string;
  /** The other invariants that the same changes violate. */
  also: Invariant[];
}

/** A decision would break the ledger: nothing of it was written. */
export class InvariantViolated extends Error {
  constructor(readonly violation: Violation) {
    super(`${violation.invariant}: ${violation.detail}`);
  }
}

/** The ledger before a commit, as its memory knows it. */
export interface Standing {
  epoch: number;
  next_seq: number;
  posted_micros: number;
  held_micros: number;
  live(call_id: string): LiveCall | undefined;
  /** Reads a row, so it is asked only of calls that hold nothing. */
  resolved(call_id: string): ResolvedCall | undefined;
}

type Found = Omit<Violation, "call_id" | "key" | "also"> | null;

/**
 * The first invariant that these changes, written one after the other, would violate; null as a rule. From memory and without a
 * sum: for a call that lives it costs a look-up and a few comparisons, and one read of a row for a report of a call that does not.
 * No decision changes one call twice in one commit: each change is compared with the call before all of them.
 *
 * Those in `released` are not asserted: an operator has read of them. The number of an entry is asserted always, because rows and
 * copies are kept by it.
 */
export function violationOf(
  before: Standing,
  all: readonly Changes[],
  released: readonly Invariant[] = [],
): Violation | null {
  const first = firstViolation(before, all, released);
  if (!first) return null;
  const also: Invariant[] = [];
  for (;;) {
    const next = firstViolation(before, all, [...released, first.invariant, ...also]);
    if (!next || next.invariant === "entry_numbered") return { ...first, also };
    also.push(next.invariant);
  }
}

function firstViolation(
  before: Standing,
  all: readonly Changes[],
  released: readonly Invariant[],
): Omit<Violation, "also"> | null {
  const accepted = released.filter((invariant) => invariant !== "entry_numbered");
  let { next_seq, posted_micros, held_micros } = before;
  for (const changes of all) {
    const { hold, resolved, entry } = changes;
    const call_id = hold?.call_id ?? resolved?.call_id ?? entry?.call_id ?? null;
    const live = call_id === null ? undefined : before.live(call_id);
    const held_before_micros = live?.held_micros ?? 0;
    const added_micros = heldAfter(changes, held_before_micros) - held_before_micros;
    held_micros += added_micros;
    const spendable_micros = (entry?.balance_after_micros ?? posted_micros) - held_micros;
    const is_of_ended_call = resolved || (entry && entry.call_id !== null);
    const found = firstOf(accepted, [
      () => entryViolation({ ...before, next_seq, posted_micros }, changes),
      () => holdViolation(changes, live),
      () => heldViolation(hold, held_micros, added_micros),
      () => versionViolation(hold, live),
      () => grantViolation(hold, held_before_micros, spendable_micros),
      () => (is_of_ended_call ? chargeViolation(before, changes, live) : null),
    ]);
    if (found) return { ...found, call_id, key: entry?.key ?? null };
    if (!entry) continue;
    next_seq += 1;
    posted_micros = entry.balance_after_micros;
  }
  return null;
}

/** The first violation but for the accepted ones. */
function firstOf(accepted: readonly Invariant[], checks: readonly (() => Found)[]): Found {
  for (const check of checks) {
    const found = check();
    if (found && !accepted.includes(found.invariant)) return found;
  }
  return null;
}

function heldAfter({ hold, closes_hold }: Changes, held_before_micros: number): number {
  if (hold) return hold.held_micros;
  return closes_hold ? 0 : held_before_micros;
}

function entryViolation(
  { epoch, next_seq, posted_micros }: Pick<Standing, "epoch" | "next_seq" | "posted_micros">,
  { entry, key }: Changes,
): Found {
  if (!entry) return null;
  const { seq, amount_micros, balance_after_micros } = entry;
  if (seq !== next_seq || entry.epoch !== epoch)
    return { invariant: "entry_numbered", detail: `entry ${entry.epoch}:${seq}, not ${epoch}:${next_seq}` };
  const right_micros = posted_micros + amount_micros;
  if (balance_after_micros !== right_micros || !Number.isSafeInteger(right_micros))
    return {
      invariant: "entry_added_up",
      detail: `entry ${epoch}:${seq}: balance after is ${balance_after_micros}, not ${posted_micros} + ${amount_micros}`,
    };
  if (entry.call_id === null && (entry.key === null || entry.key !== key?.key))
    return {
      invariant: "entry_keyed",
      detail: `entry ${epoch}:${seq}: its key is ${entry.key}, kept is ${key?.key}`,
    };
  return null;
}

function holdViolation({ hold, resolved, closes_hold = false }: Changes, live: LiveCall | undefined): Found {
  if (hold && resolved)
    return { invariant: "hold_resolved_once", detail: "the call holds credit and is resolved at once" };
  if ((resolved || closes_hold) && closes_hold !== (live !== undefined))
    return {
      invariant: "hold_resolved_once",
      detail: live ? "the call is resolved, and its hold would stay" : "there is no hold to give back",
    };
  return null;
}

/** What all calls hold may be wrong already: only what lowers it is stopped, so that everything else goes on. */
function heldViolation(hold: LiveCall | undefined, held_after_micros: number, added_micros: number): Found {
  if (hold && !(Number.isSafeInteger(hold.held_micros) && hold.held_micros >= 0))
    return { invariant: "held_not_negative", detail: `the call would hold ${hold.held_micros}` };
  if (held_after_micros < 0 && added_micros < 0)
    return { invariant: "held_not_negative", detail: `all calls would hold ${held_after_micros}` };
  return null;
}

function versionViolation(hold: LiveCall | undefined, live: LiveCall | undefined): Found {
  if (hold && hold.version !== (live?.version ?? 0) + 1)
    return { invariant: "call_version", detail: `version ${hold.version} follows ${live?.version ?? 0}` };
  return null;
}

function grantViolation(
  hold: LiveCall | undefined,
  held_before_micros: number,
  spendable_micros: number,
): Found {
  if (!hold || hold.held_micros <= held_before_micros || spendable_micros >= 0) return null;
  return {
    invariant: "grant_covered",
    detail: `a hold of ${hold.held_micros} instead of ${held_before_micros} leaves ${spendable_micros} spendable`,
  };
}

function chargeViolation(
  standing: Standing,
  { resolved, entry }: Changes,
  live: LiveCall | undefined,
): Found {
  if (!resolved)
    return { invariant: "charge_posted", detail: `entry ${entry?.seq} is of a call that does not change` };
  // A first refusal that posts nothing cannot charge twice: it need not be looked up.
  const may_be_known = !live && (entry !== undefined || resolved.version > 1);
  const known = may_be_known ? standing.resolved(resolved.call_id) : undefined;
  if (entry?.kind === "call" && known && known.entry_seqs.length > 0)
    return { invariant: "charged_once", detail: `the call has entry ${known.entry_seqs[0]} already` };
  const version = live?.version ?? known?.version ?? 0;
  if (resolved.version !== version + 1)
    return { invariant: "call_version", detail: `version ${resolved.version} follows ${version}` };
  return postedViolation(resolved, entry, known);
}

function postedViolation(
  resolved: ResolvedCall,
  entry: Entry | undefined,
  known: ResolvedCall | undefined,
): Found {
  const more_micros = resolved.charged_micros - (known?.charged_micros ?? 0);
  const posted_micros = entry ? -entry.amount_micros : 0;
  if (more_micros !== posted_micros)
    return {
      invariant: "charge_posted",
      detail: `the call is charged ${more_micros} more, its entry says ${posted_micros}`,
    };
  const seqs = known?.entry_seqs ?? [];
  const is_listed = resolved.entry_seqs.length === seqs.length + (entry ? 1 : 0);
  if (!is_listed || (entry && resolved.entry_seqs.at(-1) !== entry.seq))
    return {
      invariant: "charge_posted",
      detail: `the call lists entries ${resolved.entry_seqs}, and ${entry?.seq} is posted`,
    };
  if (
    entry &&
    (entry.call_id !== resolved.call_id || resolved.balance_after_micros !== entry.balance_after_micros)
  )
    return { invariant: "charge_posted", detail: `entry ${entry.seq} is not what the call's receipt says` };
  if (entry?.kind === "call" && resolved.outcome !== "settled" && resolved.outcome !== "lost")
    return { invariant: "charge_posted", detail: `the call is ${resolved.outcome}, and charged` };
  return null;
}
