/** Why the balance changed. `checkpoint` sums up entries that were archived. */
export type EntryKind =
  | "purchase"
  | "promotion"
  | "call"
  | "refund"
  | "dispute"
  | "adjustment"
  | "correction"
  | "expiry"
  | "checkpoint";

/**
 * One posted change of the balance. `month_seconds_after` counts the billed seconds, so far, of the calls that began in
 * the entry's month. Older entries count calls by when they were charged: the count of a month that has both goes on from
 * the older ones.
 */
export interface Entry {
  seq: number;
  epoch: number;
  kind: EntryKind;
  amount_micros: number;
  balance_after_micros: number;
  month_seconds_after: number;
  call_id: string | null;
  key: string | null;
  reason: string | null;
  posted_at_ms: number;
}
