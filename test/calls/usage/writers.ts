import { env } from "cloudflare:workers";
import type { CallRow } from "../../../src/storage/calls/calls";

/** Columns that the release before sums by day does not know. */
const NEW_COLUMNS: readonly string[] = ["counted", "first_notice_seq"];

/** Writes calls as that release does, which counts them in `usage_hours` alone. */
export async function writeAsBefore(calls: readonly CallRow[]): Promise<void> {
  const names = Object.keys(calls[0] ?? {}).filter((name) => !NEW_COLUMNS.includes(name));
  const values = names.map((name) => `value ->> '$.${name}'`).join(", ");
  const upsert = `INSERT INTO calls (${names.join(", ")}) SELECT ${values} FROM json_each(?) WHERE true
    ON CONFLICT (organization_id, started_at_ms, call_id)
    DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(", ")}
    WHERE (excluded.epoch, excluded.version) > (calls.epoch, calls.version)`;
  await env.DB.prepare(upsert).bind(JSON.stringify(calls)).run();
}

/** A database that is gone after so many statements were prepared: in the middle of whatever is done then. */
export function cutOff(after: number): D1Database {
  let prepared = 0;
  return new Proxy(env.DB, {
    get(_, method: "prepare" | "batch") {
      if (method === "batch") return (statements: D1PreparedStatement[]) => env.DB.batch(statements);
      return (sql: string) => {
        prepared += 1;
        if (prepared > after) throw new Error("D1_ERROR: no such database (failed by the test)");
        return env.DB.prepare(sql);
      };
    },
  });
}

/** A database in which something changes before its first batch. */
export function changedBefore(change: () => Promise<unknown>): D1Database {
  let is_first = true;
  return new Proxy(env.DB, {
    get(_, method: "prepare" | "batch") {
      if (method === "prepare") return (sql: string) => env.DB.prepare(sql);
      return async (statements: D1PreparedStatement[]) => {
        if (is_first) {
          is_first = false;
          await change();
        }
        return env.DB.batch(statements);
      };
    },
  });
}
