import { SECOND_MS } from "../../../units/duration";
import { type Fee, feeOf } from "../credit/rating";
import { OVERRUN_TOLERANCE_MS } from "../settings";
import type { CallIdentity, LiveCall, OwnKey, ProviderCost, ResolvedCall } from "./call";

/** What a call costs: `charged_micros` is the fee plus the provider costs. */
export interface Charge extends Fee {
  provider_cost_micros: number;
  charged_micros: number;
}

/**
 * What a call of this length costs: the fee once, and what platform keys cost, as reported.
 * A call that ran over its quota by no more than a late timer is billed as granted.
 */
export function chargeFor(
  call: Pick<CallIdentity, "rate">,
  duration_ms: number,
  granted_seconds: number,
  provider_cost_micros: number,
): Charge {
  const granted_ms = granted_seconds * SECOND_MS;
  const late = granted_ms > 0 && duration_ms > granted_ms && duration_ms <= granted_ms + OVERRUN_TOLERANCE_MS;
  const fee = feeOf(late ? granted_ms : duration_ms, call.rate);
  return { ...fee, provider_cost_micros, charged_micros: fee.fee_micros + provider_cost_micros };
}

/** What is known of a call's provider costs: item by item when its report said so, and the sum on platform keys. */
type ReportedCosts = Required<Pick<ResolvedCall, "provider_costs" | "reported_provider_cost_micros">>;

/**
 * The provider costs that the platform paid: those on the customer's own keys are shown and never charged.
 *
 * @internal exported for tests
 */
export function platformCostMicros(costs: readonly ProviderCost[], byok: readonly OwnKey[]): number {
  const own: readonly string[] = byok;
  return costs.reduce((sum, cost) => (own.includes(cost.service) ? sum : sum + cost.cost_micros), 0);
}

/** The provider costs after a report: what it states, and what was reported before where it says nothing of them. */
export function costsAfter(before: ResolvedCall, stated: ProviderCost[] | null): ReportedCosts {
  return {
    provider_costs: stated ?? before.provider_costs,
    reported_provider_cost_micros: stated
      ? platformCostMicros(stated, before.byok)
      : reportedCostMicros(before),
  };
}

/** What was last reported of platform keys, also by rows from before it was kept. */
function reportedCostMicros(call: ResolvedCall): number {
  const { provider_costs, byok, reported_provider_cost_micros } = call;
  if (reported_provider_cost_micros !== undefined) return reported_provider_cost_micros;
  return provider_costs.length > 0 ? platformCostMicros(provider_costs, byok) : call.provider_cost_micros;
}

/** The provider costs that a call is charged for: those reported, once it was answered; none where calling is free. */
export function chargedCostMicros(call: LiveCall | ResolvedCall): number {
  if (call.answered_at_ms === null || call.is_emergency) return 0;
  return "outcome" in call ? reportedCostMicros(call) : (call.provider_cost_micros ?? 0);
}
