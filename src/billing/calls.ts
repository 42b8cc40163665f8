import type { Bindings } from "../env";
import type { CallAnswer, CallCommand, RatedParties } from "../ledger/commands";
import type { DatedRate } from "../ledger/rating";
import { MAX_CALL_MS } from "../ledger/settings";
import type { Direction, OwnKey, ProviderCost } from "../ledger/types";
import { type Directory, DirectoryUnavailable } from "../storage/directory";
import { SECOND_MS } from "../units/duration";
import { type Reached, reachOrganization } from "./ledgers";
import { standardRateAt } from "./rates";

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
      })
    | { op: "void"; end_reason?: string }
    | { op: "correct"; correction_id: string; duration_ms: number; reason: string }
  );

/** A "no" that is given before any ledger is asked. */
export type EdgeRefusal =
  | { outcome: "refused"; code: "missing_field"; param: string; message: string }
  | { outcome: "refused"; code: "not_found" | "forbidden"; message: string };

/** `unavailable` says that nothing is known: answered as 503, never as a refusal. */
export type EdgeAnswer =
  | { outcome: "answered"; organization_id: string; language: string; answer: CallAnswer }
  | { outcome: "unavailable" }
  | EdgeRefusal;

const E164 = /^\+[1-9]\d{5,14}$/;

/** The organization that an operation is about, or why it may not be. */
export async function reachSubject(
  env: Bindings,
  directory: Directory,
  caller: EdgeCaller,
  operation: EdgeOperation,
): Promise<{ outcome: "reached"; reached: Reached } | EdgeRefusal> {
  const organization_id = operation.organization_id ?? (await ownerOf(env, directory, operation));
  if (organization_id === undefined)
    return {
      outcome: "refused",
      code: "missing_field",
      param: "organization_id",
      message:
        "Say whose call it is: organization_id, as authorize answered it, or the organization's number.",
    };
  // Alike for numbers of others and of nobody, so that a limited key learns nothing of others.
  if (caller.organization_ids && !caller.organization_ids.includes(organization_id ?? ""))
    return {
      outcome: "refused",
      code: "forbidden",
      message: "This API key may not act for this organization.",
    };
  if (organization_id === null)
    return { outcome: "refused", code: "not_found", message: "This number belongs to no organization." };
  const reached = await reachOrganization(env, organization_id, directory);
  if (!reached) return { outcome: "refused", code: "not_found", message: "There is no such organization." };
  return { outcome: "reached", reached };
}

/**
 * Whose call an operation by number is about. Where the number has moved within the length of the longest call, its
 * former owner is asked first whether it knows the call: a live call stays with the organization that was asked.
 */
async function ownerOf(
  env: Bindings,
  directory: Directory,
  operation: EdgeOperation,
): Promise<string | null | undefined> {
  const { number, call_id } = operation;
  if (number === undefined) return undefined;
  const now_ms = Date.now();
  const present = await directory.number(number);
  const moved_at_ms = present?.since_ms ?? now_ms;
  if (now_ms - moved_at_ms < MAX_CALL_MS) {
    const former = await directory.ownerAt(number, moved_at_ms - 1).catch(nobodyKnown);
    if (former !== null && (await knowsCall(env, directory, former, call_id))) return former;
  }
  const began_at_ms = beganAt(operation, now_ms);
  const owner = began_at_ms === null ? null : await directory.ownerAt(number, began_at_ms);
  return owner ?? present?.organization_id ?? null;
}

async function knowsCall(
  env: Bindings,
  directory: Directory,
  organization_id: string,
  call_id: string,
): Promise<boolean> {
  const reached = await reachOrganization(env, organization_id, directory);
  if (!reached) return false;
  const answer = await reached.ledger.ask(async (ledger) => ledger.call(null, call_id));
  return answer.outcome === "call" && answer.known.state !== "unknown";
}

/** Without D1 the former owner cannot be told: the present one is the best answer, and calls must go on. */
function nobodyKnown(error: unknown): null {
  if (error instanceof DirectoryUnavailable) return null;
  throw error;
}

/** When the call began, as far as the operation tells; null when it is about the present. */
function beganAt(operation: EdgeOperation, now_ms: number): number | null {
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
      };
    case "answered":
      return { op: "answered", call_id, answered_at_ms: operation.answered_at_ms ?? null };
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
        provider_costs: operation.provider_costs ?? [],
        edge_key_id: caller.key_id,
        unauthorized: unheardOf(operation, card, now_ms),
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
  call: Parties & { number?: string; rate?: string; byok?: OwnKey[] },
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
  };
}

/** What the ledger needs of a call that it was never asked about; null leaves it to say what is missing. */
function unheardOf(
  operation: Extract<EdgeOperation, { op: "settle" }>,
  card: readonly DatedRate[],
  now_ms: number,
): RatedParties | null {
  const { direction, from, to, number, rate, byok } = operation;
  if (direction === undefined || from === undefined || to === undefined) return null;
  return termsOf({ direction, from, to, number, rate, byok }, card, beganAt(operation, now_ms) ?? now_ms);
}

/** The organization's side of the call, when it is a telephone number. */
function ownNumber({ direction, from, to }: Parties): string | null {
  const own = direction === "inbound" ? to : from;
  return E164.test(own) ? own : null;
}
