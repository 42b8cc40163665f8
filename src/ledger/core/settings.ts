import { DAY_MS, SECOND_MS } from "../../units/duration";

/** Numbers that shape a call's life. Operators set them by the variables of the same name in capitals: see src/env.ts. */
export interface LedgerSettings {
  /** The longest quota granted at once, unless the first rating increment is longer. */
  quota_seconds: number;
  /** The longest quota that a node may ask for: for platforms that can set one limit only, at the start of a call. */
  max_quota_seconds: number;
  /** The shortest quota granted while that much credit is spendable. */
  min_quota_seconds: number;
  /** How long a call may ring before its hold expires. */
  ring_seconds: number;
  /** How far a node's count of time may run ahead of the object's clock. */
  node_time_tolerance_seconds: number;
  /** Calls settled without authorization that one edge key may post to one organization in an hour. */
  unauthorized_settles_per_hour: number;
  /** Requests that one customer key may make in a minute. */
  customer_requests_per_minute: number;
  /** How long entries and resolved calls stay in the object at least, unless it grows above `keep_ledger_bytes`. */
  keep_calls_days: number;
  /** Above this size the oldest entries and calls leave before their time: an object holds 10 GB at most. */
  keep_ledger_bytes: number;
}

/** What holds where the operator has set nothing. */
export const DEFAULT_LEDGER_SETTINGS: LedgerSettings = {
  quota_seconds: 60,
  max_quota_seconds: 3_600,
  min_quota_seconds: 5,
  ring_seconds: 180,
  node_time_tolerance_seconds: 60,
  unauthorized_settles_per_hour: 1_000,
  customer_requests_per_minute: 100,
  keep_calls_days: 400,
  keep_ledger_bytes: 6_000_000_000,
};

/** A node's timers fire a little late: a call this much longer than granted is billed as granted. */
export const OVERRUN_TOLERANCE_MS = 2 * SECOND_MS;

/** Two reports of one end, from two signs of it, may differ by this much in what they say of time. */
export const SAME_REPORT_MS = 2 * SECOND_MS;

/** Proof of life may run this far ahead of the object's own time since authorize. */
export const PROOF_OF_LIFE_TOLERANCE_MS = 5 * SECOND_MS;

/** The longest that any call is granted, and that one may be which was never authorized. */
export const MAX_CALL_SECONDS = 86_400;
export const MAX_CALL_MS = MAX_CALL_SECONDS * SECOND_MS;

/** The longest call that was authorized which is charged: nodes may let one run on that had its last grant. */
export const MAX_REPORTED_CALL_MS = 7 * DAY_MS;

/** How far ahead a call's end may lie when it is reported: beyond it the report is wrong, and not only its clock. */
export const MAX_AHEAD_MS = DAY_MS;

/** How far back a call that was never authorized may still be reported. */
export const MAX_REPORT_AGE_MS = 30 * DAY_MS;
