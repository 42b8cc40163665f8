import { HOUR_MS } from "../../../units/duration";
import type { Book, Changes, Decision } from "../book";
import { rateInForce } from "../credit/rating";
import { invalid, noSuchRate, ownLeg, tooSoon } from "../refusals";
import { MAX_AHEAD_MS, MAX_CALL_MS, MAX_REPORT_AGE_MS } from "../settings";
import type { ResolvedCall } from "./call";
import { refuseByClock, skewOf, toleranceMs, tooLong } from "./call-times";
import { costsAfter, receiptOf } from "./charge";
import { chargeCall } from "./charge-call";
import type { CallAnswer, RatedParties, Settle } from "./commands";
import { isItsOwnLeg } from "./idempotency";
import { reportFingerprint } from "./repeated-settle";
import { unauthorizedCall } from "./resolved-call";

const ARCHIVED =
  "ended_at lies in a time whose calls are no longer kept: this one may have been charged already, and is not charged again.";

/** The report of a call that the ledger was never asked about. */
export function settleUnauthorized(book: Book, command: Settle): Decision<CallAnswer> {
  const who = command.unauthorized;
  if (!who)
    return {
      answer: {
        outcome: "refused",
        code: "missing_field",
        param: "direction",
        message: "This call was never authorized: say direction, from, to and ended_at to have it accepted.",
      },
    };
  const { ended_at_ms } = command;
  if (ended_at_ms === null)
    return {
      answer: {
        outcome: "refused",
        code: "missing_field",
        param: "ended_at",
        message: "A call that was never authorized needs ended_at.",
      },
    };
  const refused = refuseTimes(book, command, ended_at_ms);
  if (refused) return refused;
  const { answered_at_ms } = command;
  if (mayBeArchived(book, Math.min(answered_at_ms ?? ended_at_ms, ended_at_ms - command.duration_ms)))
    return { answer: invalid("ended_at", ARCHIVED) };
  return chargeUnauthorized(book, command, who, ended_at_ms);
}

/** Nothing but the report itself says when such a call was, so its times must be possible and agree with its length. */
function refuseTimes(book: Book, command: Settle, ended_at_ms: number): Decision<CallAnswer> | undefined {
  const { answered_at_ms, duration_ms } = command;
  const ahead_ms = ended_at_ms - book.now_ms;
  if (ahead_ms > Math.max(MAX_AHEAD_MS, toleranceMs(book)))
    return { answer: refuseByClock(book, "ended_at", "ended_at lies in the future.") };
  if (ahead_ms > toleranceMs(book)) {
    const answer = tooSoon(
      "ended_at",
      "ended_at lies ahead of the ledger's clock. Report the call again later.",
    );
    return { answer, changes: { skew: skewOf(book, command, Number.NEGATIVE_INFINITY, [ended_at_ms]) } };
  }
  if (ahead_ms < -MAX_REPORT_AGE_MS)
    return { answer: refuseByClock(book, "ended_at", "ended_at is more than 30 days ago.") };
  if (duration_ms > MAX_CALL_MS) return { answer: tooLong() };
  if (answered_at_ms === null) return undefined;
  if (answered_at_ms > ended_at_ms || answered_at_ms < ended_at_ms - MAX_CALL_MS - toleranceMs(book))
    return { answer: invalid("answered_at", "answered_at is not within the 24 hours before ended_at.") };
  if (Math.abs(ended_at_ms - answered_at_ms - duration_ms) > toleranceMs(book))
    return { answer: invalid("duration_ms", "duration_ms is not the time from answered_at to ended_at.") };
  return undefined;
}

function chargeUnauthorized(
  book: Book,
  command: Settle,
  who: RatedParties,
  ended_at_ms: number,
): Decision<CallAnswer> {
  const answered_at_ms = command.answered_at_ms ?? ended_at_ms - command.duration_ms;
  const rate = rateInForce(book.rates, who.rate_name, answered_at_ms) ?? who.standard_rate;
  if (!rate) return { answer: noSuchRate(who.rate_name) };
  if (isItsOwnLeg({ ...who, call_id: command.call_id })) return { answer: ownLeg() };
  const call = unauthorizedCall(
    book,
    { ...who, call_id: command.call_id, rate },
    answered_at_ms,
    ended_at_ms,
    command.end_reason,
    reportFingerprint(command),
  );
  Object.assign(call, costsAfter(call, command.provider_costs));
  if (command.answered_at_ms === null && command.duration_ms === 0) call.answered_at_ms = null;
  const hour = Math.floor(book.now_ms / HOUR_MS);
  const counted: Changes = { unauthorized: { edge_key_id: command.edge_key_id, hour } };
  if (book.unauthorized_this_hour >= book.settings.unauthorized_settles_per_hour) {
    const parked: ResolvedCall = { ...call, outcome: "parked", duration_ms: command.duration_ms };
    return {
      answer: { outcome: "receipt", receipt: receiptOf(parked) },
      changes: { ...counted, resolved: parked },
    };
  }
  return chargeCall(book, call, command.duration_ms, "call", counted);
}

/**
 * Whether a call that began then may have been charged and left since. Asked of its beginning, because a lost call may
 * have gone on for hours after the ledger has resolved it.
 */
function mayBeArchived({ archived_until_ms, settings }: Book, began_at_ms: number): boolean {
  return (
    archived_until_ms !== null &&
    began_at_ms <= archived_until_ms + settings.node_time_tolerance_seconds * 1_000
  );
}
