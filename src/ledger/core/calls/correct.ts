import type { Book, Decision } from "../book";
import { conflict, notFound } from "../refusals";
import type { KnownCall } from "./call";
import { correctedTimes, refuseDuration } from "./call-times";
import { costsAfter, receiptOf } from "./charge";
import { chargeCall } from "./charge-call";
import type { CallAnswer, Correct } from "./commands";

/** The node's records say otherwise: posts the difference to a call that was settled or lost. */
export function decideCorrect(
  book: Book,
  known: KnownCall,
  command: Correct,
  earlier: { fingerprint: string; answer: unknown } | undefined,
): Decision<CallAnswer> {
  const fingerprint = JSON.stringify([command.duration_ms, command.reason]);
  if (earlier)
    return earlier.fingerprint === fingerprint
      ? { answer: earlier.answer as CallAnswer }
      : { answer: conflict("correction_id") };
  if (known.state === "unknown") return { answer: notFound() };
  if (known.state === "live" || known.call.outcome === "parked" || known.call.outcome === "rejected")
    return {
      answer: {
        outcome: "refused",
        code: "call_not_settled",
        message: "Only a settled, voided or lost call can be corrected. Settle this one.",
      },
    };
  const refused = refuseDuration(book, known.call, command.duration_ms);
  if (refused) return { answer: refused };
  const call = {
    ...known.call,
    version: known.call.version + 1,
    // A correction is the node's last word: a report that was still on its way no longer counts.
    outcome: "settled" as const,
    first_receipt: known.call.first_receipt ?? receiptOf(known.call),
    ...costsAfter(known.call, null),
    ...correctedTimes(book, known.call, command.duration_ms),
  };
  const decision = chargeCall(book, call, command.duration_ms, "correction", {}, command.reason);
  const key = correctionKey(command);
  return {
    ...decision,
    changes: { ...decision.changes, key: { key, fingerprint, answer: decision.answer } },
  };
}

/** The money key of a correction: unique within its call, whatever characters the two ids have. */
export function correctionKey({
  call_id,
  correction_id,
}: Pick<Correct, "call_id" | "correction_id">): string {
  return `correction:${JSON.stringify([call_id, correction_id])}`;
}
