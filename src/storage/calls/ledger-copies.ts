import { sql } from "drizzle-orm";
import type { Database } from "../database";

/** The newest calls that are looked at for entries that their ledger no longer has. */
const NEWEST_CALLS = 500;

/** What D1 has of an entry that is not a call's. */
export interface EntryCopy {
  epoch: number;
  seq: number;
  kind: string;
  amount_micros: number;
  balance_after_micros: number;
  posted_at_ms: number;
}

/** What D1 has of a call, as far as it is money. */
export interface CallCopy {
  call_id: string;
  epoch: number;
  version: number;
  outcome: string;
  duration_ms: number;
  billable_seconds: number;
  fee_micros: number;
  provider_cost_micros: number;
  charged_micros: number;
  first_entry_seq: number | null;
}

/** The copies of these entries, each found by its key; those that D1 does not have are left out. */
export async function entryCopies(
  db: Database,
  organization_id: string,
  entries: readonly { epoch: number; seq: number }[],
): Promise<EntryCopy[]> {
  const keys = JSON.stringify(entries.map(({ epoch, seq }) => ({ epoch, seq })));
  return db.all(sql`SELECT copy.epoch, copy.seq, kind, amount_micros, balance_after_micros, posted_at_ms
    FROM json_each(${keys}) AS key JOIN ledger_entries AS copy ON copy.organization_id = ${organization_id}
      AND copy.epoch = key.value ->> '$.epoch' AND copy.seq = key.value ->> '$.seq'`);
}

/** The copies of these calls, each found by its key; those that D1 does not have are left out. */
export async function callCopies(
  db: Database,
  organization_id: string,
  calls: readonly { call_id: string; started_at_ms: number }[],
): Promise<CallCopy[]> {
  const keys = JSON.stringify(calls.map(({ call_id, started_at_ms }) => ({ call_id, started_at_ms })));
  return db.all(sql`SELECT copy.call_id, epoch, version, outcome, duration_ms, billable_seconds, fee_micros,
      provider_cost_micros, charged_micros, first_entry_seq
    FROM json_each(${keys}) AS key JOIN calls AS copy ON copy.organization_id = ${organization_id}
      AND copy.started_at_ms = key.value ->> '$.started_at_ms' AND copy.call_id = key.value ->> '$.call_id'`);
}

/** An entry of a ledger's generation after `seq` that D1 has heard of, null when there is none among the newest. */
export async function copiedEntryAfter(
  db: Database,
  organization_id: string,
  { epoch, seq }: { epoch: number; seq: number },
): Promise<number | null> {
  const [row] = await db.all<{ seq: number | null }>(sql`SELECT min(seq) AS seq FROM (
    SELECT min(seq) AS seq FROM ledger_entries
      WHERE organization_id = ${organization_id} AND epoch = ${epoch} AND seq > ${seq}
    UNION ALL
    SELECT min(first_entry_seq) FROM (
      SELECT epoch, first_entry_seq FROM calls WHERE organization_id = ${organization_id}
      ORDER BY started_at_ms DESC LIMIT ${NEWEST_CALLS})
    WHERE epoch = ${epoch} AND first_entry_seq > ${seq})`);
  return row?.seq ?? null;
}
