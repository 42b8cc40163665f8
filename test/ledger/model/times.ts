import type { Settle } from "../../../src/ledger/core/calls/commands";
import { TOLERANCE_MS } from "./book";
import type { ModelCall } from "./call";

/** Whether a time can be: from when the call began until now, give or take what clocks may differ. */
export function possible(call: ModelCall, at_ms: number, now_ms: number): boolean {
  return call.started_at_ms - TOLERANCE_MS <= at_ms && at_ms <= now_ms + TOLERANCE_MS;
}

/** A time as it was told, or the nearest at which the call can have been under way. */
export function moved(call: ModelCall, told_ms: number, now_ms: number): number {
  if (possible(call, told_ms, now_ms)) return told_ms;
  return told_ms < call.started_at_ms ? call.started_at_ms : now_ms;
}

/** Notes when a call was answered and when it ended, as its report says or as can be. */
export function hearTimes(call: ModelCall, command: Settle, now_ms: number): void {
  const { duration_ms, ended_at_ms: told_end, answered_at_ms: told_answer } = command;
  let end_ms = now_ms;
  if (told_end !== null && possible(call, told_end, now_ms)) end_ms = told_end;
  else if (told_end !== null && told_end < now_ms)
    end_ms = moved(call, (call.answered_at_ms ?? call.started_at_ms) + duration_ms, now_ms);
  if (call.answered_at_ms === null || call.answered_at_ms === undefined) {
    const usable = told_answer !== null && told_answer <= end_ms && possible(call, told_answer, now_ms);
    if (usable) call.answered_at_ms = told_answer;
    else if (told_answer !== null || duration_ms > 0)
      call.answered_at_ms = moved(call, end_ms - duration_ms, now_ms);
    call.reported_answered_at_ms = told_answer === call.answered_at_ms ? null : told_answer;
  }
  call.ended_at_ms = Math.max(end_ms, call.answered_at_ms ?? end_ms);
  call.reported_ended_at_ms = told_end === call.ended_at_ms ? null : told_end;
}

/** With another length the call ends at another time; with any length somebody has answered it. */
export function correctTimes(call: ModelCall, duration_ms: number, now_ms: number): void {
  if (call.answered_at_ms === null && duration_ms > 0)
    call.answered_at_ms = Math.max(call.started_at_ms, (call.ended_at_ms ?? 0) - duration_ms);
  if (typeof call.answered_at_ms === "number")
    call.ended_at_ms = Math.max(call.answered_at_ms, moved(call, call.answered_at_ms + duration_ms, now_ms));
}
