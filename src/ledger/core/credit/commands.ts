import type { LedgerRefusal } from "../refusals";
import type { Entry } from "./entry";
import type { Reversal } from "./reversal";

/**
 * Credit that is not a call's: given or taken by an operator, bought, or taken back with the money. `key` makes a repeat
 * the same entry: `adjustment:<id>`, `purchase:<id>`, `refund:<id>`, `refund:<id>:failed`, `dispute:<id>:withdrawn`,
 * `dispute:<id>:reinstated`, and what is posted under one of the last four once more has a number: `refund:<id>:2`.
 */
export interface Post {
  key: string;
  kind: "adjustment" | "promotion" | "purchase" | "refund" | "dispute";
  amount_micros: number;
  reason: string;
}

/** What is known of the refunds and disputes of a purchase: all of them, or those that have news. */
export interface ReverseCredit {
  purchase: { id: string; net_micros: number; gross_micros: number };
  reversals: Reversal[];
}

/** How a refund or dispute stands in the ledger. */
export interface CreditReversal {
  id: string;
  moves: number;
  is_back: boolean;
  /** The credit that it holds, or held until it came again. */
  net_micros: number;
  /** How many entries it has: never fewer, so that answers can be put in order. */
  entries: number;
}

/** Where each reversal of the purchase stands, or why nothing was posted. */
export type ReverseCreditAnswer = { outcome: "taken_back"; reversals: CreditReversal[] } | LedgerRefusal;

/** The entry of the key, posted now or before. */
export type PostAnswer = { outcome: "posted"; entry: Entry } | LedgerRefusal;
