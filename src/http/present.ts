import type { z } from "zod";
import { resolvedStatus } from "../calls/call-status";
import { type Account, isOutOfCredit } from "../ledger/core/account/account";
import type { ApiKey } from "../ledger/core/account/api-keys";
import type { OwnNumber } from "../ledger/core/account/own-numbers";
import { runwayMinutes } from "../ledger/core/credit/burn-rate";
import { defaultRate, incrementsOf, type Rate } from "../ledger/core/credit/rating";
import type { Entry, Grant, OwnKey, ProviderCost, Receipt } from "../ledger/core/types";
import { isoTime, MINUTE_MS, secondsToMinutes } from "../units/duration";
import { CURRENCY, minutesOf } from "../units/money";
import type { accountSchema, apiKeySchema, balanceSchema, entrySchema } from "./account/schema";
import type { grantSchema, receiptSchema } from "./calls/schema";
import type { ownNumberSchema } from "./outbound/schema";
import type { rateSchema } from "./schema/rates";

type Body<S extends z.ZodType> = z.input<S>;

/** An instant that may not have come. */
export function isoTimeOrNull(at_ms: number | null): string | null {
  return at_ms === null ? null : isoTime(at_ms);
}

function runwayBody(account: Account): Body<typeof accountSchema>["runway"] {
  const { remaining_micros, burn_micros_per_minute } = account;
  const minutes = runwayMinutes(isOutOfCredit(account) ? 0 : remaining_micros, burn_micros_per_minute);
  if (minutes === null) return null;
  return {
    minutes,
    runs_out_at: isoTime(Date.now() + Math.round(minutes * MINUTE_MS)),
    burn_micros_per_minute,
  };
}

export function rateBody(rate: Rate): Body<typeof rateSchema> {
  const { name, price_micros_per_minute, minimum_seconds } = rate;
  return {
    name,
    price_micros_per_minute,
    increments: incrementsOf(rate),
    minimum_seconds,
  };
}

export function providerCostBodies(costs: readonly ProviderCost[], byok: readonly OwnKey[]) {
  const own: ReadonlySet<string> = new Set(byok);
  return costs.map(({ service, cost_micros }) => ({ service, cost_micros, own_key: own.has(service) }));
}

/** The right to run, as nodes read it. */
export function grantBody(grant: Grant, organization_id: string): Body<typeof grantSchema> {
  return {
    decision: "allow",
    call_id: grant.call_id,
    organization_id,
    granted_seconds: grant.granted_seconds,
    renew_before_seconds: grant.renew_before_seconds,
    valid_for_seconds: grant.valid_for_seconds,
    final_unit: grant.final_unit,
    rate: rateBody(grant.rate),
  };
}

/** What a call cost and why. */
export function receiptBody(receipt: Receipt, organization_id: string): Body<typeof receiptSchema> {
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

export function entryBody(entry: Entry): Body<typeof entrySchema> {
  return {
    id: `${entry.epoch}-${entry.seq}`,
    seq: entry.seq,
    epoch: entry.epoch,
    kind: entry.kind,
    amount_micros: entry.amount_micros,
    balance_after_micros: entry.balance_after_micros,
    currency: CURRENCY,
    call_id: entry.call_id,
    key: entry.key,
    reason: entry.reason,
    created_at: isoTime(entry.posted_at_ms),
  };
}

/** A page of entries with the way to the next one. */
export function entryPageBody(page: { entries: Entry[]; next_before_seq: number | null }) {
  const { next_before_seq } = page;
  return {
    entries: page.entries.map(entryBody),
    has_more: next_before_seq !== null,
    next_cursor: next_before_seq === null ? null : String(next_before_seq),
  };
}

export function balanceBody(account: Account): Body<typeof balanceSchema> {
  const { posted_micros, held_micros, spendable_micros, remaining_micros } = account;
  return { currency: CURRENCY, posted_micros, held_micros, spendable_micros, remaining_micros };
}

/** An organization as its own people and operators see it. */
export function accountBody(account: Account): Body<typeof accountSchema> {
  const { price_micros_per_minute } = account.voice_rate ?? defaultRate("voice");
  const minutes_balance = minutesOf(account.remaining_micros, price_micros_per_minute);
  return {
    id: account.organization_id,
    company_name: account.company_name,
    name: account.company_name,
    ...(account.email !== null && { email: account.email }),
    plan: "prepaid",
    state: account.state,
    runway: runwayBody(account),
    minutes_balance,
    credits_balance: minutes_balance,
    monthly_usage_minutes: secondsToMinutes(account.month_seconds),
    active_calls: account.active_calls,
    active_numbers: account.active_numbers,
    balance: balanceBody(account),
    created_at: isoTime(account.created_at_ms),
  };
}

/** A number as its organization sees it: `id` is what calls and usage name it by. */
export function ownNumberBody(number: OwnNumber): Body<typeof ownNumberSchema> {
  return {
    id: number.e164,
    phone_number: number.e164,
    is_active: true,
    is_default: number.is_default,
    created_at: isoTime(number.since_ms),
    updated_at: isoTime(number.updated_at_ms),
  };
}

export function apiKeyBody(key: ApiKey): Body<typeof apiKeySchema> {
  return {
    id: key.key_id,
    label: key.label,
    scopes: key.scopes,
    created_at: isoTime(key.created_at_ms),
    expires_at: isoTimeOrNull(key.expires_at_ms),
    revoked_at: isoTimeOrNull(key.revoked_at_ms),
    last_used_at: isoTimeOrNull(key.last_used_at_ms),
  };
}
