import { HOUR_MS, monthOf } from "../units/duration";
import { chargeFor, platformCostMicros, receiptOf } from "./charge";
import type { CallAnswer, Correct, Settle, RatedParties } from "./commands";
import type { Book, Changes, Decision, NewEntry } from "./decision";
import { rateInForce } from "./rating";
import { isOtherCall, repeatSettle } from "./repeats";
import { conflict, invalid, notFound } from "./refusals";
import { resolvedFrom, unheardCall } from "./resolve";
import { MAX_CALL_MS, MAX_REPORT_AGE_MS } from "./settings";
import type { KnownCall, LiveCall, ResolvedCall } from "./types";

const LEFT =
  "ended_at lies in a time whose calls are no longer kept: this one may have been charged already, and is not charged again.";

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

/** The node's records say otherwise: posts the difference to a call that was settled or lost. */
export function decideCorrect(
  book: Book,
  known: KnownCall,
  command: Correct,
  earlier: { fingerprint: string; answer: unknown } | undefined,
): Decision<CallAnswer> {
  const fingerprint = JSON.stringify([command.duration_ms, command.reason]);
  if (earlier)
    return earlier.fingerprint === fingerprint
      ? { answer: earlier.answer as CallAnswer }
      : { answer: conflict("correction_id") };
  if (known.state === "unknown") return { answer: notFound() };
  if (known.state === "live" || known.call.outcome === "parked" || known.call.outcome === "rejected")
    return {
      answer: {
        outcome: "refused",
        code: "call_not_settled",
        message: "Only a settled, voided or lost call can be corrected. Settle this one.",
      },
    };
  const refused = refuseDuration(book, known.call.started_at_ms, command.duration_ms);
  if (refused && known.call.authorized) return { answer: refused };
  if (command.duration_ms > MAX_CALL_MS) return { answer: tooLong() };
  const call = {
    ...known.call,
    version: known.call.version + 1,
    // A correction is the node's last word: a report that was still on its way no longer counts.
    outcome: "settled" as const,
    first_receipt: known.call.first_receipt ?? receiptOf(known.call),
  };
  const decision = post(
    book,
    call,
    command.duration_ms,
    call.provider_cost_micros,
    "correction",
    {},
    command.reason,
  );
  const key = correctionKey(command);
  return {
    ...decision,
    changes: { ...decision.changes, key: { key, fingerprint, answer: decision.answer } },
  };
}

/** The money key of a correction: unique within its call, whatever characters the two ids have. */
export function correctionKey({
  call_id,
  correction_id,
}: Pick<Correct, "call_id" | "correction_id">): string {
  return `correction:${JSON.stringify([call_id, correction_id])}`;
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

function settleUnheard(book: Book, command: Settle, fingerprint: string): Decision<CallAnswer> {
  const who = command.unauthorized;
  if (!who)
    return {
      answer: {
        outcome: "refused",
        code: "missing_field",
        param: "direction",
        message: "This call was never authorized: say direction, from, to and ended_at to have it accepted.",
      },
    };
  const { ended_at_ms } = command;
  if (ended_at_ms === null)
    return {
      answer: {
        outcome: "refused",
        code: "missing_field",
        param: "ended_at",
        message: "A call that was never authorized needs ended_at.",
      },
    };
  if (ended_at_ms > book.now_ms + book.settings.node_time_tolerance_seconds * 1_000)
    return { answer: invalid("ended_at", "ended_at lies in the future.") };
  if (ended_at_ms < book.now_ms - MAX_REPORT_AGE_MS)
    return { answer: invalid("ended_at", "ended_at is more than 30 days ago.") };
  if (command.duration_ms > MAX_CALL_MS) return { answer: tooLong() };
  const { answered_at_ms } = command;
  if (answered_at_ms !== null && (answered_at_ms > ended_at_ms || answered_at_ms < ended_at_ms - MAX_CALL_MS))
    return { answer: invalid("answered_at", "answered_at is not within the 24 hours before ended_at.") };
  if (mayHaveLeft(book, Math.min(answered_at_ms ?? ended_at_ms, ended_at_ms - command.duration_ms)))
    return { answer: invalid("ended_at", LEFT) };
  return chargeUnheard(book, command, who, ended_at_ms, fingerprint);
}

function chargeUnheard(
  book: Book,
  command: Settle,
  who: RatedParties,
  ended_at_ms: number,
  fingerprint: string,
): Decision<CallAnswer> {
  const answered_at_ms = command.answered_at_ms ?? ended_at_ms - command.duration_ms;
  const rate = rateInForce(book.rates, who.rate_name, answered_at_ms) ?? who.standard_rate;
  if (!rate) return { answer: invalid("rate", `There is no rate named ${who.rate_name}.`) };
  const call = unheardCall(
    book,
    { ...who, call_id: command.call_id, rate },
    answered_at_ms,
    ended_at_ms,
    command.end_reason,
    fingerprint,
  );
  call.provider_costs = command.provider_costs;
  call.answered_at_ms = timesOf(book, null, command).answered_at_ms;
  const hour = Math.floor(book.now_ms / HOUR_MS);
  const counted: Changes = { unauthorized: { edge_key_id: command.edge_key_id, hour } };
  if (book.unauthorized_this_hour >= book.settings.unauthorized_settles_per_hour) {
    const parked: ResolvedCall = { ...call, outcome: "parked", duration_ms: command.duration_ms };
    return {
      answer: { outcome: "receipt", receipt: receiptOf(parked) },
      changes: { ...counted, resolved: parked },
    };
  }
  const cost_micros = platformCostMicros(command.provider_costs, call.byok);
  return post(book, call, command.duration_ms, cost_micros, "call", counted);
}

/**
 * Whether a call that began then may have been charged and left since. Asked of its beginning, because a lost call may
 * have gone on for hours after the ledger has resolved it.
 */
function mayHaveLeft({ left_until_ms, settings }: Book, began_at_ms: number): boolean {
  return (
    left_until_ms !== null && began_at_ms <= left_until_ms + settings.node_time_tolerance_seconds * 1_000
  );
}

/** Charges `call` for `duration_ms`: posts the difference to what it was charged before, when there is one. */
function post(
  book: Book,
  call: ResolvedCall,
  duration_ms: number,
  provider_cost_micros: number,
  kind: "call" | "correction",
  changes: Changes,
  reason = call.end_reason,
): Decision<CallAnswer> {
  const charge = chargeFor(call, duration_ms, call.granted_seconds, provider_cost_micros);
  const difference_micros = charge.charged_micros - call.charged_micros;
  const month_seconds = charge.billable_seconds - call.billable_seconds;
  const this_month = call.charged_at_ms === null || monthOf(call.charged_at_ms) === monthOf(book.now_ms);
  const entry: NewEntry | undefined =
    difference_micros === 0
      ? undefined
      : {
          kind,
          amount_micros: -difference_micros,
          call_id: call.call_id,
          key: null,
          reason,
          month_seconds: this_month ? month_seconds : 0,
        };
  const resolved: ResolvedCall = {
    ...call,
    ...charge,
    duration_ms,
    overrun_micros: call.authorized ? Math.max(0, charge.charged_micros - call.held_micros) : 0,
    balance_before_micros: book.posted_micros,
    balance_after_micros: book.posted_micros - difference_micros,
    charged_at_ms: call.charged_at_ms ?? (entry ? book.now_ms : null),
    entry_seqs: entry ? [...call.entry_seqs, book.next_seq] : call.entry_seqs,
  };
  return {
    answer: { outcome: "receipt", receipt: receiptOf(resolved) },
    changes: { ...changes, resolved, ...(entry ? { entry } : {}) },
  };
}

function startOf(known: Exclude<KnownCall, { state: "unknown" }>): number {
  return known.state === "live" ? known.call.authorized_at_ms : known.call.started_at_ms;
}

function refuseDuration(book: Book, started_at_ms: number, duration_ms: number) {
  const bound_ms = book.now_ms - started_at_ms + book.settings.node_time_tolerance_seconds * 1_000;
  if (duration_ms <= Math.min(bound_ms, MAX_CALL_MS)) return undefined;
  return invalid("duration_ms", "The duration is longer than the time since this call was authorized.");
}

/** A call that is known began at a known time: what a report says of its times must agree with that. */
function refuseTimes(book: Book, started_at_ms: number, command: Settle) {
  const tolerance_ms = book.settings.node_time_tolerance_seconds * 1_000;
  for (const name of ["answered_at", "ended_at"] as const) {
    const at_ms = command[`${name}_ms`];
    if (at_ms === null) continue;
    if (at_ms > book.now_ms + tolerance_ms) return invalid(name, `${name} lies in the future.`);
    if (at_ms < started_at_ms - tolerance_ms)
      return invalid(name, `${name} lies before the call was authorized.`);
  }
  return undefined;
}

function tooLong() {
  return invalid("duration_ms", "No call is longer than 24 hours.");
}

/** When the call was answered, as was first said, and when it ended. */
function timesOf(book: Book, known_answered_at_ms: number | null, command: Settle) {
  const ended_at_ms = command.ended_at_ms ?? book.now_ms;
  const answered_at_ms =
    known_answered_at_ms ??
    command.answered_at_ms ??
    (command.duration_ms > 0 ? ended_at_ms - command.duration_ms : null);
  return { ended_at_ms, answered_at_ms };
}
