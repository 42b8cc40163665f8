import type { Book } from "../book";
import { rateInForce } from "../credit/rating";
import type { KnownCall } from "./call";
import { callRate, chargedRateName } from "./call-rate";
import type { RatedParties } from "./commands";
import { EMERGENCY_RATE } from "./emergency";
import { isOtherCall } from "./idempotency";
import { isUnrated } from "./placed-call";

const FOR_HELP = { is_emergency: true, rate: EMERGENCY_RATE } as const;

/**
 * What is known of a call with the rate and own keys that the report of its end states, where that is the first to say
 * how the call is charged; else as it is. Undefined when there is no such rate.
 */
export function ratedByReport(
  book: Book,
  known: KnownCall,
  stated: RatedParties | null,
): KnownCall | undefined {
  if (!stated || known.state === "unknown") return known;
  if (stated.is_emergency && wasRefused(known))
    return { state: "resolved", call: { ...known.call, ...FOR_HELP } };
  if (!awaitsRate(known)) return known;
  if (isOtherCall(known.call, stated)) return known;
  const began_ms = known.state === "live" ? known.call.authorized_at_ms : known.call.started_at_ms;
  const { standard_versions = [], standard_rate, byok } = stated;
  const name = chargedRateName(stated);
  // Not by the node's clock, which may be wrong: by when the call began, or by now where the rate is newer than that.
  const operators_rate =
    rateInForce(standard_versions, name, began_ms) ??
    standard_rate ??
    rateInForce(standard_versions, name, book.now_ms) ??
    null;
  // A price by destination was known when the call was placed, and stands unless its node names a rate.
  const is_known = known.call.rate.destination !== undefined && stated.by_destination?.rate !== undefined;
  const asked = { ...stated, standard_rate: operators_rate };
  const rate = is_known ? known.call.rate : callRate(book, asked, began_ms);
  if (!rate) return undefined;
  return known.state === "live"
    ? { state: "live", call: { ...known.call, rate, byok } }
    : { state: "resolved", call: { ...known.call, rate, byok } };
}

/** A call for help that was refused, by a ledger of before such calls were known, and took place all the same. */
function wasRefused(known: KnownCall): known is Extract<KnownCall, { state: "resolved" }> {
  return known.state === "resolved" && known.call.outcome === "rejected";
}

function awaitsRate(known: Exclude<KnownCall, { state: "unknown" }>): boolean {
  if (known.state === "live") return isUnrated(known.call);
  return known.call.unrated === true && known.call.outcome !== "settled";
}
