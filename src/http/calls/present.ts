import type { z } from "zod";
import { resolvedStatus } from "../../calls/call-status";
import { type CallView, ownSideOf } from "../../calls/call-view";
import type { OwnKey, ProviderCost, Receipt } from "../../ledger/core/calls/call";
import { extrasOf, incrementsOf, type Rate } from "../../ledger/core/credit/rating";
import { isoTime, isoTimeOrNull, wholeSeconds } from "../../units/duration";
import { CURRENCY, microsToUnits } from "../../units/money";
import type { rateSchema } from "../schema/rates";
import type { callSchema, receiptSchema } from "./schema";

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
    from_as_dialled: call.from_dialled ?? call.from,
    to_as_dialled: call.to_dialled ?? call.to,
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

/** A rate as the API shows it, in micro-euros a minute. */
export function rateBody(rate: Rate): z.input<typeof rateSchema> {
  const { name, price_micros_per_minute, minimum_seconds, destination } = rate;
  return {
    name,
    price_micros_per_minute,
    increments: incrementsOf(rate),
    minimum_seconds,
    ...extrasOf(rate),
    ...(destination && { destination }),
  };
}

/** What providers asked, in micro-euros, and which of it ran on the customer's own keys. */
function providerCostBodies(costs: readonly ProviderCost[], byok: readonly OwnKey[]) {
  const own: ReadonlySet<string> = new Set(byok);
  return costs.map(({ service, cost_micros }) => ({ service, cost_micros, own_key: own.has(service) }));
}

/** What a call cost and why. */
export function receiptBody(receipt: Receipt, organization_id: string): z.input<typeof receiptSchema> {
  return {
    call_id: receipt.call_id,
    organization_id,
    status: resolvedStatus(receipt.outcome, receipt.duration_ms),
    outcome: receipt.outcome,
    reject_reason: receipt.reject_reason,
    direction: receipt.direction,
    from: receipt.from,
    to: receipt.to,
    rate: rateBody(receipt.rate),
    duration_ms: receipt.duration_ms,
    billable_seconds: receipt.billable_seconds,
    fee_micros: receipt.fee_micros,
    provider_costs: providerCostBodies(receipt.provider_costs, receipt.byok),
    reported_provider_cost_micros: receipt.reported_provider_cost_micros ?? receipt.provider_cost_micros,
    provider_cost_micros: receipt.provider_cost_micros,
    charged_micros: receipt.charged_micros,
    overrun_micros: receipt.overrun_micros,
    balance_before_micros: receipt.balance_before_micros,
    balance_after_micros: receipt.balance_after_micros,
    currency: CURRENCY,
    end_reason: receipt.end_reason,
    authorized: receipt.authorized,
    started_at: isoTime(receipt.started_at_ms),
    answered_at: isoTimeOrNull(receipt.answered_at_ms),
    ended_at: isoTime(receipt.ended_at_ms),
    reported_answered_at: isoTimeOrNull(receipt.reported_answered_at_ms ?? null),
    reported_ended_at: isoTimeOrNull(receipt.reported_ended_at_ms ?? null),
    flags: receipt.flags ?? [],
  };
}
