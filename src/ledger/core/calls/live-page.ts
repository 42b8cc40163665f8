import { usedMicros } from "../account/account";
import type { Direction, LiveCall } from "./call";

/** Where a live call stands in lists: when it was authorized, and its id. */
type Place = Pick<LiveCall, "authorized_at_ms" | "call_id">;

/** Which live calls are asked for. */
export interface LiveAsked {
  /** Costliest: those that are talking first, then those that are not answered yet. */
  order: "newest" | "costliest";
  is_answered?: boolean;
  direction?: Direction;
  /** The call that they are legs of. */
  parent_call_id?: string;
  from_ms?: number;
  until_ms?: number;
  /** Only those that follow this one among the newest. */
  after: Place | null;
  offset: number;
  limit: number;
}

/** A page of live calls. `total`: of all that were asked for; `left`: of those that follow `after`. */
export interface LivePage {
  live: LiveCall[];
  total: number;
  left: number;
}

/** A page of live calls out of all of them. */
export function livePage(calls: Iterable<LiveCall>, asked: LiveAsked): LivePage {
  const { after, offset, limit, order } = asked;
  const wanted = [...calls].filter((call) => isWanted(call, asked));
  const left = after === null ? wanted : wanted.filter((call) => byNewest(after, call) < 0);
  const live = left.sort(order === "newest" ? byNewest : byCost).slice(offset, offset + limit);
  return { live, total: wanted.length, left: left.length };
}

/** Sorts the newest first; those of the same instant by their id, backwards. */
function byNewest(one: Place, other: Place): number {
  if (one.authorized_at_ms !== other.authorized_at_ms) return other.authorized_at_ms - one.authorized_at_ms;
  if (one.call_id === other.call_id) return 0;
  return one.call_id < other.call_id ? 1 : -1;
}

function byCost(one: LiveCall, other: LiveCall): number {
  const talks = (call: LiveCall) => Number(call.answered_at_ms !== null);
  return talks(other) - talks(one) || usedMicros(other) - usedMicros(one) || byNewest(one, other);
}

function isWanted(call: LiveCall, asked: LiveAsked): boolean {
  const { is_answered, direction, parent_call_id, from_ms, until_ms } = asked;
  return (
    (is_answered === undefined || is_answered === (call.answered_at_ms !== null)) &&
    (direction === undefined || direction === call.direction) &&
    (parent_call_id === undefined || parent_call_id === call.parent_call_id) &&
    (from_ms === undefined || call.authorized_at_ms >= from_ms) &&
    (until_ms === undefined || call.authorized_at_ms < until_ms)
  );
}
