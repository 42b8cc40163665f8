import type { OwnKey, ProviderCost, ProviderService } from "../../../src/ledger/core/calls/call";
import type {
  Answered,
  Authorize,
  Correct,
  Renew,
  Settle,
  Void,
} from "../../../src/ledger/core/calls/commands";
import type { Random } from "../../support/random";
import { type Plan, rateOf } from "./seed-plan";

const DAY_MS = 86_400_000;

/** What the making of a command looks at in a call. */
export interface CallHint {
  call_id: string;
  started_at_ms: number;
  granted_seconds: number;
  elapsed_seconds: number;
  request_number: number;
  provider_cost_micros: number | null;
  duration_ms: number;
}

export const NOBODY: CallHint = {
  call_id: "nobody",
  started_at_ms: 0,
  granted_seconds: 60,
  elapsed_seconds: 0,
  request_number: 0,
  provider_cost_micros: null,
  duration_ms: 0,
};

const KEYS: readonly OwnKey[] = ["stt", "llm", "tts"];
export const SERVICES: readonly ProviderService[] = ["stt", "llm", "tts", "telephony", "other"];

function terms(random: Random, plan: Plan) {
  const rate = random.pick(plan.rates);
  const parties = {
    direction: random.pick(["inbound", "outbound"] as const),
    from: `+3120000${random.between(1000, 9999)}`,
    to: `+3130000${random.between(1000, 9999)}`,
    number: random.chance(0.3) ? "+31800123" : null,
  };
  const rate_name = random.chance(0.1) ? "own" : rate.name;
  return {
    ...parties,
    rate_name,
    standard_rate: random.chance(0.02) ? null : { ...rate, name: rate_name },
    byok: random.chance(0.7) ? [] : KEYS.filter(() => random.chance(0.5)),
  };
}

export function authorize(random: Random, plan: Plan, call_id: string): Authorize {
  const asked = terms(random, plan);
  const expected_provider_micros_per_minute = random.pick([0, 0, 0, 20_001, 90_000, 500_000]);
  const max_duration_seconds = random.pick([null, null, null, null, null, 1, 7, 59, 60, 61, 90, 300]);
  const quota_seconds = random.chance(0.9) ? undefined : random.pick([1, 61, 90, 600, 3_600, 86_400]);
  return {
    op: "authorize",
    call_id,
    ...asked,
    expected_provider_micros_per_minute,
    max_duration_seconds,
    ...(quota_seconds !== undefined && { quota_seconds }),
  };
}

/** A call that a customer asks for: at the voice rate, from the customer's own number. */
export function place(random: Random, plan: Plan, call_id: string): Authorize {
  const { quota_seconds: _, ...asked } = authorize(random, plan, call_id);
  const { max_duration_seconds } = asked;
  return {
    ...asked,
    direction: "outbound",
    rate_name: "voice",
    standard_rate: rateOf("voice"),
    byok: [],
    expected_provider_micros_per_minute: 0,
    placed: { attempt_id: `req-${call_id}`, request_digest: `${asked.to} at most ${max_duration_seconds}` },
  };
}

/** The report of a call that a customer has placed, from a node that says only now how it is charged. */
export function placedReport(random: Random, plan: Plan, placed: Authorize, now_ms: number): Settle {
  const { rate_name, standard_rate, byok } = terms(random, plan);
  const { from, to, direction, number, call_id } = placed;
  const call = { ...NOBODY, call_id, started_at_ms: now_ms - random.between(0, 90_000) };
  const unauthorized = { from, to, direction, number, rate_name, standard_rate, byok };
  return { ...settle(random, call, now_ms), unauthorized };
}

/** The first that a node says of a call that a customer has placed: how it is charged. */
export function takeOver(random: Random, plan: Plan, placed: Authorize): Authorize {
  const { from, to, direction, number, call_id } = placed;
  const { placed: _, ...said } = { ...authorize(random, plan, call_id), from, to, direction, number };
  return said;
}

export function answered(random: Random, call: CallHint, now_ms: number): Answered {
  const answered_at_ms = random.chance(0.6) ? null : now_ms - random.between(0, 5_000) + skewMs(random);
  return { op: "answered", call_id: call.call_id, answered_at_ms };
}

export function renew(random: Random, call: CallHint, now_ms: number): Renew {
  const since = Math.max(0, Math.floor((now_ms - call.started_at_ms) / 1_000));
  const edge = call.granted_seconds - random.between(0, 12);
  const elapsed = random.weighted({
    now: 50,
    edge: 20,
    zero: call.elapsed_seconds === 0 ? 15 : 3,
    back: 4,
    ahead: 8,
    limit: 4,
  });
  const seconds = {
    now: since - random.pick([0, 0, 0, 2, 10]),
    edge: Math.min(edge, since + 60),
    zero: 0,
    back: call.elapsed_seconds - 5,
    ahead: since + random.between(1, 60),
    limit: random.pick([since + 60, since + 61, 86_400, 86_401, 604_800, 604_801]),
  }[elapsed];
  const last = call.request_number;
  const costs = call.provider_cost_micros ?? 0;
  return {
    op: "renew",
    call_id: call.call_id,
    request_number: Math.max(1, last + random.pick([1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 0, -1])),
    elapsed_seconds: Math.max(0, seconds),
    provider_cost_micros: random.chance(0.7) ? null : Math.max(0, costs + random.between(-2_000, 60_000)),
  };
}

/** A node's clock is right, as a rule. */
function skewMs(random: Random): number {
  return random.chance(0.85) ? 0 : random.pick([-60_000, 60_000, -3_600_000, 3_600_000, 3 * DAY_MS]);
}

function durationMs(random: Random, call: CallHint, now_ms: number): number {
  const since_ms = Math.max(0, now_ms - call.started_at_ms);
  const kind = random.weighted({ now: 40, quota: 25, zero: 8, limit: 5, any: 10, proof: 6 });
  const duration_ms = {
    now: since_ms - random.between(0, 9_000),
    quota: call.granted_seconds * 1_000 + random.pick([-500, 0, 1, 1_999, 2_000, 2_001, 9_000]),
    zero: 0,
    limit: random.pick([since_ms + 60_000, since_ms + 60_001, DAY_MS + 1, 7 * DAY_MS, 7 * DAY_MS + 1]),
    any: random.between(1, 2_000 + 2 * Math.min(since_ms, DAY_MS)),
    proof: call.elapsed_seconds * 1_000 + random.between(0, 1_000),
  }[kind];
  return Math.max(0, duration_ms);
}

/** Null where the report says nothing of them, which is not the same as none. */
export function costs(random: Random): ProviderCost[] | null {
  if (random.chance(0.7)) return random.chance(0.6) ? null : [];
  return SERVICES.filter(() => random.chance(0.4)).map((service) => ({
    service,
    cost_micros: random.between(0, 90_000),
  }));
}

export function settle(random: Random, call: CallHint, now_ms: number): Settle {
  const skew_ms = skewMs(random);
  return {
    op: "settle",
    call_id: call.call_id,
    duration_ms: durationMs(random, call, now_ms),
    end_reason: random.pick(["hangup", "quota", "error"]),
    answered_at_ms: random.chance(0.7) ? null : now_ms - random.between(0, 60_000) + skew_ms,
    ended_at_ms: random.chance(0.6) ? null : now_ms - random.between(0, 5_000) + skew_ms,
    provider_costs: costs(random),
    edge_key_id: "key_1",
    unauthorized: null,
  };
}

/** The report of a call that the node ran while it could not ask. */
export function outage(random: Random, plan: Plan, call_id: string, now_ms: number): Settle {
  const duration_ms = random.pick([0, 1, 30_000, random.between(1, 7_200_000), DAY_MS, DAY_MS + 1]);
  const age_ms = random.pick([
    0,
    5_000,
    3_600_000,
    20 * DAY_MS,
    30 * DAY_MS,
    30 * DAY_MS + 1,
    -60_000,
    -60_001,
    -DAY_MS,
    -DAY_MS - 1,
  ]);
  const ended_at_ms = random.chance(0.05) ? null : now_ms - age_ms;
  const told = random.chance(0.4) && ended_at_ms !== null;
  return {
    op: "settle",
    call_id,
    duration_ms,
    end_reason: "hangup",
    answered_at_ms: told ? ended_at_ms - duration_ms + random.pick([0, 0, 0, 60_000, 60_001, -60_001]) : null,
    ended_at_ms,
    provider_costs: costs(random),
    edge_key_id: random.pick(["key_1", "key_2"]),
    unauthorized: random.chance(0.05) ? null : terms(random, plan),
  };
}

export function voided(random: Random, call: CallHint): Void {
  return {
    op: "void",
    call_id: call.call_id,
    end_reason: random.pick([null, "no_answer", "no_answer", "busy"]),
  };
}

export function correct(random: Random, call: CallHint, correction_id: string, now_ms: number): Correct {
  return {
    op: "correct",
    call_id: call.call_id,
    correction_id,
    duration_ms: random.chance(0.3) ? call.duration_ms : durationMs(random, call, now_ms),
    reason: "CDR",
  };
}
