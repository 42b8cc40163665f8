import type { Bindings } from "../../env";
import { incrementsOf } from "../../ledger/core/credit/rating";
import type { Actor } from "../../organizations/actor";
import { recordDone } from "../../organizations/audit-log";
import { type Place, scanCalls } from "../../storage/calls/calls";
import type { CallFilter } from "../../storage/calls/filter";
import { openDatabase } from "../../storage/database";
import { type Column, csvOf } from "../../units/csv";
import { isoTime, wholeSeconds } from "../../units/duration";
import { CURRENCY, microsToUnits } from "../../units/money";
import { type CallView, ownSideOf, viewOfRow } from "../call-view";

/** Calls gone through for one portion of the file. */
const ROWS_AT_ONCE = 2_000;

/** The columns of the usage file, with the names that the fields have in the API. */
const columns: readonly Column<CallView>[] = [
  ["call_id", (call) => call.call_id],
  ["created_at", (call) => isoTime(call.started_at_ms)],
  ["answered_at", (call) => timeOrNothing(call.answered_at_ms)],
  ["ended_at", (call) => timeOrNothing(call.ended_at_ms)],
  ["direction", (call) => call.direction],
  ["from", (call) => call.from],
  ["to", (call) => call.to],
  ["phone_number", ownSideOf],
  ["status", (call) => call.status],
  ["end_reason", (call) => call.end_reason],
  ["duration_seconds", (call) => wholeSeconds(call.duration_ms)],
  ["billable_seconds", (call) => call.billable_seconds],
  ["rate", (call) => call.rate.name],
  ["price_micros_per_minute", (call) => call.rate.price_micros_per_minute],
  ["increments", (call) => incrementsOf(call.rate)],
  ["byok_stt", (call) => call.byok.includes("stt")],
  ["byok_llm", (call) => call.byok.includes("llm")],
  ["byok_tts", (call) => call.byok.includes("tts")],
  ["fee_micros", (call) => call.fee_micros],
  ["provider_cost_micros", (call) => call.provider_cost_micros],
  ["cost", (call) => microsToUnits(call.charged_micros)],
  ["cost_micros", (call) => call.charged_micros],
  ["currency", () => CURRENCY],
];

/**
 * The file of an organization's calls, the newest first, and its audit. Read a portion at a time as whoever asks takes it.
 * `reader` null: nobody reads it, as of HEAD.
 */
export async function callsCsv(
  env: Bindings,
  reader: Actor | null,
  organization_id: string,
  filter: CallFilter,
): Promise<ReadableStream<Uint8Array>> {
  const { from_ms, until_ms } = filter;
  const detail = { ...(from_ms !== undefined && { from_ms }), ...(until_ms !== undefined && { until_ms }) };
  if (reader) await recordDone(env, reader, { action: "export.calls", organization_id, detail });
  const db = openDatabase(env);
  return csvOf(columns, viewOfRow, (after: Place | null) =>
    scanCalls(db, organization_id, filter, { after, rows: ROWS_AT_ONCE }),
  );
}

function timeOrNothing(at_ms: number | null): string | null {
  return at_ms === null ? null : isoTime(at_ms);
}
