import { monthOf } from "../../../units/duration";
import type { Book, Changes, Decision } from "../book";
import { nextEntry } from "../credit/next-entry";
import type { ResolvedCall } from "./call";
import { flagsOf } from "./call-times";
import { chargedCostMicros, chargeFor } from "./charge";
import type { CallAnswer } from "./commands";
import { receiptAnswer } from "./receipt";

/** What is charged: `call` as it ended, its reported length, and what the decision changes besides. */
export interface ChargedCall {
  call: ResolvedCall;
  duration_ms: number;
  kind: "call" | "correction";
  /** Why, on the entry; the call's end reason when it is not said. */
  reason?: string | null;
  changes?: Changes;
}

/**
 * Charges `call` for `duration_ms`: posts the difference to what it was charged before, in money or in billed time. A
 * correction of the time alone is an entry too, of 0: entries carry the count of their month. No difference: no entry.
 */
export function chargeCall(
  book: Book,
  { call, duration_ms, kind, reason = call.end_reason, changes }: ChargedCall,
): Decision<CallAnswer> {
  const charge = chargeFor(call, duration_ms, call.granted_seconds, chargedCostMicros(call));
  const difference_micros = charge.charged_micros - call.charged_micros;
  // A call at a price of 0 is usage with its minutes; one for help is none.
  const is_usage = difference_micros !== 0 || (charge.billable_seconds > 0 && !call.is_emergency);
  const charged_at_ms = call.charged_at_ms ?? (is_usage ? book.now_ms : null);
  const billed_seconds = billedSeconds({ ...charge, charged_at_ms }) - billedSeconds(call);
  // A call belongs to the month in which it began, whenever it is charged or corrected.
  const is_of_this_month = monthOf(call.started_at_ms) === monthOf(book.now_ms);
  const entry =
    difference_micros === 0 && billed_seconds === 0
      ? undefined
      : nextEntry(book, {
          kind,
          amount_micros: -difference_micros,
          call_id: call.call_id,
          key: null,
          reason,
          month_seconds: is_of_this_month ? billed_seconds : 0,
        });
  const lasted: ResolvedCall = { ...call, ...charge, duration_ms };
  const resolved: ResolvedCall = {
    ...lasted,
    flags: flagsOf(book, lasted),
    overrun_micros: call.authorized ? Math.max(0, charge.charged_micros - call.held_micros) : 0,
    balance_before_micros: book.posted_micros,
    balance_after_micros: book.posted_micros - difference_micros,
    charged_at_ms,
    updated_at_ms: book.now_ms,
    entry_seqs: entry ? [...call.entry_seqs, entry.seq] : call.entry_seqs,
  };
  return { answer: receiptAnswer(resolved), changes: { ...changes, resolved, ...(entry ? { entry } : {}) } };
}

/** What a call counts as usage: nothing as long as it was not charged. */
function billedSeconds({
  billable_seconds,
  charged_at_ms,
}: Pick<ResolvedCall, "billable_seconds" | "charged_at_ms">): number {
  return charged_at_ms === null ? 0 : billable_seconds;
}
