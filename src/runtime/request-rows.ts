import { REPEATABLE_FOR_MS, type RequestRecord } from "../units/repeatable";

/** The table of an object's requests under keys of their callers. IF NOT EXISTS: a rollback leaves it. */
export const REQUEST_TABLE = [
  `CREATE TABLE IF NOT EXISTS request (
     request_key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, object_id TEXT NOT NULL, salt TEXT NOT NULL,
     secret_version TEXT NOT NULL, at_ms INTEGER NOT NULL, answer TEXT) STRICT, WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS request_by_time ON request (at_ms)",
];

/** Old rows that go with each new one: more than come. */
const FORGOTTEN_WITH_EACH = 10;

/**
 * What requests under keys of their callers have made in an object, for a day. Written in the transaction that makes it, so
 * that a repeat finds it exactly when it was made.
 */
export class RequestRows {
  constructor(private readonly sql: SqlStorage) {}

  /** What the request has made within the last day. To be asked only when there are tables. */
  find(request_key: string, now_ms: number): RequestRecord | undefined {
    return this.sql
      .exec<Record<string, SqlStorageValue> & RequestRecord>(
        "SELECT * FROM request WHERE request_key = ? AND at_ms > ?",
        request_key,
        now_ms - REPEATABLE_FOR_MS,
      )
      .toArray()[0];
  }

  /** Writes one down, in the place of one that is too old, and forgets some others that are. */
  put(record: RequestRecord): void {
    this.sql.exec(
      `INSERT OR REPLACE INTO request (request_key, fingerprint, object_id, salt, secret_version, at_ms, answer)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      record.request_key,
      record.fingerprint,
      record.object_id,
      record.salt,
      record.secret_version,
      record.at_ms,
      record.answer,
    );
    this.sql.exec(
      `DELETE FROM request WHERE request_key IN (
         SELECT request_key FROM request WHERE at_ms <= ? ORDER BY at_ms LIMIT ?)`,
      record.at_ms - REPEATABLE_FOR_MS,
      FORGOTTEN_WITH_EACH,
    );
  }
}
