import { type Bindings, readSettings } from "../env";
import type { Authorize, LedgerRefusal } from "../ledger/commands";
import type { Caller, KeyRefusal, RateLimit } from "../ledger/keys";
import { type LedgerHandle, LedgerUnavailable } from "../ledger/open-ledger";
import type { OwnKey, Receipt, RejectReason } from "../ledger/types";
import { Directory } from "../storage/directory";
import { sha256Hex } from "../units/digest";
import { newId } from "../units/id";
import { termsOf } from "./calls";
import { dial } from "./dialer";

/** What a customer asks for. */
export interface OutboundRequest {
  to: string;
  from: string;
  rate?: string;
  byok?: OwnKey[];
  max_duration_seconds?: number;
}

export type OutboundAnswer =
  | { outcome: "dialing"; call_id: string; rate_limit: RateLimit | null }
  | { outcome: "rejected"; call_id: string; reason: RejectReason; rate_limit: RateLimit | null }
  | { outcome: "dialer_unavailable"; rate_limit: RateLimit | null }
  | LedgerRefusal
  | KeyRefusal;

/** Marks a call that the dialer refused, so that a repeat of the request is told the same. */
const DIALER_REFUSED = "dialer_refused";

/**
 * Holds credit for an outbound call and hands it to the operator's dialer. A repeat with the same Idempotency-Key gets
 * the same answer and never dials again: only the request that the grant was first given to does. When nobody can tell
 * whether the dialer took the call, it counts as dialing and its hold ends by settle or by the ring time-out.
 */
export async function placeOutboundCall(
  env: Bindings,
  customer: { organization_id: string; caller: Caller; ledger: LedgerHandle },
  request: OutboundRequest,
  idempotency_key: string | null,
): Promise<OutboundAnswer> {
  const { dialer } = readSettings(env);
  if (!dialer) return { outcome: "dialer_unavailable", rate_limit: null };
  const { organization_id, caller, ledger } = customer;
  const card = await new Directory(env).standardRates();
  const call_id = await outboundCallId(organization_id, idempotency_key);
  const attempt_id = newId("req");
  const command: Authorize = {
    op: "authorize",
    call_id,
    ...termsOf({ ...request, direction: "outbound" }, card, Date.now()),
    expected_provider_micros_per_minute: 0,
    max_duration_seconds: request.max_duration_seconds ?? null,
    attempt_id,
    request_fingerprint: fingerprintOf(request),
  };
  const answer = await authorizeOrTakeBack(ledger, caller, command);
  const rate_limit = ("rate_limit" in answer && answer.rate_limit) || null;
  if (answer.outcome === "rejected") return { ...answer, rate_limit };
  if (answer.outcome === "refused") return repeated(answer, call_id, rate_limit);
  if (answer.outcome === "receipt") return afterTheCall(answer.receipt, rate_limit);
  if (answer.grant.attempt_id !== attempt_id) return { outcome: "dialing", call_id, rate_limit };
  const { granted_seconds, rate } = answer.grant;
  const dialed = await dial(dialer, {
    ...request,
    call_id,
    organization_id,
    granted_seconds,
    rate: rate.name,
  });
  if (dialed === "refused" && (await voidRefused(ledger, call_id)))
    return { outcome: "dialer_unavailable", rate_limit };
  return { outcome: "dialing", call_id, rate_limit };
}

/**
 * A reply that did not come in time says nothing of whether the call was authorized: it is taken back, so that a
 * repeat is not told that a call is dialing which nobody dialed.
 */
async function authorizeOrTakeBack(ledger: LedgerHandle, caller: Caller, command: Authorize) {
  try {
    return await ledger.ask(async (object) => object.operateAs(caller, command));
  } catch (error) {
    if (error instanceof LedgerUnavailable) await voidRefused(ledger, command.call_id, command.attempt_id);
    throw error;
  }
}

/** The call_id that a request has: one and the same for all its repeats. */
async function outboundCallId(organization_id: string, idempotency_key: string | null): Promise<string> {
  if (idempotency_key === null) return newId("call");
  const digest = await sha256Hex(JSON.stringify([organization_id, idempotency_key]));
  return `call_${digest.slice(0, 40)}`;
}

/** What was asked for besides whom to call; the order in which own keys are named says nothing. */
function fingerprintOf({ rate, byok, max_duration_seconds }: OutboundRequest): string {
  return JSON.stringify([rate ?? null, (byok ?? []).toSorted(), max_duration_seconds ?? null]);
}

/** Answers false when the call turned out to be answered after all. */
async function voidRefused(ledger: LedgerHandle, call_id: string, attempt_id?: string): Promise<boolean> {
  const command = { op: "void" as const, call_id, end_reason: DIALER_REFUSED, attempt_id };
  try {
    const [answer] = await ledger.ask(async (object) => object.operate([command]));
    return answer?.outcome === "receipt";
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error;
    // Nothing rings, and the hold ends by the ring time-out.
    return true;
  }
}

function repeated(
  refusal: LedgerRefusal | KeyRefusal,
  call_id: string,
  rate_limit: RateLimit | null,
): OutboundAnswer {
  if (refusal.code === "call_already_settled") return afterTheCall(refusal.receipt, rate_limit);
  if (refusal.code === "idempotency_conflict")
    return {
      ...refusal,
      param: "Idempotency-Key",
      message: `The same Idempotency-Key was used before for another call (${call_id}).`,
    };
  return refusal;
}

/** A repeat that comes when the call is over is told what the first request was told. */
function afterTheCall(
  { call_id, outcome, end_reason }: Receipt,
  rate_limit: RateLimit | null,
): OutboundAnswer {
  if (outcome === "voided" && end_reason === DIALER_REFUSED)
    return { outcome: "dialer_unavailable", rate_limit };
  return { outcome: "dialing", call_id, rate_limit };
}
