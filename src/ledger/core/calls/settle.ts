import type { Book, Decision } from "../book";
import { conflict, notFound } from "../refusals";
import type { KnownCall, LiveCall, ResolvedCall } from "./call";
import { endTimes, refuseDuration, skewOf } from "./call-times";
import { costsAfter, receiptOf } from "./charge";
import { chargeCall } from "./charge-call";
import type { CallAnswer, Settle } from "./commands";
import { isOtherCall } from "./idempotency";
import { decideRepeatedSettle, reportFingerprint } from "./repeated-settle";
import { resolvedFrom } from "./resolved-call";
import { settleUnauthorized } from "./settle-unauthorized";

/** The call is over: posts what it really cost and releases the rest, once, whatever the ledger knew of it. */
export function decideSettle(book: Book, known: KnownCall, command: Settle): Decision<CallAnswer> {
  if (known.state === "unknown") return settleUnauthorized(book, command);
  if (command.unauthorized && isOtherCall(known.call, command.unauthorized))
    return { answer: conflict("call_id") };
  if (known.state === "resolved" && (known.call.outcome === "settled" || known.call.outcome === "parked"))
    return decideRepeatedSettle(book, known.call, command);
  const live = known.state === "live";
  const before = live ? resolvedFrom(book, known.call, "settled", null, null) : known.call;
  const refused = refuseDuration(book, before, command.duration_ms);
  if (refused) return { answer: refused };
  const ended: ResolvedCall = {
    ...before,
    version: known.call.version + 1,
    outcome: "settled",
    end_reason: command.end_reason,
    report_fingerprint: reportFingerprint(command),
    first_receipt: null,
    ...costsAfter(before, command.provider_costs),
    ...endTimes(book, before, command),
  };
  const { answered_at_ms, ended_at_ms } = command;
  const skew = skewOf(book, command, before.started_at_ms, [ended_at_ms, answered_at_ms]);
  return chargeCall(book, ended, command.duration_ms, live ? "call" : "correction", {
    closes_hold: live,
    skew,
  });
}

/** A hold whose node has fallen silent: charged up to the last proof of life, the rest released. */
export function decideExpiry(book: Book, call: LiveCall): Decision<CallAnswer> {
  const lost: ResolvedCall = {
    ...resolvedFrom(book, call, "lost", "lost", null),
    ended_at_ms: Math.max(call.proof_at_ms, call.answered_at_ms ?? call.proof_at_ms),
  };
  return chargeCall(book, lost, call.proof_of_life_seconds * 1_000, "call", { closes_hold: true });
}

/** An operator accepts a parked call: it is charged as reported. A call that is not parked answers its receipt. */
export function decideAcceptParked(book: Book, known: KnownCall): Decision<CallAnswer> {
  if (known.state !== "resolved") return { answer: notFound() };
  const { call } = known;
  if (call.outcome !== "parked") return { answer: { outcome: "receipt", receipt: receiptOf(call) } };
  const settled: ResolvedCall = { ...call, version: call.version + 1, outcome: "settled" };
  return chargeCall(book, settled, call.duration_ms, "call", {});
}
