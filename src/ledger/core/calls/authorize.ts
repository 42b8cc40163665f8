import { type Book, type Decision, spendableMicros } from "../book";
import { hasCredit, rateInForce, smallestChargeMicros } from "../credit/rating";
import { alreadySettled, conflict, noSuchRate, notFound, ownLeg } from "../refusals";
import { PROOF_OF_LIFE_TOLERANCE_MS } from "../settings";
import type { Grant, KnownCall, LiveCall, RejectReason } from "./call";
import { clockAtStart, plausibleMs, refuseDuration, reportedIfDifferent, skewOf } from "./call-times";
import { receiptOf } from "./charge";
import type { Answered, Authorize, CallAnswer, Renew, Void } from "./commands";
import { isItsOwnLeg, isOtherRequest, requestOf } from "./idempotency";
import { isUntouched, wasAnswered } from "./placed-call";
import { renewBeforeSeconds, sizeQuota, smallestHoldMicros, type Terms } from "./quota";
import { rejectedCall, resolvedFrom } from "./resolved-call";

/** The shortest time that a hold outlives its last proof of life, however small its last quota was. */
const MIN_HOLD_LIFETIME_MS = 10_000;

/** May this call start? Holds a first quota, or records the call as rejected with its reason. */
export function decideAuthorize(book: Book, known: KnownCall, command: Authorize): Decision<CallAnswer> {
  if (known.state !== "unknown") return repeatAuthorize(known, command);
  const rate = rateInForce(book.rates, command.rate_name, book.now_ms) ?? command.standard_rate;
  if (!rate) return { answer: noSuchRate(command.rate_name) };
  if (isItsOwnLeg(command)) return { answer: ownLeg() };
  const terms: Terms = { ...command, rate, elapsed_seconds: 0, provider_cost_micros: null };
  const quota = sizeQuota(
    terms,
    { granted_seconds: 0, held_micros: 0 },
    spendableMicros(book),
    book.live_calls,
    book.settings,
  );
  const reason = rejectReason(book, quota.granted_seconds, terms);
  if (reason) {
    const call = rejectedCall(book, command, rate, reason);
    return { answer: { outcome: "rejected", call_id: call.call_id, reason }, changes: { resolved: call } };
  }
  const hold: LiveCall = {
    call_id: command.call_id,
    version: 1,
    direction: command.direction,
    from: command.from,
    to: command.to,
    number: command.number,
    rate,
    byok: command.byok,
    expected_provider_micros_per_minute: command.expected_provider_micros_per_minute,
    max_duration_seconds: command.max_duration_seconds,
    parent_call_id: command.parent_call_id,
    node: command.node,
    authorized_at_ms: book.now_ms,
    answered_at_ms: null,
    ...quota,
    request_number: 0,
    renew_fingerprint: "",
    elapsed_seconds: 0,
    proof_of_life_seconds: 0,
    proof_at_ms: book.now_ms,
    provider_cost_micros: null,
    expires_at_ms: book.now_ms + book.settings.ring_seconds * 1_000,
    postponed: false,
    attempt_id: command.placed?.attempt_id,
    ...requestOf(command),
    ...clockAtStart(book),
  };
  return { answer: grantAnswer(hold), changes: { hold } };
}

/** The call was answered. The first report wins; a repeat answers the present grant. */
export function decideAnswered(book: Book, known: KnownCall, command: Answered): Decision<CallAnswer> {
  if (known.state === "unknown") return { answer: notFound() };
  if (known.state === "resolved") return { answer: alreadySettled(known.call) };
  const { call } = known;
  if (call.answered_at_ms !== null) return { answer: grantAnswer(call) };
  const { authorized_at_ms } = call;
  const told_ms = command.answered_at_ms;
  const answered_at_ms = plausibleMs(book, authorized_at_ms, told_ms ?? book.now_ms);
  const hold: LiveCall = {
    ...call,
    version: call.version + 1,
    answered_at_ms,
    reported_answered_at_ms: reportedIfDifferent(told_ms, answered_at_ms),
    proof_at_ms: book.now_ms,
    expires_at_ms: book.now_ms + holdLifetimeMs(call.granted_seconds, call.elapsed_seconds),
    postponed: false,
  };
  const skew = skewOf(book, command, authorized_at_ms, [told_ms]);
  return { answer: grantAnswer(hold), changes: { hold, skew } };
}

/** The call lives: records its proof of life and extends its quota, or says that it has its last. */
export function decideRenew(book: Book, known: KnownCall, command: Renew): Decision<CallAnswer> {
  if (known.state === "unknown") return { answer: notFound() };
  if (known.state === "resolved") return { answer: alreadySettled(known.call) };
  const { call } = known;
  const fingerprint = JSON.stringify([command.elapsed_seconds, command.provider_cost_micros]);
  if (command.request_number === call.request_number)
    return {
      answer: fingerprint === call.renew_fingerprint ? grantAnswer(call) : conflict("request_number"),
    };
  if (command.request_number < call.request_number)
    return {
      answer: {
        outcome: "refused",
        code: "stale_request",
        message: `This call has already been renewed with request_number ${call.request_number}.`,
      },
    };
  const alive_ms = book.now_ms - call.authorized_at_ms;
  const begun = { ...call, started_at_ms: call.authorized_at_ms, authorized: true };
  const refused = refuseDuration(book, begun, command.elapsed_seconds * 1_000, "elapsed_seconds");
  if (refused) return { answer: refused };
  const hold = renewedHold(book, call, command, fingerprint, alive_ms);
  return { answer: grantAnswer(hold), changes: { hold } };
}

/** The call was never answered: its hold goes and nothing is charged. */
export function decideVoid(book: Book, known: KnownCall, command: Void): Decision<CallAnswer> {
  if (known.state === "unknown") return { answer: notFound() };
  const fingerprint = JSON.stringify(["void", command.end_reason]);
  if (known.state === "resolved") {
    const { call } = known;
    if (call.outcome !== "voided") return { answer: alreadySettled(call) };
    if (call.report_fingerprint !== fingerprint) return { answer: conflict("call_id") };
    return { answer: { outcome: "receipt", receipt: receiptOf(call) } };
  }
  const { call } = known;
  const { attempt_id } = command;
  if (attempt_id !== undefined && (attempt_id !== call.attempt_id || !isUntouched(call)))
    return { answer: conflict("call_id") };
  if (wasAnswered(call))
    return {
      answer: {
        outcome: "refused",
        code: "call_answered",
        message: "This call was answered. Settle it with its duration instead.",
      },
    };
  const resolved = resolvedFrom(book, call, "voided", command.end_reason, fingerprint);
  return {
    answer: { outcome: "receipt", receipt: receiptOf(resolved) },
    changes: { resolved, closes_hold: true },
  };
}

function repeatAuthorize(
  known: Exclude<KnownCall, { state: "unknown" }>,
  command: Authorize,
): Decision<CallAnswer> {
  const { call } = known;
  if (isOtherRequest(call, command)) return { answer: conflict("call_id") };
  if (known.state === "live") return { answer: grantAnswer(known.call) };
  const { outcome, reject_reason } = known.call;
  // A call that was placed and then refused to its node is void: the customer is told ever after that it was placed.
  if (reject_reason && (outcome === "rejected" || (outcome === "voided" && !command.placed)))
    return { answer: { outcome: "rejected", call_id: call.call_id, reason: reject_reason } };
  return { answer: alreadySettled(known.call) };
}

/** Why a call may not start on a quota that was sized for it, null when it may. */
export function rejectReason(book: Book, granted_seconds: number, terms: Terms): RejectReason | null {
  if (book.state === "suspended") return "organization_suspended";
  if (book.state === "closed") return "organization_closed";
  if (granted_seconds > 0) return null;
  const expected_micros = smallestHoldMicros(terms) - smallestChargeMicros(terms.rate);
  return hasCredit(book.remaining_micros, terms.rate, expected_micros)
    ? "credit_in_use"
    : "insufficient_credits";
}

function renewedHold(
  book: Book,
  call: LiveCall,
  command: Renew,
  fingerprint: string,
  alive_ms: number,
): LiveCall {
  const elapsed_seconds = Math.max(call.elapsed_seconds, command.elapsed_seconds);
  const vouched = Math.floor((alive_ms + PROOF_OF_LIFE_TOLERANCE_MS) / 1_000);
  const provider_cost_micros =
    command.provider_cost_micros === null
      ? call.provider_cost_micros
      : Math.max(command.provider_cost_micros, call.provider_cost_micros ?? 0);
  const terms: Terms = { ...call, elapsed_seconds, provider_cost_micros };
  const quota =
    book.state === "active"
      ? sizeQuota(terms, call, spendableMicros(book), book.live_calls, book.settings)
      : { granted_seconds: call.granted_seconds, held_micros: call.held_micros, final_unit: true };
  const life_ms =
    elapsed_seconds > 0 || call.answered_at_ms !== null
      ? holdLifetimeMs(quota.granted_seconds, elapsed_seconds)
      : book.settings.ring_seconds * 1_000;
  return {
    ...call,
    ...quota,
    version: call.version + 1,
    answered_at_ms:
      call.answered_at_ms ??
      (elapsed_seconds > 0
        ? plausibleMs(book, call.authorized_at_ms, book.now_ms - elapsed_seconds * 1_000)
        : null),
    request_number: command.request_number,
    renew_fingerprint: fingerprint,
    elapsed_seconds,
    proof_of_life_seconds: Math.max(call.proof_of_life_seconds, Math.min(elapsed_seconds, vouched)),
    proof_at_ms: book.now_ms,
    provider_cost_micros,
    expires_at_ms: book.now_ms + life_ms,
    postponed: false,
  };
}

/** A hold lives twice as long as its quota still lasts (RFC 8506, section 13: Tcc is twice the Validity-Time). */
export function holdLifetimeMs(granted_seconds: number, elapsed_seconds: number): number {
  return Math.max(2 * (granted_seconds - elapsed_seconds) * 1_000, MIN_HOLD_LIFETIME_MS);
}

/** The answer of authorize, answered and renew: the call's present right to run. */
export function grantAnswer(call: LiveCall): CallAnswer {
  const grant: Grant = {
    call_id: call.call_id,
    from: call.from,
    granted_seconds: call.granted_seconds,
    renew_before_seconds: renewBeforeSeconds(call.granted_seconds, call.elapsed_seconds),
    valid_for_seconds: Math.max(0, call.granted_seconds - call.elapsed_seconds),
    final_unit: call.final_unit,
    rate: call.rate,
    answered_at_ms: call.answered_at_ms,
    attempt_id: call.attempt_id,
  };
  return { outcome: "granted", grant };
}
