import type { CallRow } from "../../../src/storage/calls/calls";
import type { CallFilter } from "../../../src/storage/calls/filter";
import { DAY_MS, HOUR_MS, QUARTER_MS } from "../../../src/units/duration";
import type { Random } from "../../support/random";

/** Calls began in these days. */
export const FIRST_DAY = "2030-10-25";
export const BEGIN_MS = Date.parse(FIRST_DAY);
export const DAYS = 5;
export const END_MS = BEGIN_MS + DAYS * DAY_MS;

const NUMBERS = ["+31201234567", "+4930123456", "sip:a@example.com", "anonymous"];

/** What a plain reading of all calls of one organization finds, one by one. */
export class Model {
  readonly calls = new Map<string, CallRow>();

  constructor(readonly organization_id: string) {}

  take(call: CallRow): void {
    const known = this.calls.get(keyOf(call));
    if (known && (known.epoch - call.epoch || known.version - call.version) >= 0) return;
    // What told of it first stays.
    this.calls.set(keyOf(call), {
      ...call,
      first_notice_seq: known?.first_notice_seq ?? call.first_notice_seq,
    });
  }

  /** Those that a filter means, the newest first. */
  list(filter: CallFilter): CallRow[] {
    return [...this.calls.values()]
      .filter((call) => isMeant(call, filter))
      .sort((a, b) => b.started_at_ms - a.started_at_ms || (a.call_id < b.call_id ? 1 : -1));
  }

  sum(filter: CallFilter) {
    const calls = this.list(filter);
    const sumOf = (figureOf: (call: CallRow) => number) =>
      calls.reduce((sum, call) => sum + figureOf(call), 0);
    return {
      calls: calls.length,
      rejected_calls: sumOf((call) => Number(call.outcome === "rejected")),
      seconds: sumOf(({ duration_ms }) => Math.ceil(duration_ms / 1_000)),
      billable_seconds: sumOf((call) => (call.charged_at_ms === null ? 0 : call.billable_seconds)),
      fee_micros: sumOf(({ fee_micros }) => fee_micros),
      provider_cost_micros: sumOf(({ provider_cost_micros }) => provider_cost_micros),
      charged_micros: sumOf(({ charged_micros }) => charged_micros),
    };
  }
}

function keyOf({ started_at_ms, call_id }: CallRow): string {
  return `${started_at_ms} ${call_id}`;
}

function endingOf({ outcome, duration_ms }: CallRow) {
  if (outcome === "rejected") return "rejected";
  return outcome === "voided" || (outcome === "settled" && duration_ms === 0) ? "failed" : "ended";
}

function isMeant(call: CallRow, filter: CallFilter): boolean {
  const { from_ms = 0, until_ms = Infinity, direction, ending, number, charged } = filter;
  return (
    call.started_at_ms >= from_ms &&
    call.started_at_ms < until_ms &&
    (direction === undefined || call.direction === direction) &&
    (ending === undefined || endingOf(call) === ending) &&
    (number === undefined || [call.from_number, call.to_number, call.number].includes(number)) &&
    (!charged || call.charged_at_ms !== null)
  );
}

/** A call that never was before, or another version of one: longer, shorter, charged or not. */
export function anyCall(random: Random, organization_id: string, before?: CallRow): CallRow {
  const outcome = random.pick(["settled", "settled", "voided", "lost", "rejected", "parked"] as const);
  const is_over = outcome === "settled" || outcome === "lost";
  const duration_ms = is_over ? random.pick([0, 1, 999, 1_000, random.between(0, 600_000)]) : 0;
  const is_charged = duration_ms > 0;
  const [fee_micros, provider_cost_micros] = is_charged
    ? [random.between(0, 9), random.between(0, 9)]
    : [0, 0];
  return {
    organization_id,
    started_at_ms: before?.started_at_ms ?? anyInstant(random),
    call_id: before?.call_id ?? `call-${random.between(0, 1e9)}`,
    epoch: (before?.epoch ?? 1) + Number(random.chance(0.1)),
    version: before ? before.version + random.between(-1, 2) : 1,
    outcome,
    reject_reason: null,
    authorized: true,
    direction: before?.direction ?? random.pick(["inbound", "outbound"]),
    from_number: before?.from_number ?? random.pick(NUMBERS),
    to_number: before?.to_number ?? random.pick(NUMBERS),
    number: before ? before.number : random.pick([null, ...NUMBERS]),
    answered_at_ms: null,
    ended_at_ms: 0,
    end_reason: null,
    duration_ms,
    billable_seconds: Math.ceil(duration_ms / 1_000),
    rate_name: "voice",
    price_micros_per_minute: 70_000,
    first_seconds: 1,
    next_seconds: 1,
    minimum_seconds: 0,
    connection_fee_micros: null,
    free_seconds: null,
    destination: null,
    byok: [],
    provider_costs: [],
    currency: "EUR",
    fee_micros,
    provider_cost_micros,
    charged_micros: fee_micros + provider_cost_micros,
    overrun_micros: 0,
    charged_at_ms: is_charged || random.chance(0.1) ? 1 : null,
    first_entry_seq: null,
    updated_at_ms: 1,
    parent_call_id: null,
    from_dialled: null,
    to_dialled: null,
    counted: null,
    first_notice_seq: random.pick([null, random.between(1, 99)]),
  };
}

/** Often at the very edge of a quarter hour, an hour or a day, and often with others. */
function anyInstant(random: Random): number {
  const length_ms = random.pick([QUARTER_MS, HOUR_MS, DAY_MS]);
  const edge_ms = BEGIN_MS + random.between(0, (DAYS * DAY_MS) / length_ms - 1) * length_ms;
  const at_ms = edge_ms + random.pick([0, 0, -1, 1, random.between(0, length_ms - 1)]);
  return Math.min(END_MS - 1, Math.max(BEGIN_MS, at_ms));
}

/** Part of the calls, chosen by what they are. */
export function anyFilter(random: Random): CallFilter {
  const maybe = <Value>(values: readonly Value[]) => (random.chance(0.4) ? random.pick(values) : undefined);
  return {
    direction: maybe(["inbound", "outbound"] as const),
    ending: maybe(["ended", "failed", "rejected"] as const),
    number: maybe([...NUMBERS, "+999"]),
    charged: random.chance(0.3) || undefined,
  };
}
