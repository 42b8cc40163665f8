import { AUDIT_COLUMNS, type AuditFact } from "../units/audit-fact";
import { MINUTE_MS, SECOND_MS } from "../units/duration";
import { log } from "../units/log";
import { within } from "./deadline";
import { yieldToEventLoop } from "./next-task";
import { Relay } from "./relay";

/** The table of an object whose changes are audited; a step of its schema. */
export const AUDIT_OUTBOX_TABLE =
  "CREATE TABLE IF NOT EXISTS audit_fact (id TEXT PRIMARY KEY, facts TEXT NOT NULL) STRICT, WITHOUT ROWID";

/** How long the facts wait for the object's alarm when the copy that follows their commit is cut off. */
export const AUDIT_GUARANTEE_MS = 30 * SECOND_MS;

/** Rows copied in one statement. */
const BATCH_SIZE = 100;

const FIRST_RETRY_MS = 2 * SECOND_MS;
const MAX_RETRY_MS = 5 * MINUTE_MS;

/** An answer that never comes must not hold up the object's alarm. */
const D1_DEADLINE_MS = 10 * SECOND_MS;

/** What a commit of an object may change of it. */
export interface AuditChanges {
  /** Who asked for the change that this commit makes; undefined: nobody who is audited. */
  asked_by?: AuditFact | undefined;
  /** Facts that D1 has, by their ids. */
  audited?: readonly string[];
}

/** Facts of the audit that were written with the changes of a Durable Object, until D1 has them. */
export class AuditOutbox {
  /** Whether there is one; undefined when that has to be looked up. */
  #has_some: boolean | undefined;

  constructor(private readonly sql: SqlStorage) {}

  /** Costs nothing while nothing changes. To be asked only when there are tables. */
  get hasSome(): boolean {
    this.#has_some ??= this.sql.exec("SELECT 1 FROM audit_fact LIMIT 1").toArray().length > 0;
    return this.#has_some;
  }

  /** The oldest: ids sort by time. */
  first(limit: number): AuditFact[] {
    return this.sql
      .exec<{ facts: string }>("SELECT facts FROM audit_fact ORDER BY id LIMIT ?", limit)
      .toArray()
      .map(({ facts }) => JSON.parse(facts) as AuditFact);
  }

  /** Called inside the transaction of the change. A command that is repeated after a lost reply has the same fact. */
  apply({ asked_by, audited = [] }: AuditChanges): void {
    if (asked_by) {
      this.#has_some = true;
      this.sql.exec(
        "INSERT INTO audit_fact (id, facts) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
        asked_by.id,
        JSON.stringify(asked_by),
      );
    }
    if (audited.length === 0) return;
    this.#has_some = undefined;
    const ids = JSON.stringify(audited);
    this.sql.exec("DELETE FROM audit_fact WHERE id IN (SELECT value FROM json_each(?))", ids);
  }
}

interface AuditRelayOptions {
  outbox: AuditOutbox;
  storage: DurableObjectStorage;
  d1: D1Database;
  /** Forgets what D1 has, in a commit of the object. */
  forget(ids: readonly string[]): void;
  retryBy(at_ms: number): void;
}

/** Copies facts to the audit in D1, as often as it takes; D1 recognises a repeat by its id. */
export class AuditRelay {
  readonly #options: AuditRelayOptions;
  readonly #relay: Relay;

  constructor(options: AuditRelayOptions) {
    this.#options = options;
    this.#relay = new Relay({
      run: () => this.#copyAll(),
      logFailure: (error) => log.error("audit_not_copied", { error }),
      retryBy: options.retryBy,
      first_retry_ms: FIRST_RETRY_MS,
      max_retry_ms: MAX_RETRY_MS,
    });
  }

  get hasPending(): boolean {
    return this.#options.outbox.hasSome;
  }

  /** Copies all there is. Answers false when it has to be tried again, which the alarm does; never throws. */
  flush(): Promise<boolean> {
    return this.#relay.run();
  }

  async #copyAll(): Promise<boolean> {
    const { outbox, storage, d1, forget } = this.#options;
    for (let facts = outbox.first(BATCH_SIZE); facts.length > 0; facts = outbox.first(BATCH_SIZE)) {
      // The audit must not tell of a change that a crash could still undo.
      await storage.sync();
      await within(
        D1_DEADLINE_MS,
        () => insertFacts(d1, facts),
        () => new Error("D1 did not answer in time."),
      );
      forget(facts.map(({ id }) => id));
      await yieldToEventLoop();
    }
    return true;
  }
}

/** All at once, from one parameter: D1 takes a hundred. */
async function insertFacts(d1: D1Database, facts: readonly AuditFact[]): Promise<void> {
  const values = AUDIT_COLUMNS.map((name) => `value ->> '$.${name}'`).join(", ");
  const insert = `INSERT INTO audit (${AUDIT_COLUMNS.join(", ")}) SELECT ${values} FROM json_each(?) WHERE true
    ON CONFLICT (id) DO NOTHING`;
  await d1.prepare(insert).bind(JSON.stringify(facts)).run();
}
