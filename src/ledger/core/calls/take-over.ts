import type { Book, Decision } from "../book";
import { conflict, noSuchRate, ownLeg } from "../refusals";
import { rejectionOf, rejectReason } from "./authorize";
import type { KnownCall, LiveCall, RejectReason, ResolvedCall } from "./call";
import { callRate, chargedRateName } from "./call-rate";
import type { Authorize, CallAnswer } from "./commands";
import { expiryMs, grantAnswer } from "./grant";
import { isItsOwnLeg, isOtherCall, nodeTerms } from "./idempotency";
import { isUnrated, wasAnswered } from "./placed-call";
import { holdMicros, type Quota, sizeQuota, type Terms } from "./quota";
import { type CallEnd, resolvedFrom } from "./resolved-call";

/** The call that a node takes over with its first authorize: a customer has placed it, and no node has spoken of it. */
export function placedCallOf(known: KnownCall, command: Authorize): LiveCall | undefined {
  return known.state === "live" && !command.placed && isUnrated(known.call) ? known.call : undefined;
}

/**
 * A node says how a call is charged that a customer has placed. Nothing that sets a price comes from a customer, so the
 * call was held at the voice rate: now its grant is sized on the node's terms, as if that hold had never been. What the
 * credit does not cover is voided. A call that was answered before goes on for as long as it is covered.
 */
export function decideTakeOver(book: Book, call: LiveCall, command: Authorize): Decision<CallAnswer> {
  if (isOtherCall(call, command)) return { answer: conflict("call_id") };
  if (isItsOwnLeg(command)) return { answer: ownLeg() };
  const rate = callRate(book, command, book.now_ms);
  if (!rate) return { answer: noSuchRate(chargedRateName(command)) };
  const terms: Terms = {
    ...call,
    rate,
    expected_provider_micros_per_minute: command.expected_provider_micros_per_minute,
    max_duration_seconds: smaller(call.max_duration_seconds, command.max_duration_seconds),
    quota_seconds: command.quota_seconds,
  };
  const without: Book = {
    ...book,
    held_micros: book.held_micros - call.held_micros,
    live_calls: book.live_calls - 1,
  };
  const sized = sizeQuota(without, terms, { granted_seconds: call.elapsed_seconds, held_micros: 0 });
  const quota = book.state === "active" ? sized : cappedQuota(call.granted_seconds, sized, terms);
  const { byok, node, parent_call_id, quota_seconds } = command;
  const node_terms = nodeTerms(command);
  const rated: LiveCall = { ...call, rate, byok, node, parent_call_id, quota_seconds, node_terms };
  const refused = command.by_destination?.blocked
    ? "destination_blocked"
    : rejectReason(without, quota.granted_seconds, terms);
  const reason = wasAnswered(call) ? null : refused;
  if (reason) return voidedByTerms(book, rated, reason);
  const { expected_provider_micros_per_minute, max_duration_seconds } = terms;
  const hold: LiveCall = {
    ...rated,
    ...quota,
    version: call.version + 1,
    number: command.number ?? call.number,
    expected_provider_micros_per_minute,
    max_duration_seconds,
    postponed: false,
    written_at_ms: book.now_ms,
  };
  hold.expires_at_ms = expiryMs(book, hold);
  return { answer: grantAnswer(hold), changes: { hold } };
}

/** The credit does not cover the call on its node's terms: it is void, and the answer to its node is a rejection. */
function voidedByTerms(book: Book, call: LiveCall, reason: RejectReason): Decision<CallAnswer> {
  // Nothing was held for it at these terms: should it run all the same, all of it is overrun.
  const without_hold: LiveCall = { ...call, granted_seconds: 0, held_micros: 0 };
  const end: CallEnd = { outcome: "voided", end_reason: reason, report_fingerprint: null };
  const resolved: ResolvedCall = {
    ...resolvedFrom(book, without_hold, end),
    reject_reason: reason,
    node_terms: call.node_terms,
  };
  return { answer: rejectionOf(resolved), changes: { resolved, closes_hold: true } };
}

/** An organization that may not call any more has its live calls go on for as long as they were granted, and no longer. */
function cappedQuota(seconds: number, sized: Quota, terms: Terms): Quota {
  const granted_seconds = Math.min(sized.granted_seconds, seconds);
  const held_micros = Math.min(sized.held_micros, holdMicros(terms, granted_seconds));
  return { granted_seconds, held_micros, final_unit: true };
}

function smaller(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
