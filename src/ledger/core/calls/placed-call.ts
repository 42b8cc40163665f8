import { defaultNumber, type OwnNumber } from "../account/own-numbers";
import { invalid, type LedgerRefusal, missingField } from "../refusals";
import type { KnownCall, LiveCall } from "./call";
import type { Authorize, Place } from "./commands";

/** What a call shows in the place of a number that is withheld, as nodes write it (RFC 3323, section 4.1). */
const WITHHELD = "anonymous";

/** Whether a customer has placed the call and no node has said yet how it is charged. */
export function isUnrated({ attempt_id, node_terms }: LiveCall): boolean {
  return attempt_id !== undefined && node_terms === undefined;
}

/** Whether the customer who placed the call may still take it back: no node has reported on it, which may be letting it ring. */
export function isUntouched(call: LiveCall): boolean {
  return isUnrated(call) && call.request_number === 0 && !wasAnswered(call);
}

/** Whether the call was answered, as far as the node has reported. */
export function wasAnswered({ answered_at_ms, elapsed_seconds }: LiveCall): boolean {
  return answered_at_ms !== null || elapsed_seconds > 0;
}

/** What holds credit for a call that a customer asks for: at the voice rate, until a node says otherwise. */
export function authorizeOf(
  numbers: ReadonlyMap<string, OwnNumber>,
  known: KnownCall,
  call: Place,
): Authorize | LedgerRefusal {
  const caller = callerOf(numbers, known, call);
  if ("outcome" in caller) return caller;
  const { call_id, to, standard_rate, by_destination, max_duration_seconds, attempt_id, request_digest } =
    call;
  return {
    op: "authorize",
    call_id,
    direction: "outbound",
    ...caller,
    to,
    rate_name: "voice",
    standard_rate,
    by_destination,
    byok: [],
    expected_provider_micros_per_minute: 0,
    max_duration_seconds,
    placed: { attempt_id, request_digest },
  };
}

/** Where the call comes from: one of the organization's numbers or a withheld one, never that of another organization. */
function callerOf(
  numbers: ReadonlyMap<string, OwnNumber>,
  known: KnownCall,
  { from, from_param }: Place,
): { from: string; number: string | null } | LedgerRefusal {
  if (from === WITHHELD) return { from, number: null };
  const number = from === null ? defaultNumber(numbers.values()) : numbers.get(from);
  if (number) return { from: number.e164, number: number.e164 };
  // A call that is known has its number, whatever has become of that since.
  if (known.state !== "unknown") return { from: known.call.from, number: known.call.number };
  if (from !== null) return invalid(from_param, "This organization has no such number.");
  return missingField(
    "number_id",
    "Missing required field: number_id. This organization has no number to call from.",
  );
}
