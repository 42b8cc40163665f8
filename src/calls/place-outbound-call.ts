import { type Bindings, readSettings } from "../env";
import { type LedgerHandle, LedgerUnavailable } from "../ledger/client";
import type { Caller, KeyRefusal, RateLimit } from "../ledger/core/account/api-keys";
import type { Receipt, RejectReason } from "../ledger/core/calls/call";
import { chargedRateName } from "../ledger/core/calls/call-rate";
import type { Place } from "../ledger/core/calls/commands";
import type { LedgerRefusal } from "../ledger/core/refusals";
import { Directory } from "../organizations/directory";
import { type InProgress, withRequestLock } from "../organizations/request-lock";
import { DeckReader } from "../pricing/deck/reader";
import { priceSources } from "../pricing/destination/sources";
import { standardRateAt } from "../pricing/rates";
import { canonicalJson } from "../units/canonical-json";
import { sha256Hex } from "../units/digest";
import { newId } from "../units/id";
import { isRefused, refuse } from "../units/refusal";
import { byDestination, e164Digits } from "./by-destination";
import { type AssistantFields, dial } from "./dialer";

/** What a customer asks for. Nothing of it sets a price: that is for the node to say that takes the call. */
export interface OutboundRequest {
  to: string;
  /** One of the organization's numbers, `anonymous`, or null for its default number. */
  from: string | null;
  from_param: Place["from_param"];
  /** The longest that was stated anywhere in the request, null when nothing was. */
  max_duration_seconds: number | null;
  assistant: AssistantFields;
}

/** What came of it. `rejected`: the credit or the state of the organization does not allow it; the call is recorded. */
export type OutboundAnswer =
  | { outcome: "dialing"; call_id: string; rate_limit: RateLimit | null }
  | { outcome: "rejected"; call_id: string; reason: RejectReason; rate_limit: RateLimit | null }
  | { outcome: "dialer_unavailable"; rate_limit: RateLimit | null }
  | { outcome: "dialer_refused"; rate_limit: RateLimit | null }
  | InProgress
  | LedgerRefusal
  | KeyRefusal;

/** Marks a call that the dialer refused, so that a repeat of the request is told the same. */
const END_REASONS = { refused: "dialer_refused", invalid: "dialer_invalid" } as const;
type Refused = keyof typeof END_REASONS;

/** What a request is told whose call the dialer refused: to try again, or to ask otherwise. */
const OUTCOMES = { refused: "dialer_unavailable", invalid: "dialer_refused" } as const;

/**
 * Holds credit for an outbound call and hands it to the operator's dialer. A repeat with the same Idempotency-Key gets
 * the same answer and never dials again: only the request that the grant was first given to does. When nobody can tell
 * whether the dialer took the call, it counts as dialing and its hold ends by settle or by the ring time-out. Without a
 * dialer the ledger is asked what it would answer, and nothing is held.
 */
export function placeOutboundCall(
  env: Bindings,
  customer: { organization_id: string; caller: Caller; ledger: LedgerHandle },
  request: OutboundRequest,
  idempotency_key: string | null,
): Promise<OutboundAnswer> {
  return withRequestLock(customer.ledger, "outbound", idempotency_key, () =>
    placeAlone(env, customer, request, idempotency_key),
  );
}

async function placeAlone(
  env: Bindings,
  customer: Parameters<typeof placeOutboundCall>[1],
  request: OutboundRequest,
  idempotency_key: string | null,
): Promise<OutboundAnswer> {
  const { dialer } = readSettings(env);
  const { organization_id, caller, ledger } = customer;
  const call = await placeOf(env, organization_id, request, idempotency_key);
  const { call_id } = call;
  const answer = dialer
    ? await placeOrTakeBack(ledger, caller, call)
    : await ledger.ask(async (object) => object.place(caller, call, true));
  const rate_limit = ("rate_limit" in answer && answer.rate_limit) || null;
  if (answer.outcome === "rejected") return { ...answer, rate_limit };
  if (isRefused(answer)) return repeated(answer, call_id, rate_limit);
  if (answer.outcome === "receipt") return afterTheCall(answer.receipt, rate_limit);
  if (answer.grant.attempt_id !== call.attempt_id) return { outcome: "dialing", call_id, rate_limit };
  if (!dialer) return { outcome: "dialer_unavailable", rate_limit };
  const { granted_seconds, from } = answer.grant;
  const { to, max_duration_seconds, assistant } = request;
  const limit = max_duration_seconds === null ? {} : { max_duration_seconds };
  const handed = { call_id, organization_id, from, to, granted_seconds, ...limit, ...assistant };
  const dialed = await dial(dialer, handed);
  if (dialed !== "refused" && dialed !== "invalid") return { outcome: "dialing", call_id, rate_limit };
  const taken = await voidUndialed(ledger, call, dialed);
  if (taken === "not_ours") return { outcome: "dialing", call_id, rate_limit };
  // A repeat is told what the ledger has by then, refused or dialing: no answer of this key may say otherwise.
  if (taken === "unknown" && idempotency_key !== null) return refuse("request_in_progress");
  return { outcome: OUTCOMES[dialed], rate_limit };
}

/** The request as its organization's ledger takes it. */
async function placeOf(
  env: Bindings,
  organization_id: string,
  { to, from, from_param, max_duration_seconds, assistant }: OutboundRequest,
  idempotency_key: string | null,
): Promise<Place> {
  const directory = new Directory(env);
  const [card, entry] = await Promise.all([directory.rateCard(), directory.organization(organization_id)]);
  const now_ms = Date.now();
  const versions = { own: entry?.decks ?? [], standard: card.decks };
  const sources = await priceSources(new DeckReader(env), versions, now_ms, readSettings(env));
  const [from_digits, to_digits] = [from, to].map(e164Digits);
  const numbers = { direction: "outbound", called: "e164", own: null } as const;
  const by_destination = byDestination(
    { ...numbers, from: from_digits ?? null, to: to_digits ?? null },
    sources,
    false,
  );
  const rate_name = chargedRateName({ by_destination, rate_name: "voice" });
  return {
    call_id: await outboundCallId(organization_id, idempotency_key),
    to,
    from,
    from_param,
    standard_rate: standardRateAt(card.rates, rate_name, now_ms),
    ...(by_destination && { by_destination }),
    max_duration_seconds,
    attempt_id: newId("req"),
    request_digest: await sha256Hex(canonicalJson({ to, from, max_duration_seconds, ...assistant })),
  };
}

/**
 * A reply that did not come in time says nothing of whether the call was authorized: it is taken back, so that a
 * repeat is not told that a call is dialing which nobody dialed.
 */
async function placeOrTakeBack(ledger: LedgerHandle, caller: Caller, call: Place) {
  try {
    return await ledger.ask(async (object) => object.place(caller, call));
  } catch (error) {
    if (error instanceof LedgerUnavailable) await voidUndialed(ledger, call, "refused");
    throw error;
  }
}

/** The call_id that a request has: one and the same for all its repeats. */
async function outboundCallId(organization_id: string, idempotency_key: string | null): Promise<string> {
  if (idempotency_key === null) return newId("call");
  const digest = await sha256Hex(JSON.stringify([organization_id, idempotency_key]));
  return `call_${digest.slice(0, 40)}`;
}

/**
 * `not_ours`: a node has taken the call over, and it may ring. `unknown`: the ledger did not answer; nothing rings, and where
 * the call was not taken back its hold ends by the ring time-out.
 */
async function voidUndialed(
  ledger: LedgerHandle,
  call: Place,
  why: Refused,
): Promise<"taken_back" | "not_ours" | "unknown"> {
  const { call_id, attempt_id } = call;
  const command = { op: "void" as const, call_id, end_reason: END_REASONS[why], attempt_id };
  try {
    const [answer] = await ledger.ask(async (object) => object.operate([command]));
    return answer?.outcome === "receipt" ? "taken_back" : "not_ours";
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error;
    return "unknown";
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
  if (outcome === "voided" && end_reason === END_REASONS.refused)
    return { outcome: "dialer_unavailable", rate_limit };
  if (outcome === "voided" && end_reason === END_REASONS.invalid)
    return { outcome: "dialer_refused", rate_limit };
  return { outcome: "dialing", call_id, rate_limit };
}
