import { HOUR_MS } from "../units/duration";
import { timesOf, tooLong } from "./call-times";
import { platformCostMicros, receiptOf } from "./charge";
import type { CallAnswer, RatedParties, Settle } from "./commands";
import type { Book, Changes, Decision } from "./decision";
import { post } from "./post-charge";
import { rateInForce } from "./rating";
import { invalid, noSuchRate } from "./refusals";
import { unheardCall } from "./resolve";
import { MAX_CALL_MS, MAX_REPORT_AGE_MS } from "./settings";
import type { ResolvedCall } from "./types";

const LEFT =
  "ended_at lies in a time whose calls are no longer kept: this one may have been charged already, and is not charged again.";

/** The report of a call that the ledger was never asked about. */
export function settleUnheard(book: Book, command: Settle, fingerprint: string): Decision<CallAnswer> {
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
  if (ended_at_ms > book.now_ms + book.settings.node_time_tolerance_seconds * 1_000)
    return { answer: invalid("ended_at", "ended_at lies in the future.") };
  if (ended_at_ms < book.now_ms - MAX_REPORT_AGE_MS)
    return { answer: invalid("ended_at", "ended_at is more than 30 days ago.") };
  if (command.duration_ms > MAX_CALL_MS) return { answer: tooLong() };
  const { answered_at_ms } = command;
  if (answered_at_ms !== null && (answered_at_ms > ended_at_ms || answered_at_ms < ended_at_ms - MAX_CALL_MS))
    return { answer: invalid("answered_at", "answered_at is not within the 24 hours before ended_at.") };
  if (mayHaveLeft(book, Math.min(answered_at_ms ?? ended_at_ms, ended_at_ms - command.duration_ms)))
    return { answer: invalid("ended_at", LEFT) };
  return chargeUnheard(book, command, who, ended_at_ms, fingerprint);
}

function chargeUnheard(
  book: Book,
  command: Settle,
  who: RatedParties,
  ended_at_ms: number,
  fingerprint: string,
): Decision<CallAnswer> {
  const answered_at_ms = command.answered_at_ms ?? ended_at_ms - command.duration_ms;
  const rate = rateInForce(book.rates, who.rate_name, answered_at_ms) ?? who.standard_rate;
  if (!rate) return { answer: noSuchRate(who.rate_name) };
  const call = unheardCall(
    book,
    { ...who, call_id: command.call_id, rate },
    answered_at_ms,
    ended_at_ms,
    command.end_reason,
    fingerprint,
  );
  call.provider_costs = command.provider_costs;
  call.answered_at_ms = timesOf(book, null, command).answered_at_ms;
  const hour = Math.floor(book.now_ms / HOUR_MS);
  const counted: Changes = { unauthorized: { edge_key_id: command.edge_key_id, hour } };
  if (book.unauthorized_this_hour >= book.settings.unauthorized_settles_per_hour) {
    const parked: ResolvedCall = { ...call, outcome: "parked", duration_ms: command.duration_ms };
    return {
      answer: { outcome: "receipt", receipt: receiptOf(parked) },
      changes: { ...counted, resolved: parked },
    };
  }
  const cost_micros = platformCostMicros(command.provider_costs, call.byok);
  return post(book, call, command.duration_ms, cost_micros, "call", counted);
}

/**
 * Whether a call that began then may have been charged and left since. Asked of its beginning, because a lost call may
 * have gone on for hours after the ledger has resolved it.
 */
function mayHaveLeft({ left_until_ms, settings }: Book, began_at_ms: number): boolean {
  return (
    left_until_ms !== null && began_at_ms <= left_until_ms + settings.node_time_tolerance_seconds * 1_000
  );
}
