import type { Book, Decision } from "../book";
import { hasCreditToCall, type Rate, smallestChargeMicros } from "../credit/rating";
import { alreadySettled, conflict, noSuchRate, ownLeg } from "../refusals";
import type { KnownCall, LiveCall, RejectReason, ResolvedCall } from "./call";
import { callRate, chargedRateName } from "./call-rate";
import { clockAtStart } from "./call-times";
import type { Authorize, CallAnswer } from "./commands";
import { EMERGENCY_QUOTA, EMERGENCY_RATE } from "./emergency";
import { expiryMs, grantAnswer } from "./grant";
import { isItsOwnLeg, isOtherRequest, requestOf } from "./idempotency";
import { NOTHING_GRANTED, type Quota, sizeQuota, smallestHoldMicros, type Terms } from "./quota";
import { rejectedCall } from "./resolved-call";

/**
 * May this call start? Holds a first quota, or records the call as rejected with its reason. A repeat answers what stands:
 * the present grant, or the same rejection even after credit was added. A call for help is granted all there is, always.
 * Refuses with `invalid` (a rate that does not exist, a leg of itself), `idempotency_conflict` and `call_already_settled`.
 */
export function decideAuthorize(book: Book, known: KnownCall, command: Authorize): Decision<CallAnswer> {
  if (known.state !== "unknown") return { answer: repeatedAuthorize(known, command) };
  if (command.is_emergency) return authorizeEmergency(book, command);
  const rate = callRate(book, command, book.now_ms);
  if (!rate) return { answer: noSuchRate(chargedRateName(command)) };
  if (isItsOwnLeg(command)) return { answer: ownLeg() };
  if (command.by_destination?.blocked)
    return rejected(rejectedCall(book, command, rate, "destination_blocked"));
  const terms: Terms = { ...command, rate, elapsed_seconds: 0, provider_cost_micros: null };
  const quota = sizeQuota(book, terms, NOTHING_GRANTED);
  const reason = rejectReason(book, quota.granted_seconds, terms);
  if (reason) return rejected(rejectedCall(book, command, rate, reason));
  const hold = newHold(book, command, { rate, quota });
  return { answer: grantAnswer(hold), changes: { hold } };
}

function rejected(call: ResolvedCall): Decision<CallAnswer> {
  return { answer: rejectionOf(call), changes: { resolved: call } };
}

/** What is answered of a call that was refused, the first time and each time again. */
export function rejectionOf({ call_id, reject_reason, rate }: ResolvedCall): CallAnswer {
  const reason = reject_reason ?? "insufficient_credits";
  const { destination } = rate;
  return { outcome: "rejected", call_id, reason, ...(destination && { destination }) };
}

/** A call for help: no rate, no credit and no state of the organization is asked for. */
function authorizeEmergency(book: Book, command: Authorize): Decision<CallAnswer> {
  const asked: Authorize = {
    ...command,
    parent_call_id: isItsOwnLeg(command) ? null : command.parent_call_id,
    expected_provider_micros_per_minute: 0,
    max_duration_seconds: null,
    quota_seconds: undefined,
  };
  const begun = newHold(book, asked, { rate: EMERGENCY_RATE, quota: EMERGENCY_QUOTA });
  const hold: LiveCall = { ...begun, ...requestOf(command) };
  return { answer: grantAnswer(hold), changes: { hold } };
}

function newHold(book: Book, command: Authorize, { rate, quota }: { rate: Rate; quota: Quota }): LiveCall {
  const call: LiveCall = {
    call_id: command.call_id,
    version: 1,
    direction: command.direction,
    from: command.from,
    to: command.to,
    number: command.number,
    from_dialled: command.from_dialled,
    to_dialled: command.to_dialled,
    rate,
    byok: command.byok,
    expected_provider_micros_per_minute: command.expected_provider_micros_per_minute,
    max_duration_seconds: command.max_duration_seconds,
    quota_seconds: command.quota_seconds,
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
    expires_at_ms: book.now_ms,
    postponed: false,
    attempt_id: command.placed?.attempt_id,
    is_emergency: command.is_emergency,
    ...requestOf(command),
    ...clockAtStart(book),
  };
  return { ...call, expires_at_ms: expiryMs(book, call) };
}

/** What an authorize of a call_id that is known already answers. */
function repeatedAuthorize(known: Exclude<KnownCall, { state: "unknown" }>, command: Authorize): CallAnswer {
  const { call } = known;
  if (isOtherRequest(call, command)) return conflict("call_id");
  if (known.state === "live") return grantAnswer(known.call);
  const { outcome, reject_reason } = known.call;
  // A call that was placed and then refused to its node is void: the customer's repeats keep answering that it was placed.
  if (reject_reason && (outcome === "rejected" || (outcome === "voided" && !command.placed)))
    return rejectionOf(known.call);
  return alreadySettled(known.call);
}

/**
 * Why a call may not start on a quota that was sized for it, null when it may: there is no credit to call with
 * (`insufficient_credits`), or there is and live calls hold it (`credit_in_use`).
 */
export function rejectReason(book: Book, granted_seconds: number, terms: Terms): RejectReason | null {
  if (book.state === "suspended") return "organization_suspended";
  if (book.state === "closed") return "organization_closed";
  if (granted_seconds > 0) return null;
  const expected_micros = smallestHoldMicros(terms) - smallestChargeMicros(terms.rate);
  return hasCreditToCall(terms.rate, book.remaining_micros, expected_micros)
    ? "credit_in_use"
    : "insufficient_credits";
}
