import type { CallIdentity, LiveCall, ResolvedCall } from "./call";
import type { Authorize, RatedParties } from "./commands";

/** Who calls whom, with how that was said. */
type Parties = Pick<RatedParties, "from" | "to" | "direction" | "from_dialled" | "to_dialled">;

/** Whether the same call_id is used for a call between others than those it was first used for, however they are spelled. */
export function isOtherCall(known: CallIdentity, said: Parties): boolean {
  const is_same =
    isSameSide([known.from, known.from_dialled], [said.from, said.from_dialled]) &&
    isSameSide([known.to, known.to_dialled], [said.to, said.to_dialled]);
  return !is_same || known.direction !== said.direction;
}

/** Each as it is kept, and as it was said: a call from before numbers were read, or in another country, has only the latter alike. */
function isSameSide(
  [known, known_dialled = known]: [string, string?],
  [said, said_dialled = said]: [string, string?],
): boolean {
  return known === said || known_dialled === said_dialled;
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
  const { rate_name, byok, expected_provider_micros_per_minute, max_duration_seconds, quota_seconds } =
    command;
  return JSON.stringify([
    rate_name,
    byok.toSorted(),
    expected_provider_micros_per_minute,
    max_duration_seconds,
    // Calls of before it could be asked for have four terms.
    ...(quota_seconds === undefined ? [] : [quota_seconds]),
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
