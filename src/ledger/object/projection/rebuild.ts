import { restoreOrganization } from "../../../storage/accounts/organizations";
import { saveFinding } from "../../../storage/calls/ledger-checks";
import { projectedCalls, projectedEntries } from "../../../storage/calls/projected-rows";
import { projectAgain } from "../../../storage/calls/projection";
import { openDatabase } from "../../../storage/database";
import { log } from "../../../units/log";
import { copyOfCall, copyOfEntry, isCopied } from "../../core/copies";
import { REBUILD_STAGES, type Rebuild } from "../../store/projection-store";
import { inTime } from "../projector";
import { keptFromMs, type ProjectionContext } from "./context";
import { findingOf } from "./finding";
import { rebuildHours } from "./rebuild-hours";

/** Entries and calls that are read, and written where D1 lacks them, in one portion. */
const ENTRIES_A_PORTION = 1_000;
const CALLS_A_PORTION = 200;

/** Ids of unknown rows that are kept: they name what to look at, and the count says how much there is. */
const IDS_KEPT = 20;

/** Where a stage stands after a portion: `position` null at its end. */
type Progress = Partial<Omit<Rebuild, "stage">> & Pick<Rebuild, "position">;

const STAGES: Record<Rebuild["stage"], (rebuild: Rebuild, context: ProjectionContext) => Promise<Progress>> =
  {
    report: writeReport,
    organization: restoreOwnRow,
    entries: restoreEntries,
    calls: restoreCalls,
    unknown_entries: findUnknownEntries,
    unknown_calls: findUnknownCalls,
    hours: rebuildHours,
    end: writeReport,
  };

/** A rebuild that begins now. */
export function newRebuild(difference: Rebuild["difference"], now_ms: number): Rebuild {
  return {
    difference,
    started_at_ms: now_ms,
    finished_at_ms: null,
    stage: REBUILD_STAGES[0],
    position: null,
    entries_read: 0,
    calls_read: 0,
    hours_rewritten: 0,
    restored: { calls_inserted: 0, calls_replaced: 0, entries_inserted: 0, entries_replaced: 0 },
    unknown: { calls: 0, call_ids: [], entries: 0, entry_ids: [] },
  };
}

/**
 * Does the next portion of a rebuild and answers how it stands then. Repeated from any portion on, it leaves the same rows:
 * what is cut off is done again.
 */
export async function rebuildPortion(rebuild: Rebuild, context: ProjectionContext): Promise<Rebuild> {
  const work = () => STAGES[rebuild.stage](rebuild, context);
  const after = { ...rebuild, ...(await inTime(work)) };
  if (after.position !== null) return after;
  const next = REBUILD_STAGES[REBUILD_STAGES.indexOf(rebuild.stage) + 1];
  return next ? { ...after, stage: next } : { ...after, finished_at_ms: Date.now() };
}

/** Lists begin with the organization's own row. One that was changed while it was written is written again. */
async function restoreOwnRow(_: Rebuild, { state, d1 }: ProjectionContext): Promise<Progress> {
  const { profile } = state;
  const { organization_id: id, ...known } = profile;
  const { taken_by } = await restoreOrganization(openDatabase({ DB: d1 }), { id, ...known });
  if (taken_by) log.error("external_id_taken", { organization_id: id, by: taken_by });
  return { position: state.profile === profile ? null : {}, external_id_taken_by: taken_by };
}

async function restoreEntries(rebuild: Rebuild, { state, d1 }: ProjectionContext): Promise<Progress> {
  const { seq = 0 } = rebuild.position ?? {};
  const page = state.store.entriesAfter(Number(seq), ENTRIES_A_PORTION);
  const { organization_id } = state.profile;
  const money = page.filter(isCopied).map((entry) => copyOfEntry(entry, organization_id));
  const restored = money.length > 0 ? await projectAgain(d1, { calls: [], entries: money }) : null;
  const last = page.at(-1);
  return {
    position: last && page.length === ENTRIES_A_PORTION ? { seq: last.seq } : null,
    entries_read: rebuild.entries_read + page.length,
    ...(restored && { restored: sumOf(rebuild.restored, restored) }),
  };
}

async function restoreCalls(rebuild: Rebuild, { state, d1 }: ProjectionContext): Promise<Progress> {
  const { call_id = "" } = rebuild.position ?? {};
  const page = state.store.resolvedCallsAfter(String(call_id), CALLS_A_PORTION);
  const { organization_id } = state.profile;
  const calls = page.map((call) => copyOfCall(call, { organization_id, epoch: state.epoch }));
  const restored = calls.length > 0 ? await projectAgain(d1, { calls, entries: [] }) : null;
  const last = page.at(-1);
  return {
    position: last && page.length === CALLS_A_PORTION ? { call_id: last.call_id } : null,
    calls_read: rebuild.calls_read + page.length,
    ...(restored && { restored: sumOf(rebuild.restored, restored) }),
  };
}

async function findUnknownEntries(rebuild: Rebuild, { state, d1 }: ProjectionContext): Promise<Progress> {
  const { epoch = 0, seq = 0 } = rebuild.position ?? {};
  const { organization_id } = state.profile;
  const after = { epoch: Number(epoch), seq: Number(seq) };
  const { entries, has_more } = await projectedEntries(d1, organization_id, after);
  const left_seq = state.store.checkpoint()?.seq ?? 0;
  const { unknown } = state.store.projection.compareEntries(entries, { left_seq, epoch: state.epoch });
  const last = entries.at(-1);
  return {
    position: last && has_more ? { epoch: last.epoch, seq: last.seq } : null,
    unknown: {
      ...rebuild.unknown,
      entries: rebuild.unknown.entries + unknown.length,
      entry_ids: [...rebuild.unknown.entry_ids, ...unknown].slice(0, IDS_KEPT),
    },
  };
}

async function findUnknownCalls(rebuild: Rebuild, { state, d1 }: ProjectionContext): Promise<Progress> {
  // Earlier calls may have left the ledger: that it does not know them says nothing.
  const { started_at_ms = keptFromMs(state), call_id = "" } = rebuild.position ?? {};
  const { organization_id } = state.profile;
  const after = { started_at_ms: Number(started_at_ms), call_id: String(call_id) };
  const { keys, has_more } = await projectedCalls(d1, organization_id, after);
  const unknown = state.store.projection.unknownCalls(keys, state.epoch);
  const last = keys.at(-1);
  return {
    position: last && has_more ? { started_at_ms: last.started_at_ms, call_id: last.call_id } : null,
    unknown: {
      ...rebuild.unknown,
      calls: rebuild.unknown.calls + unknown.length,
      call_ids: [...rebuild.unknown.call_ids, ...unknown].slice(0, IDS_KEPT),
    },
  };
}

/** The report of the check that led to this, if one did, says how it stands. */
async function writeReport(rebuild: Rebuild, { state, d1 }: ProjectionContext): Promise<Progress> {
  const finding = findingOf(state, rebuild);
  if (finding) await saveFinding(openDatabase({ DB: d1 }), finding);
  return { position: null };
}

function sumOf(before: Rebuild["restored"], more: Rebuild["restored"]): Rebuild["restored"] {
  return {
    calls_inserted: before.calls_inserted + more.calls_inserted,
    calls_replaced: before.calls_replaced + more.calls_replaced,
    entries_inserted: before.entries_inserted + more.entries_inserted,
    entries_replaced: before.entries_replaced + more.entries_replaced,
  };
}
