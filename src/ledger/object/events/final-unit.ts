import { newId } from "../../../units/id";
import type { NewEvent } from "../../../webhooks/event-catalogue";
import type { LiveCall } from "../../core/calls/call";
import type { LedgerChanges } from "../../store/changes";
import { includesEvent, type Subscription } from "../../store/event-outbox";

/**
 * The same changes, with the event that a call has come to its last seconds: once a call, and only where somebody
 * listens, so that nobody else pays a row for it. It is written with the hold that says so.
 */
export function withFinalUnitEvent(
  changes: LedgerChanges,
  wanted: Subscription,
  now_ms: number,
): LedgerChanges {
  const { hold, events = [] } = changes;
  if (!hold?.final_unit || hold.final_unit_told || !includesEvent(wanted, "call.final_unit")) return changes;
  return {
    ...changes,
    hold: { ...hold, final_unit_told: true },
    events: [...events, finalUnitEvent(hold, now_ms)],
  };
}

function finalUnitEvent(hold: LiveCall, occurred_at_ms: number): NewEvent {
  const { call_id, direction, from, to, granted_seconds, elapsed_seconds } = hold;
  const seconds_left = Math.max(0, granted_seconds - elapsed_seconds);
  const data = { call_id, direction, from, to, seconds_left };
  return { id: newId("evt"), type: "call.final_unit", occurred_at_ms, data };
}
