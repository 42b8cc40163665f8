import type { RejectReason } from "../../../src/ledger/core/calls/call";
import type { Answered, Authorize, Renew, Void } from "../../../src/ledger/core/calls/commands";
import { body, type Expected, type ModelBook, receipt, refused, tooLong } from "./book";
import { grantOf, type ModelCall, newCall, receiptOf } from "./call";
import { modelHold, modelQuota, smallestGrant } from "./rating";
import { moved } from "./times";

const RING_MS = 180_000;
const SHORTEST_LIFE_MS = 10_000;

export function authorize(book: ModelBook, command: Authorize, now_ms: number): Expected {
  const known = book.calls.get(command.call_id);
  if (known) return authorizeAgain(book, known, command, now_ms);
  const rate = book.rateAt(command.rate_name, command.standard_rate, now_ms);
  if (!rate) return refused("invalid", { param: "rate" });
  const call = newCall(command, rate, now_ms);
  if (command.placed) call.request_digest = command.placed.request_digest;
  else call.node_terms = termsOf(command);
  const quota = modelQuota(call, book.spendable_micros, book.live.length);
  const reason = reasonToReject(book, call, quota.granted_seconds, now_ms);
  if (reason) {
    Object.assign(call, {
      phase: "rejected",
      authorized: false,
      reject_reason: reason,
      end_reason: undefined,
    });
    Object.assign(call, { balance_before: book.posted_micros, balance_after: book.posted_micros });
    book.calls.set(call.call_id, call);
    return { outcome: "rejected", call_id: call.call_id, reason };
  }
  Object.assign(call, quota);
  call.expires_at_ms = now_ms + lifeMs(call);
  book.calls.set(call.call_id, call);
  return { outcome: "granted", grant: grantOf(call) };
}

function authorizeAgain(book: ModelBook, known: ModelCall, command: Authorize, now_ms: number): Expected {
  const by_customers = command.placed !== undefined && known.request_digest !== undefined;
  const same = by_customers
    ? known.request_digest === command.placed?.request_digest
    : known.from === command.from && known.to === command.to && known.direction === command.direction;
  if (!same) return refused("idempotency_conflict");
  if (!command.placed && awaitsNode(known)) return takeOver(book, known, command, now_ms);
  // Of a call that is over, only the terms that it was refused at are still known.
  const terms_known = known.phase === "live" || known.reject_reason !== null;
  if (!command.placed && terms_known && (known.node_terms ?? termsOf(command)) !== termsOf(command))
    return refused("idempotency_conflict");
  if (known.phase === "live") return { outcome: "granted", grant: grantOf(known) };
  if (known.phase === "rejected" || (known.reject_reason && known.phase === "voided" && !command.placed))
    return { outcome: "rejected", call_id: command.call_id, reason: known.reject_reason };
  return refused("call_already_settled", { receipt: receiptOf(known) });
}

/** A customer's call that no node has said the price of. */
function awaitsNode(call: ModelCall): boolean {
  return call.phase === "live" && call.request_digest !== undefined && call.node_terms === undefined;
}

/** The node's terms take the place of the voice rate, as if the call began with them. */
function takeOver(book: ModelBook, call: ModelCall, command: Authorize, now_ms: number): Expected {
  const rate = book.rateAt(command.rate_name, command.standard_rate, now_ms);
  if (!rate) return refused("invalid", { param: "rate" });
  const limits = [call.max_duration_seconds, command.max_duration_seconds].filter((limit) => limit !== null);
  const answered = call.answered_at_ms !== null || call.elapsed_seconds > 0;
  const granted_before = call.granted_seconds;
  Object.assign(call, {
    rate,
    rate_name: command.rate_name,
    byok: command.byok,
    node_terms: termsOf(command),
    expected_provider_micros_per_minute: command.expected_provider_micros_per_minute,
    max_duration_seconds: limits.length === 0 ? null : Math.min(...limits),
    quota_seconds: command.quota_seconds,
    held_micros: 0,
    granted_seconds: call.elapsed_seconds,
  });
  const quota = modelQuota(call, book.spendable_micros, book.live.length - 1);
  const reason = answered ? null : reasonToReject(book, call, quota.granted_seconds, now_ms);
  if (reason) {
    Object.assign(call, { phase: "voided", reject_reason: reason, end_reason: reason, ended_at_ms: now_ms });
    call.balance_before = call.balance_after = book.posted_micros;
    return { outcome: "rejected", call_id: call.call_id, reason };
  }
  if (book.state !== "active") {
    quota.granted_seconds = Math.min(quota.granted_seconds, granted_before);
    quota.held_micros = Math.min(quota.held_micros, modelHold(call, quota.granted_seconds));
    quota.final_unit = true;
  }
  Object.assign(call, quota, { number: command.number ?? call.number, postponed: false });
  call.expires_at_ms = now_ms + lifeMs(call);
  return { outcome: "granted", grant: grantOf(call) };
}

/** How a node wants its call charged. */
function termsOf(command: Authorize): string {
  const { rate_name, byok, expected_provider_micros_per_minute, max_duration_seconds, quota_seconds } =
    command;
  return body({
    rate_name,
    byok: [...byok].sort(),
    expected_provider_micros_per_minute,
    max_duration_seconds,
    quota_seconds,
  });
}

/** Credit that calls hold and have not used is there; what they have used is not, though it is posted later. */
function reasonToReject(
  book: ModelBook,
  call: ModelCall,
  granted_seconds: number,
  now_ms: number,
): RejectReason | null {
  if (book.state === "suspended") return "organization_suspended";
  if (book.state === "closed") return "organization_closed";
  if (granted_seconds > 0) return null;
  const limit = call.max_duration_seconds ?? Number.POSITIVE_INFINITY;
  const smallest_hold = modelHold(call, Math.min(smallestGrant(call.rate), limit));
  return book.account(now_ms).remaining_micros >= smallest_hold ? "credit_in_use" : "insufficient_credits";
}

export function answered(book: ModelBook, command: Answered, now_ms: number): Expected {
  const call = book.calls.get(command.call_id);
  if (!call) return refused("not_found");
  if (call.phase !== "live") return refused("call_already_settled", { receipt: receiptOf(call) });
  if (call.answered_at_ms === null) {
    const told_ms = command.answered_at_ms ?? now_ms;
    call.answered_at_ms = moved(call, told_ms, now_ms);
    call.reported_answered_at_ms = call.answered_at_ms === told_ms ? null : told_ms;
    call.expires_at_ms = now_ms + lifeMs(call);
    call.postponed = false;
  }
  return { outcome: "granted", grant: grantOf(call) };
}

export function renew(book: ModelBook, command: Renew, now_ms: number): Expected {
  const call = book.calls.get(command.call_id);
  if (!call) return refused("not_found");
  if (call.phase !== "live") return refused("call_already_settled", { receipt: receiptOf(call) });
  if (command.request_number < call.request_number) return refused("stale_request");
  if (command.request_number === call.request_number)
    return call.renew_body === body(command)
      ? { outcome: "granted", grant: grantOf(call) }
      : refused("idempotency_conflict");
  if (tooLong(call, command.elapsed_seconds * 1_000, now_ms))
    return refused("invalid", { param: "elapsed_seconds" });
  call.request_number = command.request_number;
  call.renew_body = body(command);
  hearElapsed(call, command, now_ms);
  const quota = modelQuota(call, book.spendable_micros, book.live.length);
  if (book.state !== "active") {
    quota.granted_seconds = call.granted_seconds;
    quota.held_micros = call.held_micros;
    quota.final_unit = true;
  }
  Object.assign(call, quota);
  call.expires_at_ms = now_ms + lifeMs(call);
  call.postponed = false;
  return { outcome: "granted", grant: grantOf(call) };
}

function hearElapsed(call: ModelCall, command: Renew, now_ms: number): void {
  if (command.elapsed_seconds > 0) call.answered_at_ms ??= now_ms - command.elapsed_seconds * 1_000;
  call.elapsed_seconds = Math.max(call.elapsed_seconds, command.elapsed_seconds);
  if (command.provider_cost_micros !== null)
    call.provider_cost_micros = Math.max(call.provider_cost_micros ?? 0, command.provider_cost_micros);
  call.reported_provider_micros = call.provider_cost_micros ?? 0;
  const vouched = Math.floor((now_ms - call.started_at_ms + 5_000) / 1_000);
  call.proof_of_life_seconds = Math.max(call.proof_of_life_seconds, Math.min(call.elapsed_seconds, vouched));
}

export function voidCall(book: ModelBook, command: Void, now_ms: number): Expected {
  const call = book.calls.get(command.call_id);
  if (!call) return refused("not_found");
  if (call.phase === "voided")
    return call.report_body === body(command) ? receipt(call) : refused("idempotency_conflict");
  if (call.phase !== "live") return refused("call_already_settled", { receipt: receiptOf(call) });
  if (call.answered_at_ms !== null || call.elapsed_seconds > 0) return refused("call_answered");
  Object.assign(call, { phase: "voided", end_reason: command.end_reason, ended_at_ms: now_ms });
  call.balance_before = call.balance_after = book.posted_micros;
  call.report_body = body(command);
  return receipt(call);
}

/** What an alarm does to one due hold. Which of several goes first is nobody's business. */
export function expire(book: ModelBook, call: ModelCall, late: boolean, now_ms: number): void {
  if (late && !call.postponed) {
    call.postponed = true;
    call.expires_at_ms = now_ms + lifeMs(call);
    return;
  }
  call.phase = "lost";
  call.end_reason = "lost";
  book.charge(call, "call", call.proof_of_life_seconds * 1_000, now_ms);
}

/** How long a hold lives after it was last heard of: one that was asked for at once also rings and then runs out. */
function lifeMs(call: ModelCall): number {
  if (call.quota_seconds !== undefined)
    return RING_MS + 1_000 * Math.max(0, call.granted_seconds - call.elapsed_seconds);
  if (call.answered_at_ms === null) return RING_MS;
  return Math.max(2_000 * Math.max(0, call.granted_seconds - call.elapsed_seconds), SHORTEST_LIFE_MS);
}
