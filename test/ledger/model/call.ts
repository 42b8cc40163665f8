import type {
  CallOutcome,
  Direction,
  OwnKey,
  ProviderCost,
  RejectReason,
} from "../../../src/ledger/core/calls/call";
import type { Settle } from "../../../src/ledger/core/calls/commands";
import type { Rate } from "../../../src/ledger/core/credit/rating";

/** One call of the model, live or resolved: one record that only ever changes its phase. */
export interface ModelCall {
  call_id: string;
  direction: Direction;
  from: string;
  to: string;
  number: string | null;
  rate: Rate;
  byok: OwnKey[];
  expected_provider_micros_per_minute: number;
  max_duration_seconds: number | null;
  quota_seconds: number | undefined;
  /** The rate that was asked for, by name. */
  rate_name: string;
  /** What the customer asked for who placed the call, and what the node said that authorized it. */
  request_digest: string | undefined;
  node_terms: string | undefined;
  phase: "live" | CallOutcome;
  authorized: boolean;
  reject_reason: RejectReason | null;
  started_at_ms: number;
  answered_at_ms: number | null | undefined;
  /** Undefined, as its reason, where the design leaves it open: the end of a call that nobody reported. */
  ended_at_ms: number | undefined;
  end_reason: string | null | undefined;
  /** What the node said of its answer and its end, where something else is kept. */
  reported_answered_at_ms: number | null;
  reported_ended_at_ms: number | null;
  flags: string[];
  granted_seconds: number;
  held_micros: number;
  final_unit: boolean;
  request_number: number;
  renew_body: string;
  elapsed_seconds: number;
  proof_of_life_seconds: number;
  provider_cost_micros: number | null;
  /** What was last said of the costs on the platform's keys, by a renewal or a report. */
  reported_provider_micros: number;
  expires_at_ms: number;
  postponed: boolean;
  duration_ms: number;
  billable_seconds: number;
  fee_micros: number;
  provider_costs: ProviderCost[];
  charged_provider_micros: number;
  charged_micros: number;
  overrun_micros: number;
  /** Undefined where it depends on which of several due holds the alarm took first. */
  balance_before: number | undefined;
  balance_after: number | undefined;
  charged_at_ms: number | null;
  report_body: string | null;
  /** What its first report said, and the receipt that it was answered. */
  first_report: Settle | null;
  first_receipt: Record<string, unknown> | null;
}

/** What is known of a call before anything has happened to it. */
export interface CallTerms {
  call_id: string;
  direction: Direction;
  from: string;
  to: string;
  number: string | null;
  byok: OwnKey[];
  expected_provider_micros_per_minute: number;
  max_duration_seconds: number | null;
  quota_seconds?: number;
  rate_name: string;
}

export function newCall(terms: CallTerms, rate: Rate, started_at_ms: number): ModelCall {
  const { call_id, direction, from, to, number, byok } = terms;
  const { expected_provider_micros_per_minute, max_duration_seconds, quota_seconds, rate_name } = terms;
  return {
    ...{ call_id, direction, from, to, number, byok, rate, started_at_ms },
    ...{ expected_provider_micros_per_minute, max_duration_seconds, quota_seconds, rate_name },
    request_digest: undefined,
    node_terms: undefined,
    phase: "live",
    authorized: true,
    reject_reason: null,
    answered_at_ms: null,
    ended_at_ms: undefined,
    end_reason: null,
    reported_answered_at_ms: null,
    reported_ended_at_ms: null,
    flags: [],
    granted_seconds: 0,
    held_micros: 0,
    final_unit: false,
    request_number: 0,
    renew_body: "",
    elapsed_seconds: 0,
    proof_of_life_seconds: 0,
    provider_cost_micros: null,
    reported_provider_micros: 0,
    expires_at_ms: 0,
    postponed: false,
    duration_ms: 0,
    billable_seconds: 0,
    fee_micros: 0,
    provider_costs: [],
    charged_provider_micros: 0,
    charged_micros: 0,
    overrun_micros: 0,
    balance_before: 0,
    balance_after: 0,
    charged_at_ms: null,
    report_body: null,
    first_report: null,
    first_receipt: null,
  };
}

/** What the node is told about a live call. */
export function grantOf(call: ModelCall): Record<string, unknown> {
  const left = Math.max(0, call.granted_seconds - call.elapsed_seconds);
  return {
    call_id: call.call_id,
    granted_seconds: call.granted_seconds,
    renew_before_seconds: call.granted_seconds - leadSeconds(left),
    valid_for_seconds: left,
    final_unit: call.final_unit,
    ...(call.quota_seconds !== undefined && { held_until_ms: call.expires_at_ms }),
    rate: call.rate,
    answered_at_ms: call.answered_at_ms,
  };
}

/** How long before the end of its quota a node asks again. */
function leadSeconds(left: number): number {
  if (left < 4) return 0;
  const quarter = Math.floor(left / 4);
  return quarter < 2 ? 2 : Math.min(quarter, 10);
}

export function receiptOf(call: ModelCall): Record<string, unknown> {
  const { call_id, direction, from, to, number, rate, byok, reject_reason, authorized } = call;
  const { started_at_ms, answered_at_ms, ended_at_ms, end_reason, duration_ms, billable_seconds } = call;
  const { fee_micros, provider_costs, charged_micros, overrun_micros } = call;
  const { reported_answered_at_ms, reported_ended_at_ms } = call;
  return structuredClone({
    ...{ call_id, direction, from, to, number, rate, byok, reject_reason, authorized },
    ...{ started_at_ms, answered_at_ms, ended_at_ms, end_reason, duration_ms, billable_seconds },
    ...{ fee_micros, provider_costs, charged_micros, overrun_micros },
    ...(call.phase === "settled" ? { reported_answered_at_ms, reported_ended_at_ms } : {}),
    ...(call.phase === "settled" || call.phase === "lost" ? { flags: call.flags } : {}),
    outcome: call.phase,
    reported_provider_cost_micros: call.reported_provider_micros,
    provider_cost_micros: call.charged_provider_micros,
    balance_before_micros: call.balance_before,
    balance_after_micros: call.balance_after,
  });
}

/** A report replaces what was said of provider costs before; a report that says nothing of them leaves it. */
export function hearCosts(call: ModelCall, costs: readonly ProviderCost[] | null): void {
  if (costs === null) return;
  const own: readonly string[] = call.byok;
  call.provider_costs = [...costs];
  call.reported_provider_micros = costs
    .filter((cost) => !own.includes(cost.service))
    .reduce((sum, cost) => sum + cost.cost_micros, 0);
}

/** Those that the customer pays: none as long as nobody has answered. */
export function dueProviderMicros(call: ModelCall): number {
  return call.answered_at_ms === null ? 0 : call.reported_provider_micros;
}
