import { env } from "cloudflare:workers";
import { rollUpUsage } from "../../src/calls/usage/roll-up";
import { DAY_MS } from "../../src/units/duration";

interface Column {
  name: string;
  type: string;
}

/** SQL for a column of the copies: `n` counts them from 1. */
type Changes = Record<string, string>;

/** Puts copies of a table's rows into it, those that would break a rule of it left out. */
export async function copyRows(
  table: string,
  count: number,
  changes: Changes,
  where: { sql: string; values: unknown[] } = { sql: "true", values: [] },
): Promise<void> {
  const copied = (await columnsOf(table)).map(({ name }) => changes[name] ?? `"${name}"`);
  const numbers = "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ?)";
  await env.DB.prepare(
    `${numbers} INSERT OR IGNORE INTO "${table}" SELECT ${copied.join(", ")} FROM "${table}", copies WHERE ${where.sql}`,
  )
    .bind(count, ...where.values)
    .run();
}

/** What the copies of a row differ in, where it is not enough that their keys do. */
const CHANGES: Record<string, Changes> = {
  numbers: { e164: "'+3197' || (100000000 + n)" },
  calls: { call_id: "'copy-' || n", started_at_ms: "started_at_ms - n * 1000" },
};

/** Made of the rows of other tables: a copy of a sum is no sum. */
const DERIVED: ReadonlySet<string> = new Set(["usage_days", "usage_numbers", "usage_marks", "usage_hours"]);

/**
 * Multiplies every row of D1: of one organization where a table has it in its key, else of as many organizations. Sums are of
 * the copies, too.
 */
export async function copyEveryRow(count: number): Promise<void> {
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('d1_migrations', 'deployment') AND name NOT LIKE '\\_cf%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
  ).all<{ name: string }>();
  for (const { name } of results)
    if (!DERIVED.has(name)) await copyRows(name, count, CHANGES[name] ?? (await changesOf(name)));
  // Copies have the key of the call that they are of, and are not counted.
  await env.DB.exec("UPDATE usage_marks SET uncounted = 1");
  while ((await rollUpUsage(env, Date.now() + DAY_MS)).rolled > 0);
}

async function changesOf(table: string): Promise<Changes> {
  const columns = await columnsOf(table);
  const keys = await keysOf(table);
  const changed = new Set(["purchase_id"]);
  for (const key of keys) {
    const own = key.filter((column) => column !== "organization_id");
    for (const column of own.length > 0 ? own : key) changed.add(column);
  }
  return Object.fromEntries(
    columns.filter(({ name }) => changed.has(name)).map((each) => [each.name, another(each)]),
  );
}

/** Another value for each copy, of the same shape: ids keep the time in which they begin. */
function another({ name, type }: Column): string {
  if (name.endsWith("_ms")) return `"${name}" - n * 3600000`;
  if (type === "INTEGER") return `"${name}" + n * 1000`;
  const last_digits = `substr("${name}", 1, length("${name}") - 5) || printf('%05d', n)`;
  return `iif(length("${name}") > 12, ${last_digits}, "${name}" || '-' || n)`;
}

async function columnsOf(table: string): Promise<Column[]> {
  const { results } = await env.DB.prepare("SELECT name, type FROM pragma_table_info(?)")
    .bind(table)
    .all<Column>();
  return results;
}

/** The columns of each of a table's keys that holds for every row. */
async function keysOf(table: string): Promise<string[][]> {
  const { results } = await env.DB.prepare(
    `SELECT list.name AS key, info.name AS column FROM pragma_index_list(?) AS list, pragma_index_info(list.name) AS info
     WHERE list."unique" = 1 AND list.partial = 0`,
  )
    .bind(table)
    .all<{ key: string; column: string }>();
  return Object.values(Object.groupBy(results, ({ key }) => key)).map((key) =>
    (key ?? []).map(({ column }) => column),
  );
}
