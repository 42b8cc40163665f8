import type { Correct, RatedParties, Settle } from "../../../src/ledger/core/calls/commands";
import { MAX_REPORT_AGE_MS } from "../../../src/ledger/core/settings";
import { settleAgain } from "./again";
import { body, type Expected, type ModelBook, receipt, refused, TOLERANCE_MS, tooLong } from "./book";
import { hearCosts, type ModelCall, newCall, receiptOf } from "./call";
import { correctTimes, hearTimes } from "./times";

const UNAUTHORIZED_PER_HOUR = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function settle(book: ModelBook, command: Settle, now_ms: number): Expected {
  const call = book.calls.get(command.call_id);
  if (!call) return settleUnknown(book, command, now_ms);
  const told = command.unauthorized;
  let rated: Partial<ModelCall> = {};
  if (told && (told.from !== call.from || told.to !== call.to || told.direction !== call.direction))
    return refused("idempotency_conflict");
  if (told && awaitsRate(call)) {
    const rate = book.rateAt(told.rate_name, told.standard_rate, call.started_at_ms);
    if (!rate) return refused("invalid", { param: "rate" });
    rated = { rate, rate_name: told.rate_name, byok: told.byok };
  }
  const reported = call.phase === "settled" || call.phase === "parked";
  if (reported && told && ratedByReport(call) && !sameRate(call, told))
    return refused("idempotency_conflict");
  if (reported) return settleAgain(book, call, command, now_ms);
  if (tooLong(call, command.duration_ms, now_ms)) return refused("invalid", { param: "duration_ms" });
  const kind = call.phase === "live" ? "call" : "correction";
  Object.assign(call, rated);
  hearTimes(call, command, now_ms);
  hearCosts(call, command.provider_costs);
  Object.assign(call, { phase: "settled", end_reason: command.end_reason, first_report: command });
  book.charge(call, kind, command.duration_ms, now_ms);
  call.first_receipt = receiptOf(call);
  return receipt(call);
}

function settleUnknown(book: ModelBook, command: Settle, now_ms: number): Expected {
  const told = command.unauthorized;
  if (!told) return refused("missing_field", { param: "direction" });
  const ended_at_ms = command.ended_at_ms;
  if (ended_at_ms === null) return refused("missing_field", { param: "ended_at" });
  if (ended_at_ms > now_ms + DAY_MS || ended_at_ms < now_ms - MAX_REPORT_AGE_MS)
    return refused("invalid", { param: "ended_at" });
  if (ended_at_ms > now_ms + TOLERANCE_MS) return refused("too_soon", { param: "ended_at" });
  if (command.duration_ms > DAY_MS) return refused("invalid", { param: "duration_ms" });
  const answered_at_ms = command.answered_at_ms ?? ended_at_ms - command.duration_ms;
  if (answered_at_ms > ended_at_ms || answered_at_ms < ended_at_ms - DAY_MS - TOLERANCE_MS)
    return refused("invalid", { param: "answered_at" });
  if (Math.abs(ended_at_ms - command.duration_ms - answered_at_ms) > TOLERANCE_MS)
    return refused("invalid", { param: "duration_ms" });
  const rate = book.rateAt(told.rate_name, told.standard_rate, answered_at_ms);
  if (!rate) return refused("invalid", { param: "rate" });
  const terms = { expected_provider_micros_per_minute: 0, max_duration_seconds: null };
  const started_at_ms = Math.min(answered_at_ms, now_ms);
  const call = newCall({ ...told, ...terms, call_id: command.call_id }, rate, started_at_ms);
  Object.assign(call, {
    authorized: false,
    answered_at_ms: command.answered_at_ms === null && command.duration_ms === 0 ? null : answered_at_ms,
    ended_at_ms,
    end_reason: command.end_reason,
    first_report: command,
    phase: "settled",
  });
  hearCosts(call, command.provider_costs);
  book.calls.set(call.call_id, call);
  const slot = `${command.edge_key_id} ${Math.floor(now_ms / HOUR_MS)}`;
  const before = book.unauthorized.get(slot) ?? 0;
  book.unauthorized.set(slot, before + 1);
  if (before >= UNAUTHORIZED_PER_HOUR) park(book, call, command);
  else book.charge(call, "call", command.duration_ms, now_ms);
  call.first_receipt = receiptOf(call);
  return receipt(call);
}

function park(book: ModelBook, call: ModelCall, command: Settle): void {
  call.phase = "parked";
  call.duration_ms = command.duration_ms;
  call.balance_before = call.balance_after = book.posted_micros;
}

export function correct(book: ModelBook, command: Correct, now_ms: number): Expected {
  const scope = JSON.stringify([command.call_id, command.correction_id]);
  const earlier = book.corrections.get(scope);
  if (earlier) return earlier.body === body(command) ? earlier.answer : refused("idempotency_conflict");
  const call = book.calls.get(command.call_id);
  if (!call) return refused("not_found");
  if (call.phase === "live" || call.phase === "rejected" || call.phase === "parked")
    return refused("call_not_settled");
  if (tooLong(call, command.duration_ms, now_ms)) return refused("invalid", { param: "duration_ms" });
  call.phase = "settled";
  correctTimes(call, command.duration_ms, now_ms);
  book.charge(call, "correction", command.duration_ms, now_ms);
  const answer = receipt(call);
  book.corrections.set(scope, { body: body(command), answer });
  return answer;
}

/** A call that nobody had asked about: its report alone says at what rate it is charged. */
function ratedByReport(call: ModelCall): boolean {
  return isPlacedOnly(call) || (!call.authorized && call.reject_reason === null);
}

/** A customer has placed it, and no node has said at its beginning what it costs. */
function isPlacedOnly({ request_digest, node_terms }: ModelCall): boolean {
  return request_digest !== undefined && node_terms === undefined;
}

function awaitsRate(call: ModelCall): boolean {
  return isPlacedOnly(call) && call.phase !== "settled";
}

function sameRate(call: ModelCall, told: RatedParties): boolean {
  const same_keys = JSON.stringify([...call.byok].sort()) === JSON.stringify([...told.byok].sort());
  return call.rate_name === told.rate_name && same_keys;
}
