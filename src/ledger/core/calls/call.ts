import type { Rate } from "../credit/rating";

/** Inbound: to a number of the organization. Outbound: from it. */
export type Direction = "inbound" | "outbound";

/** A part of a voice agent that may run on the customer's own provider key. */
export type OwnKey = "stt" | "llm" | "tts";
/** What a provider may charge for in a call. */
export type ProviderService = OwnKey | "telephony" | "other";

/** What a provider asked for its part of one call, as the node reports it. */
export interface ProviderCost {
  service: ProviderService;
  cost_micros: number;
}

/** Why a call may not start. `credit_in_use`: there is credit, and live calls hold it. */
export type RejectReason =
  | "insufficient_credits"
  | "credit_in_use"
  | "destination_blocked"
  | "organization_suspended"
  | "organization_closed";

/** What is fixed about a call from the moment it is known; `number` is the organization's own, when known. */
export interface CallIdentity {
  call_id: string;
  direction: Direction;
  from: string;
  to: string;
  number: string | null;
  /** How each side was said, where it is not the form that it has here. Absent in calls of before it was kept. */
  from_dialled?: string;
  to_dialled?: string;
  rate: Rate;
  byok: OwnKey[];
  /** The call of the same organization that this one is a leg of. */
  parent_call_id?: string | null;
  /** To an emergency service: free, and granted and kept without conditions. */
  is_emergency?: true;
}

/** What a repeat of the request that began a call is checked against. Absent in calls of before these were kept. */
interface Requested {
  /** Of a call that a customer has placed: a digest of all that was asked for. */
  request_digest?: string;
  /** How the node that authorized the call wants it charged; absent while none has. */
  node_terms?: string;
}

/** How far the machine's clock had been set back when the call began: what it is set back later makes the call longer. */
interface Clocked {
  set_back_at_start_ms?: number;
}

/** A call that holds credit. Its row in `hold` is written at authorize and removed when it resolves. */
export interface LiveCall extends CallIdentity, Requested, Clocked {
  /** Counts the changes of the call, from 1; the projection takes no older one. */
  version: number;
  expected_provider_micros_per_minute: number;
  max_duration_seconds: number | null;
  /** How long a quota its node asked for: it need not renew the call. */
  quota_seconds?: number;
  /** The node that carries it, as it calls itself. */
  node?: string;
  authorized_at_ms: number;
  answered_at_ms: number | null;
  /** When the node said that it was answered, where that cannot be. */
  reported_answered_at_ms?: number | null;
  granted_seconds: number;
  /** Credit reserved for the call until it resolves. */
  held_micros: number;
  final_unit: boolean;
  /** Whether an event has said that the call has come to its last seconds. */
  final_unit_told?: boolean;
  /** The number and content of the last renewal; 0 before the first. */
  request_number: number;
  renew_fingerprint: string;
  /** Elapsed seconds as the node last reported them: what the grant is measured from. */
  elapsed_seconds: number;
  /** Elapsed seconds that the object's own clock can vouch for: what a lost call is charged for. */
  proof_of_life_seconds: number;
  proof_at_ms: number;
  provider_cost_micros: number | null;
  /** When the hold is resolved as lost unless the node reports before, by the object's clock. */
  expires_at_ms: number;
  /** Whether its expiry was put off because the object was away. */
  postponed: boolean;
  /** When its row was written without a proof of life. */
  written_at_ms?: number;
  /** How far the machine's clock had been set back when its row was written, when it had been. */
  set_back_seen_ms?: number;
  /** The request that a customer has placed the call by; absent when a node began it. */
  attempt_id?: string;
}

/**
 * How a call ended. `parked`: reported without authorization above the cap, waits for an operator.
 */
export type CallOutcome = "settled" | "voided" | "lost" | "rejected" | "parked";

/** What an operator may want to look at; such a call is charged as reported all the same. */
export type CallFlag = "longer_than_a_day" | "shorter_than_proof_of_life" | "times_moved" | "times_disagree";

/** What a resolved call cost and why. */
export interface Receipt extends CallIdentity {
  outcome: CallOutcome;
  reject_reason: RejectReason | null;
  authorized: boolean;
  /** When it began: authorized or rejected; for a call never authorized, answered. Its day and month in every figure. */
  started_at_ms: number;
  answered_at_ms: number | null;
  ended_at_ms: number;
  /** What the node said of its answer and end where that cannot be; missing in rows from before it was kept. */
  reported_answered_at_ms?: number | null;
  reported_ended_at_ms?: number | null;
  end_reason: string | null;
  duration_ms: number;
  billable_seconds: number;
  fee_micros: number;
  /** What each provider asked, as last reported. */
  provider_costs: ProviderCost[];
  /** What was last reported of platform keys, charged or not; missing in rows from before it was kept apart. */
  reported_provider_cost_micros?: number;
  /** What of it is charged. */
  provider_cost_micros: number;
  charged_micros: number;
  /** What was charged above the hold: the node let the call run past its quota. */
  overrun_micros: number;
  balance_before_micros: number;
  balance_after_micros: number;
  flags?: CallFlag[];
}

/** A call that holds nothing any more: its receipt as it stands, and what later reports of it are checked against. */
export interface ResolvedCall extends Receipt, Requested, Clocked {
  version: number;
  resolved_at_ms: number;
  granted_seconds: number;
  held_micros: number;
  proof_of_life_seconds: number;
  /** Time of the first charge, null while nothing was charged. */
  charged_at_ms: number | null;
  /** The ledger entries of this call, by seq. */
  entry_seqs: number[];
  /** What resolved the call, to recognise a repeat; null after an expiry. */
  report_fingerprint: string | null;
  /** The receipt that settle answered, kept when a correction changes the call afterwards. */
  first_receipt: Receipt | null;
  /** A customer has placed the call and no node has said how it is charged. */
  unrated?: boolean;
  /** When it was last charged or corrected; absent when that was when it was resolved. */
  updated_at_ms?: number;
  /** The receipt as its last entry fixed it; absent while the call has not changed without an entry since. */
  receipt_at_entry?: Receipt;
}

/** What the ledger knows of a call_id. A call that was archived is unknown. */
export type KnownCall =
  | { state: "unknown" }
  | { state: "live"; call: LiveCall }
  | { state: "resolved"; call: ResolvedCall };

/**
 * The right to run: how long a call may last on what is held. The terms are those of credit control: Granted-Service-Unit,
 * Validity-Time and Final-Unit-Indication (RFC 8506, sections 8.17, 8.33 and 8.34), as quota management in charging of 5G
 * has them, too (3GPP TS 32.291).
 */
export interface Grant {
  call_id: string;
  from: string;
  /** Cumulative, counted from the answer. */
  granted_seconds: number;
  /** The node asks again when this much of the call has passed. */
  renew_before_seconds: number;
  /** From the last proof of life to the end of the quota. */
  valid_for_seconds: number;
  /** The last quota that the credit allows: the node ends the call when it is used up. */
  final_unit: boolean;
  /** Until when its credit stays held without a word on it; only where its node asked for a long quota. */
  held_until_ms?: number;
  rate: Rate;
  answered_at_ms: number | null;
  /** The customer's request that the grant was first given to. */
  attempt_id?: string;
}
