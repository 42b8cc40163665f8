import { type CallSums, SUMMED_COLUMNS, sumsOf } from "../../storage/calls/hour-sums";
import type { CallKey, ProjectedEntry } from "../../storage/calls/projected-rows";
import type { Restored } from "../../storage/calls/projection";

/** The parts that a projection is made anew in, in their order. */
export const REBUILD_STAGES = [
  "report",
  "organization",
  "entries",
  "calls",
  "unknown_entries",
  "unknown_calls",
  "hours",
  "end",
] as const;

/** Rows in D1 that the ledger does not know, or knows in an older version: those that cannot be of what has left it. */
interface UnknownRows {
  calls: number;
  /** The first of them. */
  call_ids: string[];
  entries: number;
  /** The first of them, as `epoch:seq`. */
  entry_ids: string[];
}

/** How a projection is made anew, or was the last time. */
export interface Rebuild {
  /** What a check has found that led to it, and the report of it; null when somebody asked for it. */
  difference: { report_id: string; first_difference: string; differing_hours: number } | null;
  started_at_ms: number;
  finished_at_ms: number | null;
  stage: (typeof REBUILD_STAGES)[number];
  /** Where the stage stands; null at its beginning. What it says is the stage's own business. */
  position: Record<string, string | number> | null;
  entries_read: number;
  calls_read: number;
  hours_rewritten: number;
  restored: Restored;
  unknown: UnknownRows;
  /** Another organization that has the `external_id` of this one in D1, where it may stand once. Missing in those from before. */
  external_id_taken_by?: string | null;
}

/** How a projection is compared with the ledger, or was the last time. */
export interface ProjectionCheck {
  /** Whether calls of all time are compared, or the latest. */
  is_full: boolean;
  asked_at_ms: number;
  /** How often it was begun: what the object's memory held of it is lost with the object. */
  attempts: number;
  finished_at_ms: number | null;
  /** What differed first, null when nothing did. */
  first_difference: string | null;
  differing_hours: number;
}

/** All that is remembered of the upkeep of a projection. */
export interface ProjectionUpkeep {
  rebuild: Rebuild | null;
  check: ProjectionCheck | null;
  /** When calls of all time were compared last. */
  full_check_at_ms: number | null;
  /** The comparison after a rebuild that a difference has led to: what it finds is what a rebuild cannot mend. */
  settling?: ProjectionCheck | null;
  /** What operators were told of and a rebuild cannot mend, as digests: it is not told again. */
  told?: string[];
}

/** What entries that are not a call's come to. */
export interface EntrySums {
  entries: number;
  amount_micros: number;
  /** The last entry that was looked at, null when there was none. */
  last_seq: number | null;
}

const NO_UPKEEP: ProjectionUpkeep = { rebuild: null, check: null, full_check_at_ms: null };

/** What the copy in D1 is compared with, and how far that has come. */
export class ProjectionStore {
  constructor(private readonly sql: SqlStorage) {}

  upkeep(): ProjectionUpkeep {
    const row = this.sql.exec<{ facts: string }>("SELECT facts FROM projection_upkeep").toArray()[0];
    return row ? (JSON.parse(row.facts) as ProjectionUpkeep) : NO_UPKEEP;
  }

  put(facts: ProjectionUpkeep): void {
    this.sql.exec(
      `INSERT INTO projection_upkeep (id, facts) VALUES (1, ?)
       ON CONFLICT (id) DO UPDATE SET facts = excluded.facts`,
      JSON.stringify(facts),
    );
  }

  /** What the next calls come to, in the order of their ids; null when there are no more. */
  sumCallsAfter(call_id: string, limit: number): { sums: CallSums[]; last_call_id: string } | null {
    const columns = SUMMED_COLUMNS.map((name) => `facts ->> '$.${name}' AS ${name}`);
    const page = `(SELECT ${columns.join(", ")} FROM call WHERE call_id > ? ORDER BY call_id LIMIT ?)`;
    const sums = this.sql
      .exec<Record<string, SqlStorageValue> & CallSums & { last_call_id: string }>(
        sumsOf(page),
        call_id,
        limit,
      )
      .toArray();
    return sums[0] ? { sums, last_call_id: sums[0].last_call_id } : null;
  }

  /** What the next entries come to that are not a call's, the checkpoint left out. */
  sumEntriesAfter(seq: number, until_seq: number, limit: number): EntrySums {
    return this.sql
      .exec<Record<string, SqlStorageValue> & EntrySums>(
        `SELECT count(*) FILTER (WHERE is_money) AS entries,
           coalesce(sum(amount_micros) FILTER (WHERE is_money), 0) AS amount_micros, max(seq) AS last_seq
         FROM (SELECT seq, amount_micros, call_id IS NULL AND kind <> 'checkpoint' AS is_money
               FROM entry WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?)`,
        seq,
        until_seq,
        limit,
      )
      .one();
  }

  /** Which of these calls the ledger does not have, or has in a version before this one. */
  unknownCalls(keys: readonly CallKey[], epoch: number): string[] {
    return this.sql
      .exec<{ call_id: string }>(
        `SELECT told.value ->> '$.call_id' AS call_id FROM json_each(?) AS told
         LEFT JOIN call ON call.call_id = told.value ->> '$.call_id'
           AND call.facts ->> '$.started_at_ms' = told.value ->> '$.started_at_ms'
         WHERE call.call_id IS NULL
           OR (told.value ->> '$.epoch', told.value ->> '$.version') > (?, call.facts ->> '$.version')`,
        JSON.stringify(keys),
        epoch,
      )
      .toArray()
      .map(({ call_id }) => call_id);
  }

  /**
   * Which of these entries the ledger has as they are, and which it has not, or with another amount. Neither: those that have
   * left it, up to `left_seq`, and those of a generation before `epoch` that the ledger was put back behind.
   */
  compareEntries(
    told: readonly ProjectedEntry[],
    { left_seq, epoch }: { left_seq: number; epoch: number },
  ): { known: number; unknown: string[] } {
    const rows = this.sql
      .exec<{ id: string; is_known: number }>(
        `WITH told AS (
           SELECT value ->> '$.epoch' AS epoch, value ->> '$.seq' AS seq, value ->> '$.amount_micros' AS amount_micros
           FROM json_each(?)
         )
         SELECT told.epoch || ':' || told.seq AS id,
           coalesce(entry.epoch = told.epoch AND entry.amount_micros = told.amount_micros
             AND entry.call_id IS NULL, 0) AS is_known
         FROM told LEFT JOIN entry ON entry.seq = told.seq
         WHERE told.seq > ? AND NOT (told.epoch < coalesce(entry.epoch, ?))`,
        JSON.stringify(told),
        left_seq,
        epoch,
      )
      .toArray();
    const unknown = rows.filter(({ is_known }) => is_known === 0).map(({ id }) => id);
    return { known: rows.length - unknown.length, unknown };
  }
}
