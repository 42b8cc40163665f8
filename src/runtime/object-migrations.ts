/** How the tables of a Durable Object came to be. */
export interface ObjectSchema {
  /** The table of one row that says in `schema_version` which tables there are. */
  version_table: string;
  /** Index + 1 is the schema version that the statements lead to. Never edited once landed; add the next one. */
  steps: readonly (readonly string[])[];
}

/** The version that new code writes and reads. */
export function latestVersion({ steps }: ObjectSchema): number {
  return steps.length;
}

/** The version of the tables that are there, null when the object was never created. */
function storedVersion(sql: SqlStorage, { version_table }: ObjectSchema): number | null {
  const tables = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", version_table);
  if (tables.toArray().length === 0) return null;
  const [row] = sql.exec<{ schema_version: number }>(`SELECT schema_version FROM ${version_table}`).toArray();
  return row?.schema_version ?? null;
}

/**
 * Makes the tables of a new object. Call it in the transaction that writes the first rows, among them the one of
 * `version_table` with the latest version: no object may be left with tables and without an owner.
 */
export function createTables(sql: SqlStorage, { steps }: ObjectSchema): void {
  for (const statement of steps.flat()) sql.exec(statement);
}

/**
 * Leads the tables that an earlier version has written to the latest schema, each step in a transaction of its own, with the
 * version it leads to: what is cut off goes on where it stood. Answers whether the object was ever created.
 */
export function migrateTables(storage: DurableObjectStorage, schema: ObjectSchema): boolean {
  const stored = storedVersion(storage.sql, schema);
  if (stored === null) return false;
  for (const [index, statements] of schema.steps.entries()) {
    if (index < stored) continue;
    storage.transactionSync(() => {
      for (const statement of statements) if (!isThere(storage.sql, statement)) storage.sql.exec(statement);
      storage.sql.exec(`UPDATE ${schema.version_table} SET schema_version = ?`, index + 1);
    });
  }
  return true;
}

/**
 * Whether a statement adds a column that its table has: an older release that was rolled back to may have written its own version
 * down again, and SQLite knows no `ADD COLUMN IF NOT EXISTS`.
 */
function isThere(sql: SqlStorage, statement: string): boolean {
  const [, table, column] = /^ALTER TABLE (\w+) ADD COLUMN (\w+)/.exec(statement) ?? [];
  if (table === undefined || column === undefined) return false;
  return sql.exec("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", table, column).toArray().length > 0;
}
