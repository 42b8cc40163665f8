import { CURRENCY } from "../../units/money";
import type { ResolvedCall } from "./calls/call";
import type { Entry } from "./credit/entry";

/** An entry as it stands in D1. */
export function copyOfEntry(
  { month_seconds_after: _, call_id: __, ...facts }: Entry,
  organization_id: string,
) {
  return { organization_id, currency: CURRENCY, ...facts };
}

/** A call as it stands in D1, copied in this generation of its ledger. */
export function copyOfCall(call: ResolvedCall, of: { organization_id: string; epoch: number }) {
  const { rate, from, to, entry_seqs } = call;
  return {
    ...call,
    ...of,
    from_number: from,
    to_number: to,
    from_dialled: call.from_dialled ?? null,
    to_dialled: call.to_dialled ?? null,
    rate_name: rate.name,
    price_micros_per_minute: rate.price_micros_per_minute,
    first_seconds: rate.first_seconds,
    next_seconds: rate.next_seconds,
    minimum_seconds: rate.minimum_seconds,
    connection_fee_micros: rate.connection_fee_micros ?? null,
    free_seconds: rate.free_seconds ?? null,
    destination: rate.destination ?? null,
    currency: CURRENCY,
    parent_call_id: call.parent_call_id ?? null,
    first_entry_seq: entry_seqs[0] ?? null,
    updated_at_ms: call.updated_at_ms ?? call.resolved_at_ms,
  };
}

/** Whether an entry has a row of its own in D1: those of calls are told by their calls. */
export function isCopied({ call_id, kind }: Pick<Entry, "call_id" | "kind">): boolean {
  return call_id === null && kind !== "checkpoint";
}
