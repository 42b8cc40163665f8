import { isoTime } from "../../../units/duration";
import { newId } from "../../../units/id";
import { CURRENCY, minutesOf } from "../../../units/money";
import type { EventType, NewEvent } from "../../../webhooks/event-catalogue";
import { eventId } from "../../../webhooks/event-id";
import type { ClockSkew } from "../../core/book";
import type { ResolvedCall } from "../../core/calls/call";
import type { BalanceEvent, Credit } from "../../core/credit/balance-alerts";
import { runwayMinutes } from "../../core/credit/credit-left";
import type { Entry } from "../../core/credit/entry";
import { purchaseOfKey } from "../../core/entry-keys";

/** Where an event happened. */
export interface EventContext {
  organization_id: string;
  posted_micros: number;
  now_ms: number;
}

/** The beginning of an event that happens now. */
export function newEvent<Type extends EventType>(type: Type) {
  return { id: newId("evt"), type, occurred_at_ms: Date.now() };
}

/** What operators are told of a call when it resolves. A correction later tells nothing new. */
export function operatorEvents({ organization_id, now_ms }: EventContext, call: ResolvedCall): NewEvent[] {
  const { call_id, charged_micros, overrun_micros } = call;
  const about = { occurred_at_ms: now_ms };
  const events: NewEvent[] = [];
  if (call.outcome === "lost")
    events.push({
      ...about,
      id: newId("evt"),
      type: "ops.call_lost",
      data: { organization_id, call_id, charged_micros },
    });
  if (call.outcome === "parked")
    events.push({ ...about, id: newId("evt"), type: "ops.call_parked", data: { organization_id, call_id } });
  if (overrun_micros > 0)
    events.push({
      ...about,
      id: newId("evt"),
      type: "ops.call_overrun",
      data: { organization_id, call_id, overrun_micros },
    });
  return events;
}

/** A node's clock is wrong. */
export function skewEvent({ organization_id, now_ms }: EventContext, skew: ClockSkew): NewEvent {
  return {
    id: newId("evt"),
    type: "ops.clock_skew",
    occurred_at_ms: now_ms,
    data: { organization_id, ...skew },
  };
}

/** An alert, in the words of the catalogue. */
export function balanceEvent(
  { posted_micros, now_ms }: EventContext,
  event: BalanceEvent,
  credit: Credit,
): NewEvent {
  const { remaining_micros, voice_rate } = credit;
  const about = { id: newId("evt"), occurred_at_ms: now_ms };
  const balance = { currency: CURRENCY, posted_micros, remaining_micros };
  if (event.type === "balance.exhausted") return { ...about, type: event.type, data: balance };
  if (event.type === "balance.negative") return { ...about, type: event.type, data: balance };
  const minutes_balance = minutesOf(remaining_micros, voice_rate.price_micros_per_minute);
  const runway_minutes = runwayMinutes(credit);
  const data = { ...balance, threshold: event.threshold, minutes_balance, runway_minutes };
  return { ...about, type: "balance.low", data };
}

const CREDIT_KINDS = ["purchase", "promotion", "refund", "dispute", "adjustment"] as const;

/** The event of an entry that adds credit, null for any other. `used_micros` is what live calls have used by now. */
export async function creditEvent(
  organization_id: string,
  entry: Entry,
  used_micros: number,
): Promise<NewEvent | null> {
  const kind = CREDIT_KINDS.find((each) => each === entry.kind);
  if (!kind || entry.amount_micros <= 0) return null;
  const { amount_micros, balance_after_micros: posted_micros, posted_at_ms: occurred_at_ms } = entry;
  const remaining_micros = posted_micros - used_micros;
  const purchase_id = purchaseOfKey(entry.key);
  const data = { currency: CURRENCY, posted_micros, remaining_micros, kind, amount_micros, purchase_id };
  const id = await eventId(organization_id, `entry:${entry.epoch}:${entry.seq}`, occurred_at_ms);
  return { id, type: "credits.added", occurred_at_ms, data };
}

/** The event of a resolved call as it stands, null for one that its customer need not hear of. */
export async function callEvent(organization_id: string, call: ResolvedCall): Promise<NewEvent | null> {
  const { call_id, direction, from, to, version, outcome, resolved_at_ms: occurred_at_ms } = call;
  const id = await eventId(organization_id, `call:${call_id}:${version}`, occurred_at_ms);
  const parties = { call_id, direction, from, to };
  // A call that its customer was told to be dialing, and that was then refused to the node, is void.
  if (outcome === "rejected" || (outcome === "voided" && call.reject_reason !== null)) {
    const data = {
      ...parties,
      reason: call.reject_reason ?? "",
      rejected_at: isoTime(call.ended_at_ms),
      count: 1,
    };
    return { id, type: "call.rejected", occurred_at_ms, data };
  }
  if (outcome !== "settled" && outcome !== "lost") return null;
  const { end_reason, billable_seconds, charged_micros } = call;
  const answered_at = call.answered_at_ms === null ? null : isoTime(call.answered_at_ms);
  const ended_at = isoTime(call.ended_at_ms);
  const money = { billable_seconds, charged_micros, currency: CURRENCY };
  const data = { ...parties, version, outcome, answered_at, ended_at, end_reason, ...money };
  return { id, type: outcome === "lost" ? "call.lost" : "call.settled", occurred_at_ms, data };
}
