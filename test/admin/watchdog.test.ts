import { createScheduledController, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkLedgerHealth } from "../../src/admin/watchdog";
import worker from "../../src/index";
import { clearDirectoryCache } from "../../src/organizations/directory";
import { openWebhooks } from "../../src/webhooks/client";
import type { Json } from "../support/api/api";
import { bindings } from "../support/api/as-operator";
import { call, newOrganization, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { failD1 } from "../support/failures/failing-d1";
import { failLedger } from "../support/failures/failing-ledger";
import { failing_kv, hangingKv } from "../support/failures/failing-stores";
import { copied } from "../support/ledger/projection";

let logged: Json[] = [];
let mend: (() => void) | undefined;

beforeEach(async () => {
  logged = [];
  const note = (line: unknown) => void logged.push(JSON.parse(String(line)));
  for (const level of ["error", "warn", "log"] as const) vi.spyOn(console, level).mockImplementation(note);
  for (const table of ["organizations", "active_organizations", "cron_positions"])
    await env.DB.exec(`DELETE FROM ${table}`);
});
afterEach(() => {
  mend?.();
  mend = undefined;
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const linesOf = (event: string) => logged.filter((line) => line.event === event);

/** The organizations whose ledgers are asked for their health while `work` goes on, in that order. */
async function visitedBy(work: () => Promise<unknown>): Promise<string[]> {
  const visited: string[] = [];
  const { OrganizationLedger } = await import("../../src/index");
  const { health } = OrganizationLedger.prototype;
  const spy = vi.spyOn(OrganizationLedger.prototype, "health").mockImplementation(function (
    this: InstanceType<typeof OrganizationLedger>,
    ...args
  ) {
    const { id }: DurableObjectState = Reflect.get(this, "ctx");
    visited.push(id.name ?? "");
    return Reflect.apply(health, this, args);
  });
  await work();
  spy.mockRestore();
  return visited;
}

/** Forgets that it was active, as after some days. */
async function makeQuiet({ id }: TestOrganization): Promise<void> {
  await copied({ id });
  await env.DB.prepare("DELETE FROM active_organizations WHERE organization_id = ?").bind(id).run();
}

test("visits every ledger and says which one it could not reach", async () => {
  const [one, other] = [await newOrganization(1_000_000), await newOrganization()];
  const visited = await visitedBy(() => checkLedgerHealth(bindings));
  expect(new Set(visited)).toEqual(new Set([one.id, other.id]));
  mend = failLedger(one.id);
  expect(await checkLedgerHealth(bindings)).toMatchObject({ late: 0 });
  expect(linesOf("ledger_unreachable")[0]).toMatchObject({ organization_id: one.id });
});

test("those that were active in the last day come first, the others in turn", async () => {
  const quiet = await newOrganization(1_000_000);
  await makeQuiet(quiet);
  const active = await newOrganization(1_000_000);
  await call(active, "a", 1_000);
  await copied(active);
  const visited = await visitedBy(() => checkLedgerHealth(bindings));
  expect(visited.indexOf(active.id)).toBeLessThan(visited.indexOf(quiet.id));
});

test("one that was active yesterday is visited first, and after two days in turn only", async () => {
  const clock = stopClock();
  const quiet = await newOrganization();
  const active = await newOrganization(1_000_000);
  await copied(active);
  expect(await visitedBy(() => checkLedgerHealth(bindings))).toEqual([active.id, quiet.id]);
  clock.pass(86_400_000);
  expect(await visitedBy(() => checkLedgerHealth(bindings))).toEqual([active.id, quiet.id]);
  clock.pass(86_400_000);
  expect(await visitedBy(() => checkLedgerHealth(bindings))).toEqual([quiet.id, active.id]);
  const { results } = await env.DB.prepare("SELECT * FROM active_organizations").all();
  expect(results).toEqual([]);
});

test("a run that has no time for all is gone on with by the next one", async () => {
  const organizations: TestOrganization[] = [];
  for (let made = 0; made < 45; made++) organizations.push(await newOrganization());
  // Each visit takes a second of the forty that a run has for them.
  const clock = stopClock();
  const { OrganizationLedger } = await import("../../src/index");
  vi.spyOn(OrganizationLedger.prototype, "health").mockImplementation(() => {
    clock.pass(1_000);
    return { outcome: "health", outbox: 0, oldest_age_ms: 0, has_webhooks: false };
  });
  expect(await checkLedgerHealth(bindings)).toMatchObject({ visited: 40 });
  expect(await checkLedgerHealth(bindings)).toMatchObject({ visited: 5 });
  expect(await checkLedgerHealth(bindings)).toMatchObject({ visited: 40 });
});

test("with D1 away it visits those that KV knows, says that it is blind, and the cron's other steps go on", async () => {
  const organization = await newOrganization(1_000_000);
  clearDirectoryCache();
  mend = failD1();
  const visited = await visitedBy(() =>
    worker.scheduled(createScheduledController({ cron: "* * * * *" }), bindings),
  );
  expect(visited).toContain(organization.id);
  expect(linesOf("watchdog_blind")).toMatchObject([{ away: ["d1"] }]);
  expect(linesOf("rate_card_not_copied")).toHaveLength(1);
});

test.each([
  ["fails", failing_kv],
  ["hangs", hangingKv().DIRECTORY],
])("with KV away, which %s, it visits all that D1 lists and goes on where it stood", async (_, DIRECTORY) => {
  const organization = await newOrganization(1_000_000);
  const without_kv = { ...bindings, DIRECTORY };
  const visited = await visitedBy(() => checkLedgerHealth(without_kv));
  expect(visited).toContain(organization.id);
  expect(linesOf("watchdog_blind")).toEqual([]);
});

test("with both away it visits those it remembers and never throws", async () => {
  const organization = await newOrganization(1_000_000);
  await checkLedgerHealth(bindings);
  mend = failD1();
  const visited = await visitedBy(() => checkLedgerHealth({ ...bindings, DIRECTORY: failing_kv }));
  expect(visited).toContain(organization.id);
  expect(linesOf("watchdog_blind")).toMatchObject([{ away: ["d1", "kv"] }]);
});

test("copies what D1 missed while it was away", async () => {
  const { id } = await newOrganization();
  mend = failD1();
  const key = "adjustment:late";
  await env.LEDGER.getByName(id).post({ amount_micros: 1_000_000, reason: "late", kind: "adjustment", key });
  mend();
  mend = undefined;
  await worker.scheduled(createScheduledController({ cron: "* * * * *" }), bindings);
  await expect
    .poll(async () => {
      const query = env.DB.prepare("SELECT amount_micros FROM ledger_entries WHERE organization_id = ?");
      return (await query.bind(id).all()).results;
    })
    .toEqual([{ amount_micros: 1_000_000 }]);
});

test("webhooks are visited with a ledger that has some: a lost alarm is set again, and a late delivery is told of", async () => {
  const { id } = await newOrganization(1_000_000);
  expect(await checkLedgerHealth(bindings)).toMatchObject({ webhooks_visited: 1 });
  const owner = { organization_id: id, jurisdiction: null };
  const settings = { url: "https://example.com/hook", description: "", events: null };
  const secret = `whsec_${"a".repeat(44)}`;
  await openWebhooks(env, owner).addEndpoint(owner, "whe_test", settings, secret);
  await env.LEDGER.getByName(id).setWanted("all");
  const webhooks = env.WEBHOOKS.getByName(id);
  await runInDurableObject(webhooks, async (_, { storage }) => {
    storage.sql.exec(
      `INSERT INTO delivery (event_id, endpoint_id, type, body, state, next_try_at_ms, tries, attempts, created_at_ms)
       VALUES ('evt_late', 'whe_test', 'webhook.test', '{}', 'pending', ?, 0, '[]', 0)`,
      Date.now() - 600_000,
    );
    await storage.deleteAlarm();
  });
  await evictDurableObject(webhooks);
  const report = await checkLedgerHealth(bindings);
  expect(report).toMatchObject({ webhooks_late: 1, webhooks_unreachable: 0 });
  expect(report.webhooks_oldest_age_ms).toBeGreaterThanOrEqual(600_000);
  expect(linesOf("webhooks_late")).toMatchObject([{ organization_id: id }]);
  expect(await runInDurableObject(webhooks, (_, { storage }) => storage.getAlarm())).not.toBeNull();
});

test("a step of a cron that fails is logged once and keeps no other from its work", async () => {
  const organization = await newOrganization(1_000_000);
  const without_settings = { ...bindings, QUOTA_SECONDS: "many" };
  const visited = await visitedBy(() =>
    worker.scheduled(createScheduledController({ cron: "* * * * *" }), without_settings),
  );
  expect(visited).toEqual([]);
  expect(linesOf("cron_step_failed")).toMatchObject([{ job: "* * * * *", step: "purchases" }]);
  expect(linesOf("ledger_unreachable")[0]).toMatchObject({ organization_id: organization.id });
  mend = failD1();
  for (const cron of ["*/2 * * * *", "*/5 * * * *", "17 3 * * *"]) {
    logged = [];
    await worker.scheduled(createScheduledController({ cron }), bindings);
    expect(new Set(linesOf("cron_step_failed").map(({ step }) => step)).size).toBe(
      linesOf("cron_step_failed").length,
    );
    expect(linesOf("cron_step_failed").length).toBeGreaterThan(0);
  }
});
