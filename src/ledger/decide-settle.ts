import { refuseDuration, refuseTimes, timesOf } from "./call-times";
import { platformCostMicros, receiptOf } from "./charge";
import type { CallAnswer, Settle } from "./commands";
import { settleUnheard } from "./decide-unheard";
import type { Book, Decision } from "./decision";
import { post } from "./post-charge";
import { conflict, notFound } from "./refusals";
import { isOtherCall, repeatSettle } from "./repeats";
import { resolvedFrom } from "./resolve";
import type { KnownCall, LiveCall, ResolvedCall } from "./types";

/** The call is over: posts what it really cost and releases the rest, once, whatever the ledger knew of it. */
export function decideSettle(book: Book, known: KnownCall, command: Settle): Decision<CallAnswer> {
  const fingerprint = JSON.stringify([
    command.duration_ms,
    command.end_reason,
    command.answered_at_ms,
    command.ended_at_ms,
    command.provider_costs,
  ]);
  if (known.state === "unknown") return settleUnheard(book, command, fingerprint);
  if (command.unauthorized && isOtherCall(known.call, command.unauthorized))
    return { answer: conflict("call_id") };
  if (known.state === "resolved" && (known.call.outcome === "settled" || known.call.outcome === "parked"))
    return { answer: repeatSettle(known.call, command, fingerprint) };
  const started_at_ms = startOf(known);
  const refused =
    refuseDuration(book, started_at_ms, command.duration_ms) ?? refuseTimes(book, started_at_ms, command);
  if (refused) return { answer: refused };
  const live = known.state === "live";
  const ended: ResolvedCall = {
    ...(live ? resolvedFrom(book, known.call, "settled", null, null) : known.call),
    version: known.call.version + 1,
    outcome: "settled",
    end_reason: command.end_reason,
    report_fingerprint: fingerprint,
    first_receipt: null,
    provider_costs: command.provider_costs,
    ...timesOf(book, known.call.answered_at_ms, command),
  };
  const cost_micros = platformCostMicros(command.provider_costs, ended.byok);
  return post(book, ended, command.duration_ms, cost_micros, live ? "call" : "correction", {
    releases: live,
  });
}

/** A hold whose node has fallen silent: charged up to the last proof of life, the rest released. */
export function decideExpiry(book: Book, call: LiveCall): Decision<CallAnswer> {
  const lost: ResolvedCall = {
    ...resolvedFrom(book, call, "lost", "lost", null),
    ended_at_ms: call.proof_at_ms,
  };
  return post(book, lost, call.proof_of_life_seconds * 1_000, call.provider_cost_micros ?? 0, "call", {
    releases: true,
  });
}

/** An operator accepts a parked call: it is charged as reported. A call that is not parked answers its receipt. */
export function decideRelease(book: Book, known: KnownCall): Decision<CallAnswer> {
  if (known.state !== "resolved") return { answer: notFound() };
  const { call } = known;
  if (call.outcome !== "parked") return { answer: { outcome: "receipt", receipt: receiptOf(call) } };
  const cost_micros = platformCostMicros(call.provider_costs, call.byok);
  const settled: ResolvedCall = { ...call, version: call.version + 1, outcome: "settled" };
  return post(book, settled, call.duration_ms, cost_micros, "call", {});
}

function startOf(known: Exclude<KnownCall, { state: "unknown" }>): number {
  return known.state === "live" ? known.call.authorized_at_ms : known.call.started_at_ms;
}
