import type { Direction, OwnKey, ProviderCost } from "../ledger/core/calls/call";
import type { CallAnswer, CallCommand, RatedParties } from "../ledger/core/calls/commands";
import type { DatedRate } from "../ledger/core/credit/rating";
import { standardRateAt } from "../pricing/rates";
import { SECOND_MS } from "../units/duration";
import { E164 } from "../units/phone-number";
import type { Refusal } from "../units/refusal";

/** The edge key that speaks: which organizations it may speak of, null for all. */
export interface EdgeCaller {
  key_id: string;
  organization_ids: readonly string[] | null;
}

/** Whose call it is: the organization as authorize answered it, or the organization's own number. */
interface Subject {
  call_id: string;
  organization_id?: string;
  number?: string;
}

interface Parties {
  direction: Direction;
  from: string;
  to: string;
}

/** What a node says about a call, as it says it. */
export type EdgeOperation = Subject &
  (
    | (Parties & {
        op: "authorize";
        rate?: string;
        byok?: OwnKey[];
        max_duration_seconds?: number;
        node?: string;
        parent_call_id?: string;
        expected_provider_micros_per_minute?: number;
      })
    | { op: "answered"; answered_at_ms?: number }
    | { op: "renew"; request_number: number; elapsed_seconds: number; provider_cost_micros?: number }
    | (Partial<Parties> & {
        op: "settle";
        duration_ms: number;
        end_reason: string;
        answered_at_ms?: number;
        ended_at_ms?: number;
        provider_costs?: ProviderCost[];
        rate?: string;
        byok?: OwnKey[];
        parent_call_id?: string;
      })
    | { op: "void"; end_reason?: string }
    | { op: "correct"; correction_id: string; duration_ms: number; reason: string }
  );

/** A "no" that is given before any ledger is asked. */
export type EdgeRefusal = Refusal<"missing_field" | "not_found" | "forbidden">;

/** `unavailable` says that nothing is known: answered as 503, never as a refusal. */
export type EdgeAnswer =
  | { outcome: "answered"; organization_id: string; language: string; answer: CallAnswer }
  | { outcome: "unavailable" }
  | EdgeRefusal;

/** When the call began, as far as the operation tells; null when it is about the present. */
export function beganAt(operation: EdgeOperation, now_ms: number): number | null {
  if (operation.op === "settle")
    return operation.answered_at_ms ?? (operation.ended_at_ms ?? now_ms) - operation.duration_ms;
  if (operation.op === "renew") return now_ms - operation.elapsed_seconds * SECOND_MS;
  return null;
}

/** The operation as the ledger takes it, rated with the operator's card where the organization has no own rate. */
export function commandOf(
  operation: EdgeOperation,
  caller: EdgeCaller,
  card: readonly DatedRate[],
  now_ms: number,
): CallCommand {
  const { call_id } = operation;
  switch (operation.op) {
    case "authorize":
      return {
        op: "authorize",
        call_id,
        ...termsOf(operation, card, now_ms),
        expected_provider_micros_per_minute: operation.expected_provider_micros_per_minute ?? 0,
        max_duration_seconds: operation.max_duration_seconds ?? null,
        node: operation.node,
      };
    case "answered":
      return {
        op: "answered",
        call_id,
        answered_at_ms: operation.answered_at_ms ?? null,
        edge_key_id: caller.key_id,
      };
    case "renew":
      return {
        op: "renew",
        call_id,
        request_number: operation.request_number,
        elapsed_seconds: operation.elapsed_seconds,
        provider_cost_micros: operation.provider_cost_micros ?? null,
      };
    case "settle":
      return {
        op: "settle",
        call_id,
        duration_ms: operation.duration_ms,
        end_reason: operation.end_reason,
        answered_at_ms: operation.answered_at_ms ?? null,
        ended_at_ms: operation.ended_at_ms ?? null,
        provider_costs: operation.provider_costs ?? null,
        edge_key_id: caller.key_id,
        unauthorized: unauthorizedParties(operation, card, now_ms),
      };
    case "void":
      return { op: "void", call_id, end_reason: operation.end_reason ?? null };
    case "correct": {
      const { correction_id, duration_ms, reason } = operation;
      return { op: "correct", call_id, correction_id, duration_ms, reason };
    }
  }
}

/** Who calls whom at which rate. */
export function termsOf(
  call: Parties & { number?: string; rate?: string; byok?: OwnKey[]; parent_call_id?: string },
  card: readonly DatedRate[],
  at_ms: number,
): RatedParties {
  const byok = call.byok ?? [];
  const rate_name = call.rate ?? (byok.length > 0 ? "byok" : "voice");
  return {
    direction: call.direction,
    from: call.from,
    to: call.to,
    number: call.number ?? ownNumber(call),
    rate_name,
    standard_rate: standardRateAt(card, rate_name, at_ms),
    byok,
    parent_call_id: call.parent_call_id,
  };
}

/** What the ledger needs of a call that it was never asked about; null leaves it to say what is missing. */
function unauthorizedParties(
  operation: Extract<EdgeOperation, { op: "settle" }>,
  card: readonly DatedRate[],
  now_ms: number,
): RatedParties | null {
  const { direction, from, to, number, rate, byok, parent_call_id } = operation;
  if (direction === undefined || from === undefined || to === undefined) return null;
  const terms = termsOf(
    { direction, from, to, number, rate, byok, parent_call_id },
    card,
    beganAt(operation, now_ms) ?? now_ms,
  );
  return { ...terms, standard_versions: card.filter(({ name }) => name === terms.rate_name) };
}

/** The organization's side of the call, when it is a telephone number. */
function ownNumber({ direction, from, to }: Parties): string | null {
  const own = direction === "inbound" ? to : from;
  return E164.test(own) ? own : null;
}
