import type { LiveCall } from "../core/calls/call";

/** Where a page of live calls ended. */
export type AfterCall = Pick<LiveCall, "authorized_at_ms" | "call_id">;

/** Live calls of a node, the oldest first, from the one that follows `after`. */
export function nodeCalls(
  live: Iterable<LiveCall>,
  node: string,
  after: AfterCall | null,
  limit: number,
): { live: LiveCall[]; has_more: boolean } {
  const of_node = [...live].filter((call) => call.node === node).sort(byAge);
  const further = after === null ? of_node : of_node.filter((call) => byAge(call, after) > 0);
  return { live: further.slice(0, limit), has_more: further.length > limit };
}

/** Those of one instant in the order of their ids, so that a page goes on where the last one ended. */
function byAge(one: AfterCall, other: AfterCall): number {
  if (one.authorized_at_ms !== other.authorized_at_ms) return one.authorized_at_ms - other.authorized_at_ms;
  return one.call_id < other.call_id ? -1 : Number(one.call_id > other.call_id);
}
