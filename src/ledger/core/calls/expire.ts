import { SECOND_MS } from "../../../units/duration";
import type { Book, Decision } from "../book";
import type { LiveCall, ResolvedCall } from "./call";
import { chargeCall } from "./charge-call";
import type { CallAnswer } from "./commands";
import { expiryMs } from "./grant";
import { resolvedFrom } from "./resolved-call";

/**
 * Resolves a hold whose node has fallen silent: charged up to the last proof of life, the rest released, the call marked
 * `lost`. A settle that comes later corrects it.
 */
export function decideExpiry(book: Book, call: LiveCall): Decision<CallAnswer> {
  const lost: ResolvedCall = {
    ...resolvedFrom(book, call, { outcome: "lost", end_reason: "lost", report_fingerprint: null }),
    ended_at_ms: Math.max(call.proof_at_ms, call.answered_at_ms ?? call.proof_at_ms),
  };
  const duration_ms = call.proof_of_life_seconds * SECOND_MS;
  return chargeCall(book, { call: lost, duration_ms, kind: "call", changes: { closes_hold: true } });
}

/**
 * Lets a hold that is due live once more as long as it may: the object was away, and renewals may be waiting outside.
 * The call is marked, so that it is postponed once only.
 */
export function decidePostponement(book: Book, call: LiveCall): Decision<undefined> {
  const hold: LiveCall = {
    ...call,
    version: call.version + 1,
    expires_at_ms: expiryMs(book, call),
    postponed: true,
    written_at_ms: book.now_ms,
  };
  return { answer: undefined, changes: { hold } };
}
