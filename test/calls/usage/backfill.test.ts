import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { rollUpUsage } from "../../../src/calls/usage/roll-up";
import { project } from "../../../src/storage/calls/projection";
import { DAY_MS } from "../../../src/units/duration";
import { newId } from "../../../src/units/id";
import type { Json } from "../../support/api/api";
import { Random } from "../../support/random";
import { anyCall, END_MS } from "./model";

const MIGRATION = "0014_usage_by_day.sql";

/** What the migration does with what is there already, statement by statement. */
async function backfill(table: string): Promise<void> {
  const migration = env.TEST_MIGRATIONS.find(({ name }) => name === MIGRATION);
  const statements = migration?.queries.filter(
    (query) => query.includes(`INSERT INTO ${table}\n`) || query.includes(`INSERT INTO ${table} SELECT`),
  );
  const [statement] = statements?.filter((query) => !query.includes("CREATE TRIGGER")) ?? [];
  if (!statement) throw new Error(`${MIGRATION} fills no ${table}.`);
  await env.DB.prepare(statement).run();
}

async function rowsOf(table: string): Promise<Json[]> {
  const { results } = await env.DB.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3, 4`).all<Json>();
  return results.map((row) => ({
    ...row,
    ...("quarters" in row && {
      quarters: JSON.parse(row.quarters).sort(([a]: number[], [b]: number[]) => (a ?? 0) - (b ?? 0)),
    }),
  }));
}

async function rollUpAll(): Promise<void> {
  while ((await rollUpUsage(env, END_MS + DAY_MS)).rolled > 0);
}

test("calls from before the migration add up as if they were counted one by one", async () => {
  const random = new Random(14);
  for (const organization_id of [newId("org"), newId("org")])
    for (let batch = 0; batch < 8; batch += 1) {
      const calls = Array.from({ length: 25 }, () => anyCall(random, organization_id));
      await project(env.DB, { calls, entries: [] });
    }
  await rollUpAll();
  const [days, numbers] = [await rowsOf("usage_days"), await rowsOf("usage_numbers")];
  expect([days.length > 0, numbers.length > 0]).toEqual([true, true]);
  for (const table of ["usage_days", "usage_numbers", "usage_marks"])
    await env.DB.exec(`DELETE FROM ${table}`);
  await backfill("usage_days");
  expect(await rowsOf("usage_days")).toEqual(days);
  // The cron adds up the numbers of every hour that had calls.
  await backfill("usage_marks");
  await rollUpAll();
  expect(await rowsOf("usage_numbers")).toEqual(numbers);
  expect(await rowsOf("usage_days")).toEqual(days);
});
