import type { Book, Decision } from "../book";
import { conflict } from "../refusals";
import type { KnownCall, LiveCall, ResolvedCall } from "./call";
import { endTimes, refuseDuration, skewOf } from "./call-times";
import { costsAfter } from "./charge";
import { chargeCall } from "./charge-call";
import type { CallAnswer, Settle } from "./commands";
import { isOtherCall } from "./idempotency";
import { decideRepeatedSettle, reportFingerprint } from "./repeated-settle";
import { resolvedFrom } from "./resolved-call";
import { settleUnauthorized } from "./settle-unauthorized";

/**
 * The call is over: posts what it really cost and releases the rest, once, whatever the ledger knew of it.
 * - unknown: `settleUnauthorized`; settled or parked: `decideRepeatedSettle`;
 * - lost, voided or rejected: taken once, as a correction.
 *
 * Refuses with `idempotency_conflict` (a call between others), and `invalid` or `too_soon` when its duration is more than
 * the time since it began.
 */
export function decideSettle(book: Book, known: KnownCall, command: Settle): Decision<CallAnswer> {
  if (known.state === "unknown") return settleUnauthorized(book, command);
  if (command.unauthorized && isOtherCall(known.call, command.unauthorized))
    return { answer: conflict("call_id") };
  if (known.state === "resolved" && (known.call.outcome === "settled" || known.call.outcome === "parked"))
    return decideRepeatedSettle(book, known.call, command);
  const was_live = known.state === "live";
  const before = was_live ? endOf(book, known.call) : known.call;
  const refused = refuseDuration(book, before, command.duration_ms);
  if (refused) return { answer: refused };
  const call: ResolvedCall = {
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
  return chargeCall(book, {
    call,
    duration_ms: command.duration_ms,
    kind: was_live ? "call" : "correction",
    changes: { closes_hold: was_live, skew },
  });
}

function endOf(book: Book, call: LiveCall): ResolvedCall {
  return resolvedFrom(book, call, { outcome: "settled", end_reason: null, report_fingerprint: null });
}
