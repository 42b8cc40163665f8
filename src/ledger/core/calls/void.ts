import type { Book, Decision } from "../book";
import { alreadySettled, callAnswered, conflict, notFound } from "../refusals";
import type { KnownCall } from "./call";
import type { CallAnswer, Void } from "./commands";
import { isUntouched, wasAnswered } from "./placed-call";
import { receiptAnswer } from "./receipt";
import { resolvedFrom } from "./resolved-call";

/**
 * The call was never answered: its hold goes and nothing is charged. A repeat answers the same receipt.
 * Refuses with `not_found`, `call_answered` after an answer or proof of life, `call_already_settled`, and
 * `idempotency_conflict` when the call was voided for another reason or is not the caller's to take back.
 */
export function decideVoid(book: Book, known: KnownCall, command: Void): Decision<CallAnswer> {
  if (known.state === "unknown") return { answer: notFound() };
  const report_fingerprint = JSON.stringify(["void", command.end_reason]);
  if (known.state === "resolved") {
    const { call } = known;
    if (call.outcome !== "voided") return { answer: alreadySettled(call) };
    if (call.report_fingerprint !== report_fingerprint) return { answer: conflict("call_id") };
    return { answer: receiptAnswer(call) };
  }
  const { call } = known;
  const { attempt_id, end_reason } = command;
  if (attempt_id !== undefined && (attempt_id !== call.attempt_id || !isUntouched(call)))
    return { answer: conflict("call_id") };
  if (wasAnswered(call)) return { answer: callAnswered() };
  const resolved = resolvedFrom(book, call, { outcome: "voided", end_reason, report_fingerprint });
  return { answer: receiptAnswer(resolved), changes: { resolved, closes_hold: true } };
}
