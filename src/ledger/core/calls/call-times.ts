import { SECOND_MS } from "../../../units/duration";
import type { Book, ClockSkew } from "../book";
import { invalid, type LedgerRefusal, tooSoon } from "../refusals";
import { MAX_CALL_MS, MAX_REPORTED_CALL_MS } from "../settings";
import type { CallFlag, ResolvedCall } from "./call";
import type { Settle } from "./commands";

/**
 * The times of a call. Its length is the node's word, within what the ledger's clock allows. When it was answered and
 * when it ended is information: what cannot be is kept beside what can, and is never a reason to refuse a report.
 */

/** What is kept of a call's answer and end; `reported_…` is what the node said where that cannot be, else null. */
type EndTimes = Pick<
  ResolvedCall,
  "answered_at_ms" | "ended_at_ms" | "reported_answered_at_ms" | "reported_ended_at_ms"
>;

/** When a known call began, and when it was answered as far as was said before its report. */
type Begun = Pick<ResolvedCall, "started_at_ms" | "answered_at_ms" | "reported_answered_at_ms">;

/** How far a node's times may be from the object's clock (`NODE_TIME_TOLERANCE_SECONDS`), in milliseconds. */
export function toleranceMs({ settings }: Book): number {
  return settings.node_time_tolerance_seconds * SECOND_MS;
}

/** Refuses for a reason of time alone. While the ledger's clock is known to be behind, it asks to be asked again instead. */
export function refuseByClock(book: Book, param: string, message: string): LedgerRefusal {
  return book.clock_behind_ms > 0
    ? tooSoon(param, "The ledger's clock is behind: this cannot be told yet.")
    : invalid(param, message);
}

/** Refuses a length of a known call that cannot be: more than ever counts, or than has passed since it began. */
export function refuseDuration(
  book: Book,
  call: Pick<ResolvedCall, "started_at_ms" | "authorized" | "set_back_at_start_ms">,
  duration_ms: number,
  param = "duration_ms",
): LedgerRefusal | undefined {
  const { started_at_ms, authorized, set_back_at_start_ms = 0 } = call;
  if (authorized && duration_ms > MAX_REPORTED_CALL_MS)
    return invalid(param, "No call is longer than 7 days.");
  if (!authorized && duration_ms > MAX_CALL_MS) return tooLong();
  const set_back_ms = Math.max(0, book.clock_set_back_ms - set_back_at_start_ms);
  if (duration_ms <= book.now_ms - started_at_ms + set_back_ms + toleranceMs(book)) return undefined;
  return refuseByClock(book, param, `${param} is more than the time since this call began.`);
}

/** Refuses a call that was not authorized and is longer than any may be. */
export function tooLong(): LedgerRefusal {
  return invalid("duration_ms", "No call that was not authorized is longer than 24 hours.");
}

/** What a call that begins now keeps of the ledger's clock, when there is anything: see `LedgerClock`. */
export function clockAtStart(book: Book): Pick<ResolvedCall, "set_back_at_start_ms"> {
  // While time stands still the call began earlier than the ledger's time says.
  const set_back_at_start_ms = book.clock_set_back_ms - book.clock_behind_ms;
  return set_back_at_start_ms === 0 ? {} : { set_back_at_start_ms };
}

/** A time as a node tells it, moved into the time from the call's beginning to now when it lies clearly outside. */
export function plausibleMs(book: Book, started_at_ms: number, told_ms: number): number {
  if (isPossibleTime(book, started_at_ms, told_ms)) return told_ms;
  return Math.min(Math.max(told_ms, started_at_ms), book.now_ms);
}

/** Whether a call that began then can have been under way at a time, as far as was known at `known_ms`. */
export function isPossibleTime(
  book: Book,
  started_at_ms: number,
  told_ms: number,
  known_ms = book.now_ms,
): boolean {
  const tolerance_ms = toleranceMs(book);
  return told_ms >= started_at_ms - tolerance_ms && told_ms <= known_ms + tolerance_ms;
}

/** The times that a report gives to a known call. The answer time that was reported first stays. */
export function endTimes(book: Book, call: Begun, { duration_ms, ...told }: Settle): EndTimes {
  const { started_at_ms } = call;
  const plausible = (at_ms: number) => plausibleMs(book, started_at_ms, at_ms);
  const told_end_ms = told.ended_at_ms ?? book.now_ms;
  const is_too_early = told_end_ms < started_at_ms - toleranceMs(book);
  const end_ms = plausible(is_too_early ? (call.answered_at_ms ?? started_at_ms) + duration_ms : told_end_ms);
  const derived_ms = plausible(end_ms - duration_ms);
  const said_ms = told.answered_at_ms;
  const is_said = said_ms !== null && said_ms <= end_ms && isPossibleTime(book, started_at_ms, said_ms);
  const inferred_ms = said_ms !== null || duration_ms > 0 ? derived_ms : null;
  const answered_at_ms = call.answered_at_ms ?? (is_said ? said_ms : inferred_ms);
  const ended_at_ms = Math.max(end_ms, answered_at_ms ?? end_ms);
  return {
    answered_at_ms,
    ended_at_ms,
    reported_answered_at_ms:
      call.answered_at_ms === null
        ? reportedIfDifferent(said_ms, answered_at_ms)
        : (call.reported_answered_at_ms ?? null),
    reported_ended_at_ms: reportedIfDifferent(told.ended_at_ms, ended_at_ms),
  };
}

/** What a node has said, when something else is kept. */
export function reportedIfDifferent(told_ms: number | null, kept_ms: number | null): number | null {
  return told_ms === kept_ms ? null : told_ms;
}

/** The times of a call whose length was wrong: its end moves, and with a length it has been answered. */
export function correctedTimes(
  book: Book,
  call: ResolvedCall,
  duration_ms: number,
): Pick<ResolvedCall, "answered_at_ms" | "ended_at_ms"> {
  const { started_at_ms } = call;
  const begun_ms = Math.max(started_at_ms, call.ended_at_ms - duration_ms);
  const answered_at_ms = call.answered_at_ms ?? (duration_ms > 0 ? begun_ms : null);
  if (answered_at_ms === null) return { answered_at_ms, ended_at_ms: call.ended_at_ms };
  const end_ms = plausibleMs(book, started_at_ms, answered_at_ms + duration_ms);
  return { answered_at_ms, ended_at_ms: Math.max(end_ms, answered_at_ms) };
}

/** How far the clock of a node is off, by the first of its times that cannot be; undefined when all can. */
export function skewOf(
  book: Book,
  command: { call_id: string; edge_key_id?: string },
  started_at_ms: number,
  told: readonly (number | null)[],
): ClockSkew | undefined {
  const wrong_ms =
    told.find((at_ms) => at_ms !== null && !isPossibleTime(book, started_at_ms, at_ms)) ?? null;
  // A clock of our own that is wrong says nothing about theirs.
  if (wrong_ms === null || book.clock_behind_ms > 0) return undefined;
  const { call_id, edge_key_id = null } = command;
  const skew_ms = wrong_ms > book.now_ms ? wrong_ms - book.now_ms : wrong_ms - started_at_ms;
  return { call_id, edge_key_id, skew_ms };
}

/** What operators may want to look at in a call that was charged as reported. */
export function flagsOf(book: Book, call: ResolvedCall): CallFlag[] {
  const flags: CallFlag[] = [];
  const { answered_at_ms, ended_at_ms, duration_ms } = call;
  if (duration_ms > MAX_CALL_MS) flags.push("longer_than_a_day");
  if (call.outcome !== "settled") return flags;
  if (duration_ms < call.proof_of_life_seconds * SECOND_MS) flags.push("shorter_than_proof_of_life");
  if (call.reported_answered_at_ms != null || call.reported_ended_at_ms != null) flags.push("times_moved");
  if (answered_at_ms !== null && Math.abs(ended_at_ms - answered_at_ms - duration_ms) > toleranceMs(book))
    flags.push("times_disagree");
  return flags;
}
