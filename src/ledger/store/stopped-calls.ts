import type { Settle, Void } from "../core/calls/commands";
import type { Violation } from "../core/invariants";

/** A report of a call that was stopped because what it would have written violates an invariant. */
export interface StoppedCall {
  call_id: string;
  /** The node's latest word of those that were stopped. */
  command: Settle | Void;
  invariant: Violation["invariant"];
  detail: string;
  stopped_at_ms: number;
  /** When an operator had it written all the same; null until then. */
  released_at_ms: number | null;
  /** The entry that it posted when it was released. */
  entry_seq: number | null;
}

/** Rows of calls that wait for an operator, and of those that one has released; few, and kept for ever. */
export class StoppedCalls {
  constructor(private readonly sql: SqlStorage) {}

  get(call_id: string): StoppedCall | undefined {
    return this.read("SELECT facts FROM stopped_call WHERE call_id = ?", call_id)[0];
  }

  /** Those that were written in spite of an invariant, for `verify` to name. */
  released(): StoppedCall[] {
    return this.read("SELECT facts FROM stopped_call ORDER BY call_id").filter(
      ({ released_at_ms }) => released_at_ms !== null,
    );
  }

  apply(call: StoppedCall): void {
    this.sql.exec(
      "INSERT INTO stopped_call (call_id, facts) VALUES (?, ?) ON CONFLICT (call_id) DO UPDATE SET facts = excluded.facts",
      call.call_id,
      JSON.stringify(call),
    );
  }

  private read(query: string, ...bindings: string[]): StoppedCall[] {
    return this.sql
      .exec<{ facts: string }>(query, ...bindings)
      .toArray()
      .map(({ facts }) => JSON.parse(facts) as StoppedCall);
  }
}
