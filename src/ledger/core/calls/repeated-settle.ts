import type { Book, Decision } from "../book";
import { alreadySettled, conflict } from "../refusals";
import { SAME_REPORT_MS } from "../settings";
import type { CallIdentity, ProviderCost, ResolvedCall } from "./call";
import { isPossibleTime } from "./call-times";
import { costsAfter } from "./charge";
import { chargeCall } from "./charge-call";
import type { CallAnswer, RatedParties, Settle } from "./commands";
import { receiptAnswer } from "./receipt";

type Report = Pick<
  Settle,
  "duration_ms" | "end_reason" | "answered_at_ms" | "ended_at_ms" | "provider_costs"
>;

/** The part of a report that makes two of them the same. */
export function reportFingerprint(report: Report): string {
  const { duration_ms, end_reason, answered_at_ms, ended_at_ms, provider_costs } = report;
  return JSON.stringify([duration_ms, end_reason, answered_at_ms, ended_at_ms, provider_costs]);
}

/**
 * A report of a call that was reported before. Nothing new: the answer that the first one had. Provider costs that were
 * not stated before are charged as a correction. Anything else is refused.
 */
export function decideRepeatedSettle(book: Book, call: ResolvedCall, command: Settle): Decision<CallAnswer> {
  if (command.unauthorized && wasRatedByReport(call) && isOtherRate(call, command.unauthorized))
    return { answer: conflict("call_id") };
  const same = receiptAnswer(call.first_receipt ?? call);
  if (call.report_fingerprint === reportFingerprint(command)) return { answer: same };
  const first = firstReport(call);
  if (!first || contradictsFirst(book, call, first, command)) return { answer: alreadySettled(call) };
  if (command.provider_costs === null || isSame(first.provider_costs, command.provider_costs))
    return { answer: same };
  const costs = costsWith(call, first, command.provider_costs);
  if (!costs) return { answer: alreadySettled(call) };
  const reported = costsAfter(call, costs);
  const is_known =
    isSame(call.provider_costs, costs) &&
    costsAfter(call, null).reported_provider_cost_micros === reported.reported_provider_cost_micros;
  if (is_known) return { answer: receiptAnswer(call) };
  const amended: ResolvedCall = {
    ...call,
    ...reported,
    version: call.version + 1,
    first_receipt: same.receipt,
    updated_at_ms: book.now_ms,
  };
  if (call.outcome === "parked") return { answer: receiptAnswer(amended), changes: { resolved: amended } };
  return chargeCall(book, { call: amended, duration_ms: call.duration_ms, kind: "correction" });
}

/** What a call's first report said. Undefined when it has none: it was corrected before one came. */
function firstReport({ report_fingerprint }: ResolvedCall): Report | undefined {
  if (report_fingerprint === null) return undefined;
  const said = JSON.parse(report_fingerprint);
  // A void is remembered in another form.
  if (said.length !== 5) return undefined;
  const [duration_ms, end_reason, answered_at_ms, ended_at_ms, provider_costs] = said;
  return { duration_ms, end_reason, answered_at_ms, ended_at_ms, provider_costs };
}

/** Whether the second report is of something else than the first: two signs of one end come a moment apart. */
function contradictsFirst(book: Book, call: ResolvedCall, first: Report, second: Settle): boolean {
  const kept = call.first_receipt ?? call;
  const isOther = (said_ms: number | null, first_said_ms: number | null, known_ms: number | null) => {
    if (said_ms === null || first_said_ms !== null) return differs(said_ms, first_said_ms);
    // Where the first left it open, what cannot be comes of a clock that is wrong, and says nothing.
    return isPossibleTime(book, call.started_at_ms, said_ms, kept.ended_at_ms) && differs(said_ms, known_ms);
  };
  return (
    second.end_reason !== first.end_reason ||
    differs(second.duration_ms, first.duration_ms) ||
    isOther(
      second.answered_at_ms,
      first.answered_at_ms,
      kept.reported_answered_at_ms ?? kept.answered_at_ms,
    ) ||
    isOther(second.ended_at_ms, first.ended_at_ms, kept.ended_at_ms)
  );
}

/** Whether what is said now differs; what is not said differs from nothing. */
function differs(said_ms: number | null, before_ms: number | null): boolean {
  if (said_ms === null) return false;
  return before_ms === null || Math.abs(said_ms - before_ms) > SAME_REPORT_MS;
}

/** The costs stated so far, with those of services that no report has stated. Undefined when the two contradict. */
function costsWith(
  { provider_costs: before }: ResolvedCall,
  first: Report,
  stated: ProviderCost[],
): ProviderCost[] | undefined {
  if (first.provider_costs === null && before.length === 0) return stated;
  // To state that there are none contradicts any.
  if (before.length === 0 || stated.length === 0) return undefined;
  const known = sums(before);
  const said = sums(stated);
  for (const [service, micros] of said)
    if (known.has(service) && known.get(service) !== micros) return undefined;
  return [...before, ...stated.filter(({ service }) => !known.has(service))];
}

function isSame(some: readonly ProviderCost[] | null, others: readonly ProviderCost[]): boolean {
  if (some === null) return false;
  const known = sums(some);
  const said = sums(others);
  return known.size === said.size && [...said].every(([service, micros]) => known.get(service) === micros);
}

function sums(costs: readonly ProviderCost[]): Map<string, number> {
  const by_service = new Map<string, number>();
  for (const { service, cost_micros } of costs)
    by_service.set(service, (by_service.get(service) ?? 0) + cost_micros);
  return by_service;
}

/** Whether the report itself said how the call is charged: no node had asked the ledger before. */
function wasRatedByReport({ authorized, reject_reason, unrated }: ResolvedCall): boolean {
  return unrated === true || (!authorized && reject_reason === null);
}

function isOtherRate({ rate, byok }: CallIdentity, stated: RatedParties): boolean {
  const own = new Set([...byok, ...stated.byok]);
  return rate.name !== stated.rate_name || own.size !== byok.length || own.size !== stated.byok.length;
}
