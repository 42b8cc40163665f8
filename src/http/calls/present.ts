import type { z } from "zod";
import { type CallView, ownSideOf } from "../../calls/call-view";
import { isoTime, wholeSeconds } from "../../units/duration";
import { CURRENCY, microsToUnits } from "../../units/money";
import { isoTimeOrNull, providerCostBodies, rateBody } from "../present";
import type { callSchema } from "./schema";

/** A call as the API tells it. */
export function callBody(call: CallView): z.input<typeof callSchema> {
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
    caller_phone: call.direction === "inbound" ? call.from : call.to,
    assistant_phone: ownSideOf(call),
    number_id: call.number,
    phone_number: ownSideOf(call),
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
    parent_call_id: call.parent_call_id,
    authorized: call.authorized,
    error: errorOf(call),
    created_at: isoTime(call.started_at_ms),
    started_at: isoTimeOrNull(call.answered_at_ms),
    answered_at: isoTimeOrNull(call.answered_at_ms),
    ended_at: isoTimeOrNull(call.ended_at_ms),
    updated_at: isoTime(call.updated_at_ms),
  };
}

/** Why there was no conversation, as far as anybody has said. */
function errorOf({ status, reject_reason, end_reason }: CallView): string | null {
  if (status === "rejected" || status === "failed") return reject_reason ?? end_reason;
  return null;
}
