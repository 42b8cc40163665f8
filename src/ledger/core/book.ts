import type { OrganizationState } from "./account/organization";
import type { LiveCall, ResolvedCall } from "./calls/call";
import type { TopUpFacts } from "./credit/auto-top-up";
import type { Entry } from "./credit/entry";
import type { DatedRate } from "./credit/rating";
import type { Reversal } from "./credit/reversal";
import type { LedgerSettings } from "./settings";

/** Everything a decision may know of the organization besides the call itself. */
export interface Book {
  state: OrganizationState;
  posted_micros: number;
  held_micros: number;
  /** Posted minus what live calls have used by their proof of life. */
  remaining_micros: number;
  live_calls: number;
  /** The organization's own rates, which go before the operator's. */
  rates: readonly DatedRate[];
  /** Calls that this edge key has settled here without authorization in this hour. */
  unauthorized_this_hour: number;
  epoch: number;
  /** Billed seconds so far of the calls that began in the month of `now_ms`. */
  month_seconds: number;
  /** The seq that the next entry will have. */
  next_seq: number;
  /** The latest time that a call was resolved which is no longer kept, null when all are. */
  archived_until_ms: number | null;
  /** The ledger's clock: the only one that decides. */
  now_ms: number;
  /** How far the machine's clock lies before what was written last: `now_ms` stands still until it has caught up. */
  clock_behind_ms: number;
  /** How far the machine's clock has been set back in all. */
  clock_set_back_ms: number;
  settings: LedgerSettings;
}

/** What is to be written for one decision, all of it in one transaction. */
export interface Changes {
  /** The call as it lives on: its row is inserted or replaced. */
  hold?: LiveCall;
  /** Resolves the call: its hold, when it has one, goes. */
  resolved?: ResolvedCall;
  /** Whether `resolved` had a hold that must be removed. */
  closes_hold?: boolean;
  /** As it is posted: numbered and added up by the decision (see `nextEntry`). */
  entry?: Entry;
  /** Remembers a caller's id that is not a call_id, what it asked and what it was answered. */
  key?: { key: string; fingerprint: string; answer: unknown };
  /** Counts a call settled without authorization. */
  unauthorized?: { edge_key_id: string; hour: number };
  /** For an operator event. */
  skew?: ClockSkew;
  /** Auto top-up as it is from now on. */
  top_up?: TopUpFacts;
  /** What is known of a purchase's refunds and disputes from now on. */
  reversed?: { purchase_id: string; reversals: Reversal[] };
}

/** A node's clock that is off by more than is tolerated: ahead of the ledger's, or (below 0) behind it. */
export interface ClockSkew {
  call_id: string;
  edge_key_id: string | null;
  skew_ms: number;
}

/** What a decision answers and, when it changes anything, what is to be written for it. */
export interface Decision<Answer> {
  answer: Answer;
  changes?: Changes;
  /** Further entries of the same transaction, in their order. */
  more?: Changes[];
}

/** What new grants may hold: posted minus held; below zero after an overrun. */
export function spendableMicros(book: Pick<Book, "posted_micros" | "held_micros">): number {
  return book.posted_micros - book.held_micros;
}
