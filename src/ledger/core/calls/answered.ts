import type { Book, Decision } from "../book";
import { alreadySettled, notFound } from "../refusals";
import type { KnownCall, LiveCall } from "./call";
import { plausibleMs, reportedIfDifferent, skewOf } from "./call-times";
import type { Answered, CallAnswer } from "./commands";
import { expiryMs, grantAnswer } from "./grant";

/**
 * The call was answered: from now on its time counts. The first report wins; a repeat answers the present grant.
 * Refuses with `not_found` and `call_already_settled`.
 */
export function decideAnswered(book: Book, known: KnownCall, command: Answered): Decision<CallAnswer> {
  if (known.state === "unknown") return { answer: notFound() };
  if (known.state === "resolved") return { answer: alreadySettled(known.call) };
  const { call } = known;
  if (call.answered_at_ms !== null) return { answer: grantAnswer(call) };
  const { authorized_at_ms } = call;
  const reported_ms = command.answered_at_ms;
  const answered_at_ms = plausibleMs(book, authorized_at_ms, reported_ms ?? book.now_ms);
  const hold: LiveCall = {
    ...call,
    version: call.version + 1,
    answered_at_ms,
    reported_answered_at_ms: reportedIfDifferent(reported_ms, answered_at_ms),
    proof_at_ms: book.now_ms,
    expires_at_ms: expiryMs(book, { ...call, answered_at_ms }),
    postponed: false,
  };
  const skew = skewOf(book, command, authorized_at_ms, [reported_ms]);
  return { answer: grantAnswer(hold), changes: { hold, skew } };
}
