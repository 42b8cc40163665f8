import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { whomToVisit } from "../../src/admin/watch-round";
import { rowsUpTo } from "../support/ledger/fill-ledger";

const LEDGERS = 100_000;
const ACTIVE = 700;

/** A run begins every minute. */
const HOUR_OF_RUNS = 60;

const idOf = (i: string) => `'org_' || printf('%08d', ${i})`;

beforeEach(async () => {
  for (const table of ["organizations", "active_organizations", "cron_positions"])
    await env.DB.exec(`DELETE FROM ${table}`);
  await env.DB.prepare(
    `${rowsUpTo(LEDGERS)} INSERT INTO organizations (id, company_name, language, state, created_at_ms)
     SELECT ${idOf("i")}, 'Test', 'en', 'active', 0 FROM n`,
  ).run();
});

test("of 100,000 ledgers those of the last day are visited first and each round, and all in less than two hours", async () => {
  // Of every hundredth, and of those that come last in turn.
  const today = Math.floor(Date.now() / 86_400_000);
  await env.DB.prepare(
    `${rowsUpTo(ACTIVE)} INSERT INTO active_organizations (day, organization_id)
     SELECT ${today} - i % 2, ${idOf(`${LEDGERS} - i * 100`)} FROM n`,
  ).run();
  const { results } = await env.DB.prepare("SELECT organization_id AS id FROM active_organizations").all();
  const active = new Set(results.map(({ id }) => id as string));
  const visited = new Set<string>();
  const of_active: number[] = [];
  let runs = 0;
  while (visited.size < LEDGERS && runs < 3 * HOUR_OF_RUNS) {
    const round = await whomToVisit(env);
    expect(round.organizations.length).toBeLessThanOrEqual(1_600);
    const last_active = round.organizations.findLastIndex(({ id }) => active.has(id));
    if (runs === 0) expect(round.organizations.slice(0, 600).every(({ id }) => active.has(id))).toBe(true);
    expect(last_active).toBeGreaterThanOrEqual(0);
    for (const { id } of round.organizations) visited.add(id);
    of_active.push([...active].filter((id) => visited.has(id)).length);
    await round.cameTo(round.organizations.length);
    runs += 1;
  }
  expect(of_active[1]).toBe(ACTIVE);
  expect(visited.size).toBe(LEDGERS);
  console.log(`100,000 ledgers in ${runs} runs, a minute each`);
  expect(runs).toBeLessThan(2 * HOUR_OF_RUNS);
}, 120_000);

test("while nothing is active they come round in about an hour", async () => {
  const visited = new Set<string>();
  let runs = 0;
  while (visited.size < LEDGERS && runs < 2 * HOUR_OF_RUNS) {
    const { organizations, cameTo } = await whomToVisit(env);
    for (const { id } of organizations) visited.add(id);
    await cameTo(organizations.length);
    runs += 1;
  }
  expect(runs).toBe(Math.ceil(LEDGERS / 1_600));
}, 120_000);
