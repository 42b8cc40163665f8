import type { Book, Decision } from "../book";
import { correctionKey, type EarlierUse } from "../entry-keys";
import { callNotSettled, conflict, notFound } from "../refusals";
import type { KnownCall, ResolvedCall } from "./call";
import { correctedTimes, refuseDuration } from "./call-times";
import { costsAfter } from "./charge";
import { chargeCall } from "./charge-call";
import type { CallAnswer, Correct } from "./commands";
import { receiptOf } from "./receipt";

/**
 * The node's records say otherwise: posts the difference to a call that was settled, voided or lost, once per
 * `correction_id`. Refuses with `idempotency_conflict` (the id with other content), `not_found`, `call_not_settled`, and
 * `invalid` or `too_soon` when the duration is more than the time since the call began.
 */
export function decideCorrect(
  book: Book,
  known: KnownCall,
  command: Correct,
  earlier: EarlierUse | undefined,
): Decision<CallAnswer> {
  const fingerprint = JSON.stringify([command.duration_ms, command.reason]);
  if (earlier)
    return earlier.fingerprint === fingerprint
      ? { answer: earlier.answer as CallAnswer }
      : { answer: conflict("correction_id") };
  if (known.state === "unknown") return { answer: notFound() };
  if (known.state === "live" || known.call.outcome === "parked" || known.call.outcome === "rejected")
    return { answer: callNotSettled() };
  const { duration_ms, reason } = command;
  const refused = refuseDuration(book, known.call, duration_ms);
  if (refused) return { answer: refused };
  const call: ResolvedCall = {
    ...known.call,
    version: known.call.version + 1,
    // A correction is the node's last word: a report that was still on its way no longer counts.
    outcome: "settled",
    first_receipt: known.call.first_receipt ?? receiptOf(known.call),
    ...costsAfter(known.call, null),
    ...correctedTimes(book, known.call, duration_ms),
  };
  const { answer, changes } = chargeCall(book, { call, duration_ms, kind: "correction", reason });
  return {
    answer,
    changes: {
      ...changes,
      key: { key: correctionKey(command.call_id, command.correction_id), fingerprint, answer },
    },
  };
}
