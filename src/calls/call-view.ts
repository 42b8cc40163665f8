import { usedMicros } from "../ledger/core/account/account";
import type {
  CallOutcome,
  KnownCall,
  LiveCall,
  OwnKey,
  ProviderCost,
  RejectReason,
  ResolvedCall,
} from "../ledger/core/calls/call";
import { chargedCostMicros } from "../ledger/core/calls/charge";
import { extrasOf, feeOf, type Rate } from "../ledger/core/credit/rating";
import type { CallRow } from "../storage/calls/calls";
import { SECOND_MS } from "../units/duration";
import { type CallStatus, liveStatus, resolvedStatus } from "./call-status";

/** What is shown of a call, wherever it was read. */
export interface CallView {
  call_id: string;
  status: CallStatus;
  outcome: CallOutcome | null;
  reject_reason: RejectReason | null;
  end_reason: string | null;
  direction: "inbound" | "outbound";
  from: string;
  to: string;
  /** How each side was said, null where it is as it stands here. */
  from_dialled: string | null;
  to_dialled: string | null;
  number: string | null;
  duration_ms: number;
  billable_seconds: number;
  charged_micros: number;
  fee_micros: number;
  provider_cost_micros: number;
  provider_costs: ProviderCost[];
  rate: Rate;
  byok: OwnKey[];
  parent_call_id: string | null;
  authorized: boolean;
  started_at_ms: number;
  answered_at_ms: number | null;
  ended_at_ms: number | null;
  updated_at_ms: number;
}

/** A call as its ledger knows it. */
export function viewOfKnown(known: Exclude<KnownCall, { state: "unknown" }>): CallView {
  return known.state === "live" ? viewOfLive(known.call) : viewOfResolved(known.call);
}

/** A live call, with what it has used by its proof of life. */
export function viewOfLive(call: LiveCall): CallView {
  const duration_ms = call.proof_of_life_seconds * SECOND_MS;
  return {
    ...call,
    status: liveStatus(call),
    outcome: null,
    reject_reason: null,
    end_reason: null,
    duration_ms,
    ...feeOf(duration_ms, call.rate),
    charged_micros: usedMicros(call),
    provider_cost_micros: chargedCostMicros(call),
    provider_costs: [],
    parent_call_id: call.parent_call_id ?? null,
    from_dialled: call.from_dialled ?? null,
    to_dialled: call.to_dialled ?? null,
    authorized: true,
    started_at_ms: call.authorized_at_ms,
    ended_at_ms: null,
    updated_at_ms: call.proof_at_ms,
  };
}

/** A resolved call as D1 has it. */
export function viewOfRow(row: CallRow): CallView {
  return {
    ...row,
    status: resolvedStatus(row.outcome, row.duration_ms),
    reject_reason: row.reject_reason as RejectReason | null,
    from: row.from_number,
    to: row.to_number,
    rate: rateOfRow(row),
    byok: row.byok as OwnKey[],
    provider_costs: row.provider_costs as ProviderCost[],
    updated_at_ms: row.updated_at_ms ?? row.ended_at_ms,
  };
}

function rateOfRow(row: CallRow): Rate {
  const {
    rate_name: name,
    price_micros_per_minute,
    first_seconds,
    next_seconds,
    minimum_seconds,
    destination,
  } = row;
  return {
    ...{ name, price_micros_per_minute, first_seconds, next_seconds, minimum_seconds, ...extrasOf(row) },
    ...(destination && { destination }),
  };
}

/** The side that is the organization's: its number where it has one. */
export function ownSideOf({ number, direction, from, to }: CallView): string {
  return number ?? (direction === "inbound" ? to : from);
}

function viewOfResolved(call: ResolvedCall): CallView {
  return {
    ...call,
    status: resolvedStatus(call.outcome, call.duration_ms),
    updated_at_ms: call.updated_at_ms ?? call.resolved_at_ms,
    parent_call_id: call.parent_call_id ?? null,
    from_dialled: call.from_dialled ?? null,
    to_dialled: call.to_dialled ?? null,
  };
}
