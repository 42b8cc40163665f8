import type { CallIdentity, LiveCall, ResolvedCall } from "./call";
import type { Authorize, RatedParties } from "./commands";

/** Whether the same call_id is used for a call between others than those it was first used for. */
export function isOtherCall(
  known: CallIdentity,
  { from, to, direction }: Pick<RatedParties, "from" | "to" | "direction">,
): boolean {
  return known.from !== from || known.to !== to || known.direction !== direction;
}

/** Whether a call says of itself that it is a leg of itself. */
export function isItsOwnLeg({
  call_id,
  parent_call_id,
}: {
  call_id: string;
  parent_call_id?: string | null;
}) {
  return call_id === parent_call_id;
}

/** What is kept of a request that begins a call, for `isOtherRequest`. */
export function requestOf(command: Authorize): Pick<LiveCall, "request_digest" | "node_terms"> {
  return command.placed
    ? { request_digest: command.placed.request_digest }
    : { node_terms: nodeTerms(command) };
}

/** How a node wants a call charged, as text that is the same for the same terms. */
export function nodeTerms(command: Authorize): string {
  const { rate_name, byok, expected_provider_micros_per_minute, max_duration_seconds } = command;
  return JSON.stringify([
    rate_name,
    byok.toSorted(),
    expected_provider_micros_per_minute,
    max_duration_seconds,
  ]);
}

/** Whether a request asks for another call, or otherwise, than the one of its kind that came first. */
export function isOtherRequest(call: LiveCall | ResolvedCall, command: Authorize): boolean {
  const { request_digest, node_terms } = requestOf(command);
  // Which number a customer's call comes from may have been left to us: the digest has what was asked.
  if (request_digest !== undefined && call.request_digest !== undefined)
    return request_digest !== call.request_digest;
  if (isOtherCall(call, command)) return true;
  return node_terms !== undefined && call.node_terms !== undefined && node_terms !== call.node_terms;
}
