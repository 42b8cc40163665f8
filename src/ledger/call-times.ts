import type { Settle } from "./commands";
import type { Book } from "./decision";
import { invalid } from "./refusals";
import { MAX_CALL_MS } from "./settings";

/** Whether so much time cannot have passed since the call began. */
export function refuseDuration(book: Book, started_at_ms: number, duration_ms: number) {
  const bound_ms = book.now_ms - started_at_ms + book.settings.node_time_tolerance_seconds * 1_000;
  if (duration_ms <= Math.min(bound_ms, MAX_CALL_MS)) return undefined;
  return invalid("duration_ms", "The duration is longer than the time since this call was authorized.");
}

/** A call that is known began at a known time: what a report says of its times must agree with that. */
export function refuseTimes(book: Book, started_at_ms: number, command: Settle) {
  const tolerance_ms = book.settings.node_time_tolerance_seconds * 1_000;
  for (const name of ["answered_at", "ended_at"] as const) {
    const at_ms = command[`${name}_ms`];
    if (at_ms === null) continue;
    if (at_ms > book.now_ms + tolerance_ms) return invalid(name, `${name} lies in the future.`);
    if (at_ms < started_at_ms - tolerance_ms)
      return invalid(name, `${name} lies before the call was authorized.`);
  }
  return undefined;
}

export function tooLong() {
  return invalid("duration_ms", "No call is longer than 24 hours.");
}

/** When the call was answered, as was first said, and when it ended. */
export function timesOf(book: Book, known_answered_at_ms: number | null, command: Settle) {
  const ended_at_ms = command.ended_at_ms ?? book.now_ms;
  const answered_at_ms =
    known_answered_at_ms ??
    command.answered_at_ms ??
    (command.duration_ms > 0 ? ended_at_ms - command.duration_ms : null);
  return { ended_at_ms, answered_at_ms };
}
