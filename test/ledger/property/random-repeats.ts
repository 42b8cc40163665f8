import type { ProviderCost } from "../../../src/ledger/core/calls/call";
import type { CallCommand, RatedParties, Settle } from "../../../src/ledger/core/calls/commands";
import type { Random } from "../../support/random";
import { costs, SERVICES } from "./random-commands";
import { rateOf } from "./seed-plan";

/** What another sign of the same end says: nearly the same, or a little too much. */
export function secondReport(random: Random, first: Settle): Settle {
  const near = (at_ms: number | null) =>
    at_ms === null ? null : at_ms + random.pick([0, 0, 0, 1_000, -2_000, 2_001]);
  const { provider_costs } = first;
  return {
    ...first,
    duration_ms: Math.max(0, first.duration_ms + random.pick([0, 0, 500, 2_000, -2_000, -2_001])),
    answered_at_ms: near(first.answered_at_ms),
    ended_at_ms: near(first.ended_at_ms),
    provider_costs: random.pick([provider_costs, null, [], costs(random), withMore(provider_costs)]),
  };
}

function withMore(costs: ProviderCost[] | null): ProviderCost[] {
  const spoken_for = new Set(costs?.map(({ service }) => service));
  const more = SERVICES.find((service) => !spoken_for.has(service)) ?? "other";
  return [...(costs ?? []), { service: more, cost_micros: 7_001 }];
}

/** An earlier command's id with other content. */
export function mutated(random: Random, command: CallCommand): CallCommand {
  switch (command.op) {
    case "authorize":
      return random.pick([
        { ...command, from: "+31999" },
        { ...command, to: "+31999" },
        { ...command, direction: command.direction === "inbound" ? "outbound" : "inbound" },
        { ...command, max_duration_seconds: 5, expected_provider_micros_per_minute: 1 },
        { ...command, byok: command.byok.length === 0 ? ["tts"] : [] },
        { ...command, byok: command.byok.toReversed() },
        ...(command.placed ? [{ ...command, placed: { ...command.placed, request_digest: "other" } }] : []),
      ]);
    case "answered":
      return { ...command, answered_at_ms: (command.answered_at_ms ?? 1_000) - 1_000 };
    case "renew":
      return random.pick([
        { ...command, elapsed_seconds: command.elapsed_seconds + 1 },
        { ...command, provider_cost_micros: (command.provider_cost_micros ?? 0) + 1 },
      ]);
    case "settle":
      return random.pick([
        { ...command, duration_ms: command.duration_ms + 1_000 },
        { ...command, end_reason: "other" },
        { ...command, provider_costs: [{ service: "other", cost_micros: 5 }] },
        { ...command, provider_costs: command.provider_costs ? null : [] },
        ...(command.unauthorized ? otherTerms(command, command.unauthorized) : []),
      ]);
    case "void":
      return { ...command, end_reason: "other" };
    case "correct":
      return random.pick([
        { ...command, duration_ms: command.duration_ms + 1_000 },
        { ...command, reason: "other" },
      ]);
  }
}

/** A report that says otherwise how its call is to be charged, or the same in other words. */
function otherTerms(command: Settle, told: RatedParties): Settle[] {
  return [
    { ...command, unauthorized: { ...told, rate_name: "other", standard_rate: rateOf("other") } },
    { ...command, unauthorized: { ...told, byok: told.byok.length === 0 ? ["llm"] : [] } },
    { ...command, unauthorized: { ...told, byok: told.byok.toReversed() } },
  ];
}

/** Many reports of calls that were never authorized, from one edge key at once. */
export function flood(of: { prefix: string; count: number; edge_key_id: string }): Settle[] {
  const rate = rateOf("voice");
  return Array.from({ length: of.count }, (_, at) => ({
    op: "settle",
    call_id: `${of.prefix}-${at}`,
    duration_ms: 1_000,
    end_reason: "hangup",
    answered_at_ms: null,
    ended_at_ms: Date.now(),
    provider_costs: [],
    edge_key_id: of.edge_key_id,
    unauthorized: {
      direction: "inbound",
      from: "+31201",
      to: "+31202",
      number: null,
      rate_name: "voice",
      standard_rate: rate,
      byok: [],
    },
  }));
}
