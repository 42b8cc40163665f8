import { env } from "cloudflare:workers";
import type { Operation } from "./openapi";

/** What a database has been asked, with the rows that each query read. */
export interface Meter {
  /** To put in the place of the binding. */
  DB: D1Database;
  queries: { sql: string; rows_read: number; rows_written: number }[];
}

/** No request reads more rows of D1 than this, but those below. */
const MOST_ROWS = 300;
const MOST_ROWS_OF_A_LIST = 2_000;

/** Operations that read more, and how much. */
const MOST_ROWS_OF: Record<string, number> = {
  // Goes through the newest calls that have left the ledger.
  getCall: 20_000,
  // A file of as many calls as there are, in portions.
  getUsageCsv: Number.POSITIVE_INFINITY,
  // At most 200 rows of each kind and secret.
  getKeySecrets: 3_000,
  // The rows of twenty seals, of 200 at most.
  verifyAudit: 5_000,
};

/** How many rows of D1 a request for an operation may read, however many the organization has. */
export function mostRowsOf({ operationId }: Operation): number {
  const usual = /^list/.test(operationId) ? MOST_ROWS_OF_A_LIST : MOST_ROWS;
  return MOST_ROWS_OF[operationId] ?? usual;
}

/** Throws when the queries have read more rows than they may, with the longest of them. */
export function holdRowsRead({ queries }: Meter, most_rows: number, what: string): void {
  const rows_read = queries.reduce((sum, query) => sum + query.rows_read, 0);
  if (rows_read <= most_rows) return;
  const [longest] = queries.toSorted((a, b) => b.rows_read - a.rows_read);
  throw new Error(
    `${what} read ${rows_read} rows, more than ${most_rows}; ${longest?.rows_read} by ${longest?.sql}`,
  );
}

const ONLY_READS = /^\s*select\b/i;

/**
 * A database that says how many rows it reads and writes: D1 counts exactly when it runs locally. `first` and `raw` come
 * without the count: a query that only reads is sent once more for it.
 */
export function meterD1(db: D1Database = env.DB): Meter {
  const queries: Meter["queries"] = [];
  const originals = new WeakMap<object, D1PreparedStatement>();

  const count = <Found>(sql: string, found: D1Result<Found>) => {
    const { rows_read, rows_written } = found.meta;
    queries.push({ sql, rows_read, rows_written });
    return found;
  };

  function metered(sql: string, statement: D1PreparedStatement): D1PreparedStatement {
    const all = async () => count(sql, await statement.all<Record<string, unknown>>());
    const raw = async (options: { columnNames: true }) => {
      const { results } = await all();
      if (ONLY_READS.test(sql)) return statement.raw(options);
      const rows = results.map((row) => Object.values(row));
      return options?.columnNames ? [Object.keys(results[0] ?? {}), ...rows] : rows;
    };
    const methods = {
      bind: (...values: unknown[]) => metered(sql, statement.bind(...values)),
      all,
      run: async () => count(sql, await statement.run()),
      first: async (column?: string) => {
        const [row] = (await all()).results;
        return row === undefined ? null : column === undefined ? row : row[column];
      },
      raw,
    } as unknown as D1PreparedStatement;
    originals.set(methods, statement);
    sql_of.set(methods, sql);
    return methods;
  }

  const sql_of = new WeakMap<object, string>();
  const methods = {
    prepare: (sql: string) => metered(sql, db.prepare(sql)),
    batch: async (statements: D1PreparedStatement[]) => {
      const results = await db.batch(statements.map((each) => originals.get(each) ?? each));
      return results.map((result, i) => count(sql_of.get(statements[i] ?? {}) ?? "", result));
    },
    exec: (sql: string) => db.exec(sql),
  };
  return { DB: methods as unknown as D1Database, queries };
}
