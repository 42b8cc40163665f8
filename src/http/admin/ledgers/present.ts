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
  } = rest;
  const difference = first_difference === null ? {} : { first_difference };
  const released_calls = released.map(({ released_at_ms, ...call }) => ({
    ...call,
    released_at: isoTime(released_at_ms),
  }));
  const irregular = {
    ...(released.length > 0 && { released_calls }),
    ...(stopped && { stopped_calls: stopped }),
  };
  const chain = { ...(chain_from_seq !== undefined && { chain_from_seq }), ...(head && { head }) };
  return { ok, ...difference, posted_micros, held_micros, entries, proves_from_seq, ...chain, ...irregular };
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
