import type { LedgerCheckRow } from "../../../storage/calls/ledger-checks";
import type { Rebuild } from "../../store/projection-store";
import type { LedgerMemory } from "../memory";
import { verifiedRange } from "../verify";

/** The report of a check that has found a difference, with how far it is mended; null for a rebuild that was asked for. */
export function findingOf(state: LedgerMemory, rebuild: Rebuild): LedgerCheckRow | null {
  const { difference, restored, hours_rewritten, unknown, stage, started_at_ms } = rebuild;
  if (!difference) return null;
  const { report_id, first_difference, differing_hours } = difference;
  const { posted_micros, held_micros, store, last_resolution_seq } = state;
  const entry_seq = state.last_entry?.seq ?? 0;
  return {
    id: report_id,
    organization_id: state.profile.organization_id,
    started_at_ms,
    finished_at_ms: started_at_ms,
    taken_until_ms: 0,
    entry_seq,
    notice_seq: last_resolution_seq,
    position: null,
    found: {
      ok: false,
      first_difference,
      posted_micros,
      held_micros,
      ...verifiedRange(store, { until_seq: entry_seq }),
      projection: {
        differing_hours,
        is_rebuilt: stage === "end",
        ...restored,
        hours_rewritten,
        unknown_calls: { count: unknown.calls, call_ids: unknown.call_ids },
        unknown_entries: { count: unknown.entries, entry_ids: unknown.entry_ids },
      },
    },
  };
}
