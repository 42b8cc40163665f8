import { getTableColumns, getTableName } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { HOUR_MS } from "../units/duration";
import { calls, ledger_entries } from "./schema";

type CallRow = typeof calls.$inferInsert;
type EntryRow = typeof ledger_entries.$inferInsert;

/**
 * Copies ledger facts to D1 in one atomic batch. Any number of repeats leaves the same rows: a call gives way only
 * to a higher (epoch, version), an entry never changes.
 */
export async function project(
  d1: D1Database,
  facts: { calls: readonly CallRow[]; entries: readonly EntryRow[] },
): Promise<void> {
  const upsertCalls = `${insertInto(calls)}
    ON CONFLICT (organization_id, started_at_ms, call_id) DO UPDATE SET ${assignments(calls)}
    WHERE (excluded.epoch, excluded.version) > (calls.epoch, calls.version)`;
  const insertEntries = `${insertInto(ledger_entries)} ON CONFLICT DO NOTHING`;
  await d1.batch([
    // First, because it compares with the rows that the next one replaces.
    d1.prepare(COUNT_HOURS).bind(JSON.stringify(facts.calls)),
    d1.prepare(upsertCalls).bind(JSON.stringify(facts.calls)),
    d1.prepare(insertEntries).bind(JSON.stringify(facts.entries)),
  ]);
}

/**
 * Adds the calls that come anew to their hours, and of those that replace an older version the difference: of a repeat
 * nothing is left to add. `s` is 1 for what comes and -1 for what it replaces.
 */
const COUNT_HOURS = `
  WITH told AS (
    SELECT value ->> '$.organization_id' AS organization_id, value ->> '$.started_at_ms' AS started_at_ms,
      value ->> '$.call_id' AS call_id, value ->> '$.epoch' AS epoch, value ->> '$.version' AS version,
      value ->> '$.direction' AS direction, value ->> '$.outcome' AS outcome, value ->> '$.duration_ms' AS duration_ms,
      value ->> '$.billable_seconds' AS billable_seconds, value ->> '$.fee_micros' AS fee_micros,
      value ->> '$.provider_cost_micros' AS provider_cost_micros, value ->> '$.charged_micros' AS charged_micros
    FROM json_each(?)
  ), changed AS (
    SELECT 1 AS s, told.* FROM told LEFT JOIN calls AS former USING (organization_id, started_at_ms, call_id)
    WHERE former.version IS NULL OR (told.epoch, told.version) > (former.epoch, former.version)
    UNION ALL
    SELECT -1, former.organization_id, former.started_at_ms, former.call_id, former.epoch, former.version,
      former.direction, former.outcome, former.duration_ms, former.billable_seconds, former.fee_micros,
      former.provider_cost_micros, former.charged_micros
    FROM told JOIN calls AS former USING (organization_id, started_at_ms, call_id)
    WHERE (told.epoch, told.version) > (former.epoch, former.version)
  )
  INSERT INTO usage_hours
  SELECT organization_id, started_at_ms / ${HOUR_MS} * ${HOUR_MS}, direction, outcome, sum(s), sum(s * (duration_ms = 0)),
    sum(s * ((duration_ms + 999) / 1000)), sum(s * billable_seconds), sum(s * fee_micros),
    sum(s * provider_cost_micros), sum(s * charged_micros)
  FROM changed
  GROUP BY 1, 2, 3, 4
  ON CONFLICT (organization_id, hour_ms, direction, outcome) DO UPDATE SET
    calls = calls + excluded.calls, silent_calls = silent_calls + excluded.silent_calls,
    seconds = seconds + excluded.seconds, billable_seconds = billable_seconds + excluded.billable_seconds,
    fee_micros = fee_micros + excluded.fee_micros,
    provider_cost_micros = provider_cost_micros + excluded.provider_cost_micros,
    charged_micros = charged_micros + excluded.charged_micros`;

/**
 * An insert of any number of rows from one JSON parameter (D1 allows a hundred parameters).
 * `WHERE true` keeps SQLite from reading ON CONFLICT as a join condition.
 */
function insertInto(table: SQLiteTable): string {
  const names = Object.keys(getTableColumns(table));
  const values = names.map((name) => `value ->> '$.${name}'`);
  return `INSERT INTO ${getTableName(table)} (${names.join(", ")})
    SELECT ${values.join(", ")} FROM json_each(?) WHERE true`;
}

function assignments(table: SQLiteTable): string {
  return Object.keys(getTableColumns(table))
    .map((name) => `${name} = excluded.${name}`)
    .join(", ");
}
