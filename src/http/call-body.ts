import type { z } from "zod";
import { type CallStatus, liveStatus, resolvedStatus } from "../billing/call-status";
import { usedMicros } from "../ledger/account";
import { billableSeconds, feeMicros, type Rate } from "../ledger/rating";
import type {
  CallOutcome,
  KnownCall,
  LiveCall,
  OwnKey,
  ProviderCost,
  RejectReason,
  ResolvedCall,
} from "../ledger/types";
import type { CallRow } from "../storage/calls";
import { isoTime, SECOND_MS, wholeSeconds } from "../units/duration";
import { CURRENCY, microsToUnits } from "../units/money";
import { isoTimeOrNull, providerCostBodies, rateBody } from "./present";
import type { callSchema } from "./schemas";

export type CallBody = z.input<typeof callSchema>;

/** What is shown of a call, wherever it was read. */
interface ShownCall {
  call_id: string;
  status: CallStatus;
  outcome: CallOutcome | null;
  reject_reason: RejectReason | null;
  end_reason: string | null;
  direction: "inbound" | "outbound";
  from: string;
  to: string;
  number: string | null;
  duration_ms: number;
  billable_seconds: number;
  charged_micros: number;
  fee_micros: number;
  provider_cost_micros: number;
  provider_costs: ProviderCost[];
  rate: Rate;
  byok: OwnKey[];
  authorized: boolean;
  started_at_ms: number;
  answered_at_ms: number | null;
  ended_at_ms: number | null;
}

/** A call as its ledger knows it. */
export function knownCallBody(known: Exclude<KnownCall, { state: "unknown" }>): CallBody {
  return known.state === "live" ? liveCallBody(known.call) : bodyOf(resolvedCall(known.call));
}

/** A live call, with what it has used by its proof of life. */
export function liveCallBody(call: LiveCall): CallBody {
  const duration_ms = call.proof_of_life_seconds * SECOND_MS;
  const billable_seconds = billableSeconds(duration_ms, call.rate);
  return bodyOf({
    ...call,
    status: liveStatus(call),
    outcome: null,
    reject_reason: null,
    end_reason: null,
    duration_ms,
    billable_seconds,
    charged_micros: usedMicros(call),
    fee_micros: feeMicros(billable_seconds, call.rate),
    provider_cost_micros: call.provider_cost_micros ?? 0,
    provider_costs: [],
    authorized: true,
    started_at_ms: call.authorized_at_ms,
    ended_at_ms: null,
  });
}

/** A resolved call as D1 has it. */
export function storedCallBody(row: CallRow): CallBody {
  return bodyOf({
    ...row,
    status: resolvedStatus(row.outcome, row.duration_ms),
    reject_reason: row.reject_reason as RejectReason | null,
    from: row.from_number,
    to: row.to_number,
    rate: { ...row, name: row.rate_name },
    byok: row.byok as OwnKey[],
    provider_costs: row.provider_costs as ProviderCost[],
  });
}

function resolvedCall(call: ResolvedCall): ShownCall {
  return { ...call, status: resolvedStatus(call.outcome, call.duration_ms) };
}

function bodyOf(call: ShownCall): CallBody {
  const duration_seconds = wholeSeconds(call.duration_ms);
  return {
    id: call.call_id,
    call_id: call.call_id,
    status: call.status,
    outcome: call.outcome,
    reject_reason: call.reject_reason,
    end_reason: call.end_reason,
    direction: call.direction,
    from: call.from,
    to: call.to,
    number_id: call.number,
    phone_number: call.number ?? (call.direction === "inbound" ? call.to : call.from),
    duration_ms: call.duration_ms,
    duration_sec: duration_seconds,
    duration_seconds,
    billable_seconds: call.billable_seconds,
    cost: microsToUnits(call.charged_micros),
    cost_micros: call.charged_micros,
    fee_micros: call.fee_micros,
    provider_cost_micros: call.provider_cost_micros,
    provider_costs: providerCostBodies(call.provider_costs, call.byok),
    currency: CURRENCY,
    rate: rateBody(call.rate),
    byok_stt: call.byok.includes("stt"),
    byok_llm: call.byok.includes("llm"),
    byok_tts: call.byok.includes("tts"),
    authorized: call.authorized,
    created_at: isoTime(call.started_at_ms),
    answered_at: isoTimeOrNull(call.answered_at_ms),
    ended_at: isoTimeOrNull(call.ended_at_ms),
  };
}
