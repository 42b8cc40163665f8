import type { LedgerCheckRow } from "../../../storage/calls/ledger-checks";
import type { LedgerFinding } from "../../../storage/schema";
import { isoTime } from "../../../units/duration";

/** What a check of a ledger has found. */
export function findingBody({ ok, first_difference, ...rest }: LedgerFinding) {
  const {
    posted_micros,
    held_micros,
    entries,
    proves_from_seq,
    chain_from_seq,
    head,
    released = [],
    stopped,
    projection,
  } = rest;
  const difference = first_difference === null ? {} : { first_difference };
  const released_calls = released.map(({ released_at_ms, ...call }) => ({
    ...call,
    released_at: isoTime(released_at_ms),
  }));
  const irregular = {
    ...(released.length > 0 && { released_calls }),
    ...(stopped && { stopped_calls: stopped }),
    ...(projection && { projection: projectionFindingBody(projection) }),
  };
  const chain = { ...(chain_from_seq !== undefined && { chain_from_seq }), ...(head && { head }) };
  return { ok, ...difference, posted_micros, held_micros, entries, proves_from_seq, ...chain, ...irregular };
}

function projectionFindingBody({
  is_rebuilt,
  differing_hours,
  ...counts
}: NonNullable<LedgerFinding["projection"]>) {
  return {
    status: is_rebuilt ? ("finished" as const) : ("under_way" as const),
    differing_hours,
    ...restoredBody(counts),
  };
}

/** What a rebuild has put right in D1, and what it has found there that the ledger does not know. */
export function restoredBody({
  calls_inserted,
  calls_replaced,
  entries_inserted,
  entries_replaced,
  hours_rewritten,
  unknown_calls,
  unknown_entries,
}: Omit<NonNullable<LedgerFinding["projection"]>, "is_rebuilt" | "differing_hours">) {
  return {
    calls: { inserted: calls_inserted, replaced: calls_replaced },
    entries: { inserted: entries_inserted, replaced: entries_replaced },
    hours: { rewritten: hours_rewritten },
    unknown_calls,
    unknown_entries,
  };
}

/** A check of a ledger, with what it has found once it is finished. */
export function checkBody({ id, started_at_ms, finished_at_ms, found }: LedgerCheckRow) {
  return {
    report_id: id,
    status: finished_at_ms === null ? ("under_way" as const) : ("finished" as const),
    started_at: isoTime(started_at_ms),
    finished_at: finished_at_ms === null ? null : isoTime(finished_at_ms),
    verification: found && findingBody(found),
  };
}
