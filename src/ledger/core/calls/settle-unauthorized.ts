import { HOUR_MS, SECOND_MS } from "../../../units/duration";
import type { Book, Changes, Decision } from "../book";
import { invalid, missingField, noSuchRate, ownLeg, tooSoon } from "../refusals";
import { MAX_AHEAD_MS, MAX_CALL_MS, MAX_REPORT_AGE_MS } from "../settings";
import type { ResolvedCall } from "./call";
import { callRate, chargedRateName } from "./call-rate";
import { refuseByClock, skewOf, toleranceMs, tooLong } from "./call-times";
import { chargeCall } from "./charge-call";
import type { CallAnswer, RatedParties, Settle } from "./commands";
import { EMERGENCY_RATE } from "./emergency";
import { isItsOwnLeg } from "./idempotency";
import { receiptAnswer } from "./receipt";
import { reportFingerprint } from "./repeated-settle";
import { unauthorizedCall } from "./resolved-call";

const ARCHIVED =
  "ended_at lies in a time whose calls are no longer kept: this one may have been charged already, and is not charged again.";

/** The report of a call that the ledger was never asked about, as far as it must be complete. */
type Report = Settle & { ended_at_ms: number; unauthorized: RatedParties };

/**
 * The report of a call that the ledger was never asked about: the node worked through an outage. Charged at the rate in
 * force when it was answered, and marked `authorized: false`; above the edge key's cap for the hour it is parked.
 * A call for help is free, and neither counted nor parked.
 * Refuses with `missing_field`, `invalid` (times that cannot be, or of calls that may have been charged and archived) and
 * `too_soon` (up to a day ahead of the ledger's clock: report it again later).
 */
export function settleUnauthorized(book: Book, command: Settle): Decision<CallAnswer> {
  const { unauthorized, ended_at_ms } = command;
  if (!unauthorized)
    return {
      answer: missingField(
        "direction",
        "This call was never authorized: say direction, from, to and ended_at to have it accepted.",
      ),
    };
  if (ended_at_ms === null)
    return { answer: missingField("ended_at", "A call that was never authorized needs ended_at.") };
  const report: Report = { ...command, unauthorized, ended_at_ms };
  const refused = refuseTimes(book, report);
  if (refused) return refused;
  if (mayBeArchived(book, Math.min(report.answered_at_ms ?? ended_at_ms, ended_at_ms - report.duration_ms)))
    return { answer: invalid("ended_at", ARCHIVED) };
  return chargeUnauthorized(book, report);
}

/** Nothing but the report itself says when such a call was, so its times must be possible and agree with its length. */
function refuseTimes(book: Book, report: Report): Decision<CallAnswer> | undefined {
  const { answered_at_ms, ended_at_ms, duration_ms } = report;
  const ahead_ms = ended_at_ms - book.now_ms;
  if (ahead_ms > Math.max(MAX_AHEAD_MS, toleranceMs(book)))
    return { answer: refuseByClock(book, "ended_at", "ended_at lies in the future.") };
  if (ahead_ms > toleranceMs(book)) {
    const answer = tooSoon(
      "ended_at",
      "ended_at lies ahead of the ledger's clock. Report the call again later.",
    );
    return { answer, changes: { skew: skewOf(book, report, Number.NEGATIVE_INFINITY, [ended_at_ms]) } };
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

function chargeUnauthorized(book: Book, report: Report): Decision<CallAnswer> {
  const { call_id, duration_ms, ended_at_ms, end_reason, provider_costs, edge_key_id } = report;
  const { unauthorized: parties } = report;
  const answered_at_ms = report.answered_at_ms ?? ended_at_ms - duration_ms;
  const rate = parties.is_emergency ? EMERGENCY_RATE : callRate(book, parties, answered_at_ms);
  if (!rate) return { answer: noSuchRate(chargedRateName(parties)) };
  const identity = { ...parties, call_id, rate };
  if (isItsOwnLeg(identity) && !parties.is_emergency) return { answer: ownLeg() };
  const was_answered = report.answered_at_ms !== null || duration_ms > 0;
  const call = unauthorizedCall(book, identity, {
    answered_at_ms: was_answered ? answered_at_ms : null,
    ended_at_ms,
    end_reason,
    report_fingerprint: reportFingerprint(report),
    provider_costs,
  });
  if (call.is_emergency) return chargeCall(book, { call, duration_ms, kind: "call" });
  const hour = Math.floor(book.now_ms / HOUR_MS);
  const changes: Changes = { unauthorized: { edge_key_id, hour } };
  if (book.unauthorized_this_hour < book.settings.unauthorized_settles_per_hour)
    return chargeCall(book, { call, duration_ms, kind: "call", changes });
  const parked: ResolvedCall = { ...call, outcome: "parked", duration_ms };
  return { answer: receiptAnswer(parked), changes: { ...changes, resolved: parked } };
}

/**
 * Whether a call that began then may have been charged and left since. Asked of its beginning, because a lost call may
 * have gone on for hours after the ledger has resolved it.
 */
function mayBeArchived({ archived_until_ms, settings }: Book, began_at_ms: number): boolean {
  return (
    archived_until_ms !== null &&
    began_at_ms <= archived_until_ms + settings.node_time_tolerance_seconds * SECOND_MS
  );
}
