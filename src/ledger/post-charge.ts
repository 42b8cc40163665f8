import { monthOf } from "../units/duration";
import { chargeFor, receiptOf } from "./charge";
import type { CallAnswer } from "./commands";
import type { Book, Changes, Decision, NewEntry } from "./decision";
import type { ResolvedCall } from "./types";

/** Charges `call` for `duration_ms`: posts the difference to what it was charged before, when there is one. */
export function post(
  book: Book,
  call: ResolvedCall,
  duration_ms: number,
  provider_cost_micros: number,
  kind: "call" | "correction",
  changes: Changes,
  reason = call.end_reason,
): Decision<CallAnswer> {
  const charge = chargeFor(call, duration_ms, call.granted_seconds, provider_cost_micros);
  const difference_micros = charge.charged_micros - call.charged_micros;
  const month_seconds = charge.billable_seconds - call.billable_seconds;
  const this_month = call.charged_at_ms === null || monthOf(call.charged_at_ms) === monthOf(book.now_ms);
  const entry: NewEntry | undefined =
    difference_micros === 0
      ? undefined
      : {
          kind,
          amount_micros: -difference_micros,
          call_id: call.call_id,
          key: null,
          reason,
          month_seconds: this_month ? month_seconds : 0,
        };
  const resolved: ResolvedCall = {
    ...call,
    ...charge,
    duration_ms,
    overrun_micros: call.authorized ? Math.max(0, charge.charged_micros - call.held_micros) : 0,
    balance_before_micros: book.posted_micros,
    balance_after_micros: book.posted_micros - difference_micros,
    charged_at_ms: call.charged_at_ms ?? (entry ? book.now_ms : null),
    entry_seqs: entry ? [...call.entry_seqs, book.next_seq] : call.entry_seqs,
  };
  return {
    answer: { outcome: "receipt", receipt: receiptOf(resolved) },
    changes: { ...changes, resolved, ...(entry ? { entry } : {}) },
  };
}
