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

/** Why customers are told that auto top-up buys nothing from now on. */
type PauseEventReason = Extract<NewEvent, { type: "auto_top_up.paused" }>["data"]["reason"];

/**
 * Facts that remember which standstill was told of, and the event of one that was not: each is told once, when it begins,
 * and a limit when there is something that it keeps from being bought. Asked after every command, so that the usual answer, the
 * same facts and no event, costs next to nothing.
 */
export function withPauseEvent(
  facts: TopUpFacts,
  need: TopUpNeed,
): { facts: TopUpFacts; event: NewEvent | null } {
  const found = unreportedPause(facts, need);
  // A limit that keeps nothing from being bought for a while is the same one when it does again.
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

/** What one standstill is told from the next one of the same reason by. */
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
 * The event of a change by which auto top-up has ended, or by which a purchase of one that is off has come to nothing clear.
 * Null when it goes on, or was not on before.
 */
export function endedEvent(before: TopUpFacts, after: TopUpFacts, now_ms: number): NewEvent | null {
  if (after.settings?.enabled) return null;
  const mismatch = after.mismatches.find(({ purchase_id }) => purchase_id === before.claim?.purchase_id);
  if (mismatch) return pausedEvent("purchase_mismatch", mismatch.purchase_id, now_ms);
  if (!before.settings?.enabled) return null;
  return pausedEvent(after.card ? "turned_off" : "card_removed", null, now_ms);
}
