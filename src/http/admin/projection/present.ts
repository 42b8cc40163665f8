import type { ProjectionStatus } from "../../../ledger/object/commands/checks";
import type { ProjectionCheck, Rebuild } from "../../../ledger/store/projection-store";
import { isoTime, isoTimeOrNull } from "../../../units/duration";
import { restoredBody } from "../ledgers/present";

/** How the copy of a ledger is compared and made anew. */
export function projectionBody({ rebuild, check, kept_from_seq, archived_until_ms }: ProjectionStatus) {
  return {
    rebuild: rebuild && rebuildBody(rebuild),
    check: check && checkBody(check),
    kept_from_seq,
    kept_after: isoTimeOrNull(archived_until_ms),
  };
}

function rebuildBody(rebuild: Rebuild) {
  const { difference, stage, entries_read, calls_read, restored, hours_rewritten, unknown } = rebuild;
  return {
    ...timesOf(rebuild, rebuild.started_at_ms),
    reason: difference ? ("difference" as const) : ("asked" as const),
    report_id: difference?.report_id ?? null,
    stage,
    entries_read,
    calls_read,
    external_id_taken_by: rebuild.external_id_taken_by ?? null,
    ...restoredBody({
      ...restored,
      hours_rewritten,
      unknown_calls: { count: unknown.calls, call_ids: unknown.call_ids },
      unknown_entries: { count: unknown.entries, entry_ids: unknown.entry_ids },
    }),
  };
}

function checkBody({ first_difference, differing_hours, ...check }: ProjectionCheck) {
  return { ...timesOf(check, check.asked_at_ms), first_difference, differing_hours };
}

function timesOf({ finished_at_ms }: { finished_at_ms: number | null }, started_at_ms: number) {
  return {
    status: finished_at_ms === null ? ("under_way" as const) : ("finished" as const),
    started_at: isoTime(started_at_ms),
    finished_at: isoTimeOrNull(finished_at_ms),
  };
}
