/** A refund or a dispute of a purchase, as it is known. Amounts are of the whole, whichever reversal has taken the credit. */
export interface Reversal {
  id: string;
  kind: "refund" | "dispute";
  /** What was given back, with its VAT. */
  gross_micros: number;
  /** The credit that it takes when there is no other one. */
  net_micros: number;
  /** How often its money has moved: never fewer times, so that an older report can be recognised. */
  moves: number;
  /** Whether the money is with the buyer, or on its way. */
  is_back: boolean;
  /** Its entries are under these, each further one with a number: `<take>`, `<take>:2`, … */
  keys: { take: string; give_back: string };
}

/** What was posted under a key and those that are numbered after it. */
export interface PostedTotal {
  count: number;
  amount_micros: number;
}
