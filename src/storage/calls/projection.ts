import { getTableColumns, getTableName } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { calls, ledger_entries } from "../schema";
import { COUNT_DAYS } from "./count-days";

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
    ON CONFLICT (organization_id, started_at_ms, call_id) DO UPDATE SET ${assignments(calls, ["first_notice_seq"])}
    WHERE (excluded.epoch, excluded.version) > (calls.epoch, calls.version)`;
  const insertEntries = `${insertInto(ledger_entries)} ON CONFLICT DO NOTHING`;
  const rows = facts.calls.map((row) => ({ ...row, counted: `${row.epoch}.${row.version}` }));
  await d1.batch([
    // First, because it compares with the rows that the next one replaces.
    d1.prepare(COUNT_DAYS).bind(JSON.stringify(rows)),
    d1.prepare(upsertCalls).bind(JSON.stringify(rows)),
    d1.prepare(insertEntries).bind(JSON.stringify(facts.entries)),
  ]);
}

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

/** Replaces every column but those that `keep` what was written first. */
function assignments(table: SQLiteTable, keep: readonly string[]): string {
  return Object.keys(getTableColumns(table))
    .filter((name) => !keep.includes(name))
    .map((name) => `${name} = excluded.${name}`)
    .join(", ");
}
