import type { Book } from "../book";
import type { Rate } from "../credit/rating";
import type { CallIdentity, CallOutcome, LiveCall, ProviderCost, RejectReason, ResolvedCall } from "./call";
import { clockAtStart } from "./call-times";
import { costsAfter } from "./charge";
import type { Authorize } from "./commands";
import { requestOf } from "./idempotency";
import { isUnrated } from "./placed-call";

const NOTHING_YET = {
  reported_answered_at_ms: null,
  reported_ended_at_ms: null,
  flags: [],
  duration_ms: 0,
  billable_seconds: 0,
  fee_micros: 0,
  provider_costs: [],
  reported_provider_cost_micros: 0,
  provider_cost_micros: 0,
  charged_micros: 0,
  overrun_micros: 0,
  charged_at_ms: null,
  entry_seqs: [],
  first_receipt: null,
};

/** A call that was refused: recorded, so that a repeat gets the same answer and the customer sees it. */
export function rejectedCall(
  book: Book,
  command: Authorize,
  rate: Rate,
  reject_reason: RejectReason,
): ResolvedCall {
  return {
    ...identityOf({ ...command, rate }),
    ...NOTHING_YET,
    version: 1,
    outcome: "rejected",
    reject_reason,
    authorized: false,
    started_at_ms: book.now_ms,
    answered_at_ms: null,
    ended_at_ms: book.now_ms,
    resolved_at_ms: book.now_ms,
    end_reason: "rejected",
    granted_seconds: 0,
    held_micros: 0,
    proof_of_life_seconds: 0,
    balance_before_micros: book.posted_micros,
    balance_after_micros: book.posted_micros,
    report_fingerprint: null,
    ...requestOf(command),
    unrated: command.placed ? true : undefined,
    ...clockAtStart(book),
  };
}

/** How a live call comes to its end. */
export interface CallEnd {
  outcome: CallOutcome;
  end_reason: string | null;
  /** What resolves it, to recognise a repeat; null when no report does. */
  report_fingerprint: string | null;
}

/** A live call at the end of its life, before anything is charged for it. */
export function resolvedFrom(book: Book, call: LiveCall, end: CallEnd): ResolvedCall {
  return {
    ...identityOf(call),
    ...NOTHING_YET,
    ...end,
    version: call.version + 1,
    reject_reason: null,
    authorized: true,
    started_at_ms: call.authorized_at_ms,
    answered_at_ms: call.answered_at_ms,
    reported_answered_at_ms: call.reported_answered_at_ms ?? null,
    ended_at_ms: book.now_ms,
    resolved_at_ms: book.now_ms,
    granted_seconds: call.granted_seconds,
    held_micros: call.held_micros,
    proof_of_life_seconds: call.proof_of_life_seconds,
    reported_provider_cost_micros: call.provider_cost_micros ?? 0,
    balance_before_micros: book.posted_micros,
    balance_after_micros: book.posted_micros,
    request_digest: call.request_digest,
    unrated: isUnrated(call) || undefined,
    set_back_at_start_ms: call.set_back_at_start_ms,
  };
}

/** The end of a call that was never authorized, as its report states it. */
export interface UnauthorizedEnd {
  /** Null: never answered. */
  answered_at_ms: number | null;
  ended_at_ms: number;
  end_reason: string;
  report_fingerprint: string;
  provider_costs: ProviderCost[] | null;
}

/** A call that the ledger first hears of when it is over, before anything is charged for it. */
export function unauthorizedCall(book: Book, identity: CallIdentity, end: UnauthorizedEnd): ResolvedCall {
  const { answered_at_ms, ended_at_ms, provider_costs } = end;
  const call: ResolvedCall = {
    ...identityOf(identity),
    ...NOTHING_YET,
    version: 1,
    outcome: "settled",
    reject_reason: null,
    authorized: false,
    // A node's clock may run ahead: no call begins in a month that has not begun.
    started_at_ms: Math.min(answered_at_ms ?? ended_at_ms, book.now_ms),
    answered_at_ms,
    ended_at_ms,
    resolved_at_ms: book.now_ms,
    end_reason: end.end_reason,
    granted_seconds: 0,
    held_micros: 0,
    proof_of_life_seconds: 0,
    balance_before_micros: book.posted_micros,
    balance_after_micros: book.posted_micros,
    report_fingerprint: end.report_fingerprint,
  };
  return { ...call, ...costsAfter(call, provider_costs) };
}

function identityOf(call: CallIdentity): CallIdentity {
  const { call_id, direction, from, to, number, rate, byok, parent_call_id, is_emergency } = call;
  return {
    ...{ call_id, direction, from, to, number, rate, byok, parent_call_id: parent_call_id ?? null },
    ...(call.from_dialled !== undefined && { from_dialled: call.from_dialled }),
    ...(call.to_dialled !== undefined && { to_dialled: call.to_dialled }),
    ...(is_emergency && { is_emergency }),
  };
}
