import type { Receipt } from "./call";

/**
 * The receipt of a resolved call as it stands now. What is public is listed, so that a new field of the call stays private
 * until it is added to `Receipt` and here: the compiler asks for each field of it.
 */
export function receiptOf(call: Receipt): Receipt {
  const receipt: { [Field in keyof Required<Receipt>]: Receipt[Field] } = {
    call_id: call.call_id,
    direction: call.direction,
    from: call.from,
    to: call.to,
    number: call.number,
    from_dialled: call.from_dialled,
    to_dialled: call.to_dialled,
    rate: call.rate,
    byok: call.byok,
    parent_call_id: call.parent_call_id,
    is_emergency: call.is_emergency,
    outcome: call.outcome,
    reject_reason: call.reject_reason,
    authorized: call.authorized,
    started_at_ms: call.started_at_ms,
    answered_at_ms: call.answered_at_ms,
    ended_at_ms: call.ended_at_ms,
    reported_answered_at_ms: call.reported_answered_at_ms,
    reported_ended_at_ms: call.reported_ended_at_ms,
    end_reason: call.end_reason,
    duration_ms: call.duration_ms,
    billable_seconds: call.billable_seconds,
    fee_micros: call.fee_micros,
    provider_costs: call.provider_costs,
    reported_provider_cost_micros: call.reported_provider_cost_micros,
    provider_cost_micros: call.provider_cost_micros,
    charged_micros: call.charged_micros,
    overrun_micros: call.overrun_micros,
    balance_before_micros: call.balance_before_micros,
    balance_after_micros: call.balance_after_micros,
    flags: call.flags,
  };
  return receipt;
}

/** The answer of settle, void and correct: the receipt as it stands now. */
export function receiptAnswer(call: Receipt): { outcome: "receipt"; receipt: Receipt } {
  return { outcome: "receipt", receipt: receiptOf(call) };
}
