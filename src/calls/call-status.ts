import type { CallOutcome, LiveCall } from "../ledger/core/calls/call";

/** Where a call stands, as lists say it. */
export type CallStatus = "connecting" | "in-progress" | "ended" | "failed" | "rejected";

/** Where a live call stands. */
export function liveStatus({ answered_at_ms }: LiveCall): CallStatus {
  return answered_at_ms === null ? "connecting" : "in-progress";
}

/** How a resolved call ended: the same as `endingIn` of storage/calls.ts asks the database for. */
export function resolvedStatus(outcome: CallOutcome, duration_ms: number): CallStatus {
  if (outcome === "rejected") return "rejected";
  if (outcome === "voided" || (outcome === "settled" && duration_ms === 0)) return "failed";
  return "ended";
}
