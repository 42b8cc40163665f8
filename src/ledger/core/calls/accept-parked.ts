import type { Book, Decision } from "../book";
import { notFound } from "../refusals";
import type { KnownCall, ResolvedCall } from "./call";
import { chargeCall } from "./charge-call";
import type { CallAnswer } from "./commands";
import { receiptAnswer } from "./receipt";

/**
 * An operator accepts a parked call: it is charged as reported. A call that is not parked answers its receipt.
 * Refuses with `not_found` a call that is unknown or still live.
 */
export function decideAcceptParked(book: Book, known: KnownCall): Decision<CallAnswer> {
  if (known.state !== "resolved") return { answer: notFound() };
  const { call } = known;
  if (call.outcome !== "parked") return { answer: receiptAnswer(call) };
  const settled: ResolvedCall = { ...call, version: call.version + 1, outcome: "settled" };
  return chargeCall(book, { call: settled, duration_ms: call.duration_ms, kind: "call" });
}
