import type { Settle, Void } from "../core/calls/commands";
import type { Invariant } from "../core/invariants";

/** A report of a call that was stopped because what it would have written violates an invariant. */
export interface StoppedCall {
  call_id: string;
  /** The first of the node's reports that were stopped. */
  command: Settle | Void;
  invariant: Invariant;
  detail: string;
  /** The other invariants that it violated. */
  also: Invariant[];
  stopped_at_ms: number;
  /** When an operator had it written all the same; null until then. */
  released_at_ms: number | null;
  /** The entry that it posted when it was released. */
  entry_seq: number | null;
  /** What of the released call does not add up, for `verify` to excuse that and nothing else. */
  excused?: Excused;
}

/** How a released call differs from what it should be. */
export interface Excused {
  /** What `verify` says of its entry, null when that is right. */
  entry_difference: string | null;
  /** The call as it was released. */
  version: number;
  charged_micros: number;
  /** What the call says it was charged, minus what its entries say. */
  unposted_micros: number;
}

/** The most reports that wait for an operator: beyond them a stopped report is only logged, and the node repeats it. */
export const MAX_STOPPED_CALLS = 1_000;

/** Stopped reports that `verify` names. */
const MAX_LISTED = 100;

/** Rows of calls whose report waits for an operator, and of those that an operator has released: the latter are kept. */
export class StoppedCalls {
  constructor(private readonly sql: SqlStorage) {}

  get(call_id: string): StoppedCall | undefined {
    return this.read("SELECT facts FROM stopped_call WHERE call_id = ?", call_id)[0];
  }

  /** Those that were written in spite of an invariant, for `verify` to name. */
  released(): StoppedCall[] {
    return this.read(
      "SELECT facts FROM stopped_call WHERE facts ->> '$.released_at_ms' IS NOT NULL ORDER BY call_id",
    );
  }

  /** How many wait for an operator, and which: the first hundred by call_id. */
  waiting(): { count: number; call_ids: string[] } {
    const rows = this.sql
      .exec<{ call_id: string }>(
        "SELECT call_id FROM stopped_call WHERE facts ->> '$.released_at_ms' IS NULL ORDER BY call_id",
      )
      .toArray();
    return { count: rows.length, call_ids: rows.slice(0, MAX_LISTED).map(({ call_id }) => call_id) };
  }

  apply(call: StoppedCall): void {
    this.sql.exec(
      "INSERT INTO stopped_call (call_id, facts) VALUES (?, ?) ON CONFLICT (call_id) DO UPDATE SET facts = excluded.facts",
      call.call_id,
      JSON.stringify(call),
    );
  }

  remove(call_id: string): void {
    this.sql.exec("DELETE FROM stopped_call WHERE call_id = ?", call_id);
  }

  private read(query: string, ...bindings: string[]): StoppedCall[] {
    return this.sql
      .exec<{ facts: string }>(query, ...bindings)
      .toArray()
      .map(({ facts }) => JSON.parse(facts) as StoppedCall);
  }
}
