import { newId } from "../../../units/id";
import type { NewEvent } from "../../../webhooks/event-catalogue";
import {
  isShort,
  limitReached,
  pauseOf,
  type TopUpFacts,
  type TopUpNeed,
  usedBy,
} from "../../core/credit/auto-top-up";

/** Why auto top-up has stopped buying, as customers are told. */
type PauseEventReason = Extract<NewEvent, { type: "auto_top_up.paused" }>["data"]["reason"];

/**
 * The event of a pause that was not reported yet, and facts that remember it. Each pause is reported once, when it begins; a
 * limit is reported when it first stops a purchase. Runs after every command, so the usual answer (the same facts, no event)
 * must cost next to nothing.
 */
export function withPauseEvent(
  facts: TopUpFacts,
  need: TopUpNeed,
): { facts: TopUpFacts; event: NewEvent | null } {
  const found = unreportedPause(facts, need);
  // A limit that stops nothing for a while and then stops a purchase again is not a new pause.
  if (found === "quiet") return { facts, event: null };
  const told = found && `${found.reason}:${found.of}`;
  if (told === facts.told) return { facts, event: null };
  const event = found && pausedEvent(found.reason, purchaseOf(facts, found.reason), need.now_ms);
  return { facts: { ...facts, told }, event };
}

function pausedEvent(reason: PauseEventReason, purchase_id: string | null, now_ms: number): NewEvent {
  const data = { reason, purchase_id };
  return { id: newId("evt"), type: "auto_top_up.paused", occurred_at_ms: now_ms, data };
}

function unreportedPause(
  facts: TopUpFacts,
  need: TopUpNeed,
): { reason: PauseEventReason; of: string } | "quiet" | null {
  const { settings, card, claim } = facts;
  if (!settings?.enabled || !card) return null;
  const standstill = pauseOf(facts, need.state);
  if (standstill) return { reason: standstill, of: causeOf(facts) };
  if (claim || !isShort(settings, need)) return isOfLimit(facts.told) ? "quiet" : null;
  const reason = limitReached(facts, settings, need.now_ms);
  if (reason === null) return null;
  const { day, month } = usedBy(facts, need.now_ms);
  return { reason, of: reason === "max_per_day" ? day : month };
}

function isOfLimit(told: string | null): boolean {
  return told !== null && /^(?:max_per_day|monthly_cap):/.test(told);
}

/** Tells one pause from the next one with the same reason. */
function causeOf({ breaker, mismatches, pause }: TopUpFacts): string {
  return String(mismatches[0]?.purchase_id ?? pause?.at_ms ?? breaker?.card.payment_method_id ?? "");
}

function purchaseOf({ mismatches, last_failure }: TopUpFacts, reason: PauseEventReason): string | null {
  if (reason === "purchase_mismatch") return mismatches[0]?.purchase_id ?? null;
  const is_of_failure =
    reason === "card_declined" || reason === "authentication_required" || reason === "customer_balance";
  return is_of_failure ? (last_failure?.purchase_id ?? null) : null;
}

/**
 * The event of a change that ended auto top-up, or that left a mismatched purchase while it is off. Null when it goes on, or
 * was off before.
 */
export function endedEvent(before: TopUpFacts, after: TopUpFacts, now_ms: number): NewEvent | null {
  if (after.settings?.enabled) return null;
  const mismatch = after.mismatches.find(({ purchase_id }) => purchase_id === before.claim?.purchase_id);
  if (mismatch) return pausedEvent("purchase_mismatch", mismatch.purchase_id, now_ms);
  if (!before.settings?.enabled) return null;
  return pausedEvent(after.card ? "turned_off" : "card_removed", null, now_ms);
}
