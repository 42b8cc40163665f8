import { receiptOf } from "./charge";
import type { Authorize, CallAnswer, RatedParties, Settle } from "./commands";
import { alreadySettled, conflict } from "./refusals";
import type { CallIdentity, LiveCall, ResolvedCall } from "./types";

/** Whether the same call_id is used for a call between others than those it was first used for. */
export function isOtherCall(
  known: CallIdentity,
  { from, to, direction }: Pick<RatedParties, "from" | "to" | "direction">,
): boolean {
  return known.from !== from || known.to !== to || known.direction !== direction;
}

/** Whether a request asks for something else than the one that began the call. Only where both say what they ask for. */
export function isOtherRequest(
  { request_fingerprint: earlier }: LiveCall | ResolvedCall,
  { request_fingerprint: stated }: Authorize,
): boolean {
  return earlier !== undefined && stated !== undefined && earlier !== stated;
}

/** The answer to a report of a call that was reported before: the same one, as long as the report is the same. */
export function repeatSettle(call: ResolvedCall, command: Settle, fingerprint: string): CallAnswer {
  if (command.unauthorized && wasRatedByReport(call) && isOtherRate(call, command.unauthorized))
    return conflict("call_id");
  if (call.report_fingerprint !== fingerprint) return alreadySettled(call);
  return { outcome: "receipt", receipt: call.first_receipt ?? receiptOf(call) };
}

/** Whether the report itself said how the call is charged: the ledger had not been asked before. */
function wasRatedByReport({ authorized, reject_reason }: ResolvedCall): boolean {
  return !authorized && reject_reason === null;
}

function isOtherRate({ rate, byok }: CallIdentity, stated: RatedParties): boolean {
  const own = new Set([...byok, ...stated.byok]);
  return rate.name !== stated.rate_name || own.size !== byok.length || own.size !== stated.byok.length;
}
