import type { DatedRate, Rate, RatedDestination } from "../credit/rating";
import type { LedgerRefusal } from "../refusals";
import type { Direction, Grant, OwnKey, ProviderCost, Receipt, RejectReason } from "./call";

/** What rate decks say of a call by where it goes. */
export interface ByDestination {
  /** Its price, before those of rates that have a name. */
  rate?: Rate;
  /** It may not go there. */
  blocked?: RatedDestination;
  /** No row is for it: the name of the rate that is charged in the place of the one that was named. */
  rate_name?: string;
}

/** Who calls whom at which rate: `standard_rate` is the operator's of that name, the organization's own goes before it. */
export interface RatedParties {
  direction: Direction;
  from: string;
  to: string;
  number: string | null;
  /** How each side was said, where it is not the form that it has here. */
  from_dialled?: string;
  to_dialled?: string;
  rate_name: string;
  standard_rate: Rate | null;
  /** All the operator's versions of that rate, for a report of a call of which the ledger knows when it began. */
  standard_versions?: DatedRate[];
  /** Absent where decks say nothing. */
  by_destination?: ByDestination;
  byok: OwnKey[];
  /** The call of the same organization that this one is a leg of. */
  parent_call_id?: string | null;
  /** To an emergency service. */
  is_emergency?: true;
}

/** May this call start? Asked by a node, or by a customer who places it. */
export interface Authorize extends RatedParties {
  op: "authorize";
  call_id: string;
  expected_provider_micros_per_minute: number;
  max_duration_seconds: number | null;
  /** How long a quota the node asks for: absent where it renews. */
  quota_seconds?: number;
  /** The node that asks, as it calls itself. */
  node?: string;
  /** Set when a customer places the call: how it is charged is for the node to say that takes it over. */
  placed?: Placed;
}

/** A customer's request for a call. */
interface Placed {
  /** Names the request: only the first of several with one call_id may act on the grant. */
  attempt_id: string;
  /** A digest of all that it asked for: every repeat must ask for exactly that. */
  request_digest: string;
}

/** A call that a customer asks for. The ledger knows whose numbers are whose, so it says where the call comes from. */
export interface Place extends Placed {
  call_id: string;
  to: string;
  /** One of the organization's numbers, `anonymous`, or null for its default number. */
  from: string | null;
  /** The field of the request that named it, for a refusal. */
  from_param: "from" | "number_id";
  /** The operator's voice rate: what is held at until a node says otherwise. */
  standard_rate: Rate | null;
  /** Absent where decks say nothing. */
  by_destination?: ByDestination;
  max_duration_seconds: number | null;
}

/** The call was answered: at `answered_at_ms` by the node's clock, now when that is null. */
export interface Answered {
  op: "answered";
  call_id: string;
  answered_at_ms: number | null;
  edge_key_id?: string;
}

/** The call goes on: `elapsed_seconds` since its answer are its proof of life, `request_number` makes a repeat the same. */
export interface Renew {
  op: "renew";
  call_id: string;
  request_number: number;
  elapsed_seconds: number;
  provider_cost_micros: number | null;
}

/**
 * The report of an ended call, times by the node's clock. `unauthorized` has what authorize would have said, for a call that
 * the ledger was never asked about: it is rated as of its answer.
 */
export interface Settle {
  op: "settle";
  call_id: string;
  duration_ms: number;
  end_reason: string;
  answered_at_ms: number | null;
  ended_at_ms: number | null;
  /** Null where the report says nothing of them: what was reported before stands. An empty list says that there are none. */
  provider_costs: ProviderCost[] | null;
  edge_key_id: string;
  unauthorized: RatedParties | null;
}

/** The call was never answered. */
export interface Void {
  op: "void";
  call_id: string;
  end_reason: string | null;
  /** Takes back only what this request has placed, and only while no node has taken it over. */
  attempt_id?: string;
}

/** The node's records say otherwise than what was settled. */
export interface Correct {
  op: "correct";
  call_id: string;
  correction_id: string;
  duration_ms: number;
  reason: string;
}

/** What may be said of a call. */
export type CallCommand = Authorize | Answered | Renew | Settle | Void | Correct;

/** What a command of a call is answered. A rejected call is an answer, not a refusal: it is recorded. */
export type CallAnswer =
  | { outcome: "granted"; grant: Grant }
  | { outcome: "rejected"; call_id: string; reason: RejectReason; destination?: RatedDestination }
  | { outcome: "receipt"; receipt: Receipt }
  | LedgerRefusal;
