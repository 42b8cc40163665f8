import type { LedgerChanges } from "../../store/changes";
import type { LedgerMemory } from "../memory";
import type { SkewWatch } from "../skew-watch";
import { type EventContext, operatorEvents, skewEvent } from "./event-payloads";
import { withFinalUnitEvent } from "./final-unit";

/** Where and when an event happens, for its body. */
export function eventContext({ profile, posted_micros }: LedgerMemory, now_ms: number): EventContext {
  return { organization_id: profile.organization_id, posted_micros, now_ms };
}

/** The changes with their events: last seconds for the customer; how a call ended and a node's clock for operators. */
export function withEvents(
  changes: LedgerChanges,
  { state, skews, now_ms }: { state: LedgerMemory; skews: SkewWatch; now_ms: number },
): LedgerChanges {
  const hold = changes.hold && state.withClock(changes.hold);
  const told = withFinalUnitEvent({ ...changes, hold }, state.event_cursor.wanted, now_ms);
  const { resolved, closes_hold, skew, events = [] } = told;
  const context = eventContext(state, now_ms);
  const of_call =
    resolved && (closes_hold || resolved.version === 1) ? operatorEvents(context, resolved) : [];
  const of_clock = skew && skews.isUnreported(skew, now_ms) ? [skewEvent(context, skew)] : [];
  return { ...told, events: [...of_call, ...events, ...of_clock] };
}
