import { sql } from "drizzle-orm";
import type { Database } from "../database";

/** Copies that are looked at for what their ledger no longer has. */
const NEWEST_COPIES = 500;

/** A row as D1 has it, column by column. */
export type StoredRow = Record<string, string | number | null>;

/** An entry that D1 has heard of and that is not a call's. */
export interface KnownEntry {
  epoch: number;
  seq: number;
}

/** A call that D1 has heard of and that an entry has charged. */
export interface KnownCharge {
  call_id: string;
  epoch: number;
  version: number;
  first_entry_seq: number;
}

// CROSS JOIN: else SQLite goes through all rows of the organization for each key.

/** The copies of these entries, each found by its key; those that D1 does not have are left out. */
export async function entryCopies(
  db: Database,
  organization_id: string,
  entries: readonly { epoch: number; seq: number }[],
): Promise<StoredRow[]> {
  const keys = JSON.stringify(entries.map(({ epoch, seq }) => ({ epoch, seq })));
  return db.all(sql`SELECT copy.*
    FROM json_each(${keys}) AS key CROSS JOIN ledger_entries AS copy ON copy.organization_id = ${organization_id}
      AND copy.epoch = key.value ->> '$.epoch' AND copy.seq = key.value ->> '$.seq'`);
}

/** The copies of these calls, each found by its key; those that D1 does not have are left out. */
export async function callCopies(
  db: Database,
  organization_id: string,
  calls: readonly { call_id: string; started_at_ms: number }[],
): Promise<StoredRow[]> {
  const keys = JSON.stringify(calls.map(({ call_id, started_at_ms }) => ({ call_id, started_at_ms })));
  return db.all(sql`SELECT copy.*
    FROM json_each(${keys}) AS key CROSS JOIN calls AS copy ON copy.organization_id = ${organization_id}
      AND copy.started_at_ms = key.value ->> '$.started_at_ms' AND copy.call_id = key.value ->> '$.call_id'`);
}

/** The newest entries and charged calls of an organization that D1 has, some hundreds of each. */
export async function newestCopies(
  db: Database,
  organization_id: string,
): Promise<{ entries: KnownEntry[]; calls: KnownCharge[] }> {
  const [entries, calls] = await Promise.all([
    db.all<KnownEntry>(sql`SELECT epoch, seq FROM ledger_entries
      WHERE organization_id = ${organization_id} ORDER BY epoch DESC, seq DESC LIMIT ${NEWEST_COPIES}`),
    db.all<KnownCharge>(sql`SELECT call_id, epoch, version, first_entry_seq FROM (
        SELECT * FROM calls WHERE organization_id = ${organization_id}
        ORDER BY started_at_ms DESC LIMIT ${NEWEST_COPIES})
      WHERE first_entry_seq IS NOT NULL`),
  ]);
  return { entries, calls };
}
