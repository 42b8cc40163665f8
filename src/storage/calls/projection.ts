import { getTableColumns, getTableName } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { DAY_MS } from "../../units/duration";
import { ledger_entries } from "../schema";
import { countDays } from "./count-days";
import { calls } from "./schema";

type CallRow = typeof calls.$inferInsert;
type EntryRow = typeof ledger_entries.$inferInsert;

/** What of a batch D1 did not have, or had otherwise. */
export interface Restored {
  calls_inserted: number;
  calls_replaced: number;
  entries_inserted: number;
  entries_replaced: number;
}

interface ProjectedFacts {
  calls: readonly CallRow[];
  entries: readonly EntryRow[];
}

/** Columns of a call that say how it was copied, not what it is. */
const ABOUT_THE_COPY: readonly string[] = ["epoch", "counted"];

/** Columns that later copies of a call leave as the first one wrote them. */
const KEPT: readonly string[] = ["first_notice_seq"];

/**
 * Copies ledger facts to D1 in one atomic batch. Any number of repeats leaves the same rows: a call gives way only
 * to a higher (epoch, version), an entry never changes.
 */
export async function project(d1: D1Database, facts: ProjectedFacts, now_ms = Date.now()): Promise<void> {
  const upsertCalls = `${insertInto(calls)}
    ON CONFLICT (organization_id, started_at_ms, call_id) DO UPDATE SET ${assignments(calls, KEPT)}
    WHERE (excluded.epoch, excluded.version) > (calls.epoch, calls.version)`;
  const insertEntries = `${insertInto(ledger_entries)} ON CONFLICT DO NOTHING`;
  const organization_id = (facts.calls[0] ?? facts.entries[0])?.organization_id ?? null;
  const told = JSON.stringify(facts.calls.map(withCounted));
  await d1.batch([
    // First, because it compares with the rows that the next one replaces.
    d1.prepare(countDays(">")).bind(told),
    d1.prepare(upsertCalls).bind(told),
    d1.prepare(insertEntries).bind(JSON.stringify(facts.entries)),
    d1.prepare(NOTE_ACTIVE).bind(Math.floor(now_ms / DAY_MS), organization_id),
  ]);
}

/** A call's row that says by which copy of it `usage_days` has counted it. */
function withCounted(row: CallRow): CallRow {
  return { ...row, counted: `${row.epoch}.${row.version}` };
}

/** One row a day, whatever is copied on it. */
const NOTE_ACTIVE = `INSERT INTO active_organizations (day, organization_id)
  SELECT ?1, ?2 WHERE ?2 IS NOT NULL ON CONFLICT DO NOTHING`;

/**
 * The same for rows that D1 may have lost or changed: also a row of the same (epoch, version), and an entry, is written again
 * where it differs; what is as it should be is only read. A row of a higher (epoch, version) stays.
 */
export async function projectAgain(d1: D1Database, facts: ProjectedFacts): Promise<Restored> {
  const told_calls = JSON.stringify(facts.calls.map(withCounted));
  const told_entries = JSON.stringify(facts.entries);
  const upsertCalls = `${insertInto(calls)}
    ON CONFLICT (organization_id, started_at_ms, call_id) DO UPDATE SET ${assignments(calls, KEPT)}
    WHERE (excluded.epoch, excluded.version) >= (calls.epoch, calls.version)
      AND ${differs(calls, [...ABOUT_THE_COPY, ...KEPT])}`;
  const upsertEntries = `${insertInto(ledger_entries)}
    ON CONFLICT (organization_id, epoch, seq) DO UPDATE SET ${assignments(ledger_entries)}
    WHERE ${differs(ledger_entries)}`;
  const [known_calls, known_entries, , written_calls, written_entries] = await d1.batch<{ known: number }>([
    d1.prepare(countKnown(calls, ["organization_id", "started_at_ms", "call_id"])).bind(told_calls),
    d1.prepare(countKnown(ledger_entries, ["organization_id", "epoch", "seq"])).bind(told_entries),
    d1.prepare(countDays(">=")).bind(told_calls),
    d1.prepare(upsertCalls).bind(told_calls),
    d1.prepare(upsertEntries).bind(told_entries),
  ]);
  const calls_inserted = facts.calls.length - knownIn(known_calls);
  const entries_inserted = facts.entries.length - knownIn(known_entries);
  return {
    calls_inserted,
    calls_replaced: changesOf(written_calls) - calls_inserted,
    entries_inserted,
    entries_replaced: changesOf(written_entries) - entries_inserted,
  };
}

function knownIn(result: D1Result<{ known: number }> | undefined): number {
  return result?.results[0]?.known ?? 0;
}

function changesOf(result: D1Result | undefined): number {
  return result?.meta.changes ?? 0;
}

/** How many of the told rows are there, by their key. */
function countKnown(table: SQLiteTable, key: readonly string[]): string {
  const name = getTableName(table);
  const same = key.map((column) => `${name}.${column} = told.value ->> '$.${column}'`);
  return `SELECT count(*) AS known FROM json_each(?) AS told JOIN ${name} ON ${same.join(" AND ")}`;
}

/** Whether a told row differs from the one that is there. */
function differs(table: SQLiteTable, except: readonly string[] = []): string {
  const names = Object.keys(getTableColumns(table)).filter((name) => !except.includes(name));
  const row = (of: string) => names.map((name) => `${of}.${name}`).join(", ");
  return `(${row("excluded")}) IS NOT (${row(getTableName(table))})`;
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
function assignments(table: SQLiteTable, keep: readonly string[] = []): string {
  return Object.keys(getTableColumns(table))
    .filter((name) => !keep.includes(name))
    .map((name) => `${name} = excluded.${name}`)
    .join(", ");
}
