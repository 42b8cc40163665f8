import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkLedgers } from "../../../src/admin/nightly-checks";
import { api, type Json } from "../../support/api/api";
import {
  adjust,
  adminKey,
  call,
  manyCalls,
  newOrganization,
  node,
  type TestOrganization,
} from "../../support/api/organizations";
import { stopClock } from "../../support/clock";
import { failD1 } from "../../support/failures/failing-d1";
import { failing_kv } from "../../support/failures/failing-stores";
import { changeRecords, copied, projectionOf, rebuilt, recordsOf } from "../../support/ledger/projection";
import { until } from "../../support/until";

let logged: Json[] = [];
let clock: ReturnType<typeof stopClock>;

beforeEach(async () => {
  logged = [];
  vi.spyOn(console, "error").mockImplementation((line) => void logged.push(JSON.parse(line)));
  clock = stopClock("2031-05-05T12:00:00.000Z");
  for (const table of ["organizations", "cron_positions"]) await env.DB.exec(`DELETE FROM ${table}`);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const linesOf = (event: string) => logged.filter((line) => line.event === event);

async function organizationWithCalls(): Promise<TestOrganization> {
  const organization = await newOrganization(100_000_000);
  await manyCalls(organization, ["a", "b", "c"], 10_000);
  clock.pass(3 * 3_600_000);
  await manyCalls(organization, ["d", "e"], 10_000);
  await call(organization, "corrected", 20_000, { letTimePass: clock.pass });
  await node(organization, "corrected/correct", { correction_id: "k", duration_ms: 20_500, reason: "CDR" });
  await adjust(organization, 5_000_000);
  await copied(organization);
  return organization;
}

/** Lets a night pass, and waits for what a ledger has found in it. */
async function night(organization: TestOrganization): Promise<Json> {
  const before = (await projectionOf(organization)).check?.finished_at ?? null;
  clock.pass(86_400_000);
  await checkLedgers(env);
  return until("the end of the check", async () => {
    await env.LEDGER.getByName(organization.id).health();
    const { check } = await projectionOf(organization);
    return check?.finished_at && check.finished_at !== before && check;
  });
}

/** Waits until a rebuild is over that a difference has led to, and what it has left is known. */
async function settled({ id }: TestOrganization): Promise<void> {
  await rebuilt({ id });
  await until("the end of it", async () => {
    await env.LEDGER.getByName(id).health();
    return runInDurableObject(env.LEDGER.getByName(id), (_, { storage }) => {
      const query = "SELECT facts ->> '$.settling' AS settling FROM projection_upkeep";
      return storage.sql.exec(query).one().settling === null;
    });
  });
}

test.each([
  ["a call is missing", "DELETE FROM calls WHERE organization_id = ? AND call_id = 'a'", "5 calls"],
  [
    "a call is of an older version that cost the same",
    "UPDATE calls SET version = version - 1 WHERE organization_id = ? AND call_id = 'corrected'",
    "versions",
  ],
  [
    "a call says something else of the same version",
    "UPDATE calls SET charged_micros = charged_micros - 1 WHERE organization_id = ? AND call_id = 'a'",
    "calls charged",
  ],
  [
    "an hour's sums are wrong",
    "UPDATE usage_days SET billable_seconds = billable_seconds + 1 WHERE organization_id = ?",
    "its sums",
  ],
  ["an hour's sums are missing", "DELETE FROM usage_days WHERE organization_id = ?", "0 calls"],
  [
    "an entry is missing",
    "DELETE FROM ledger_entries WHERE organization_id = ? AND seq = 1",
    "1 of 2 entries",
  ],
  [
    "an entry has another amount",
    "UPDATE ledger_entries SET amount_micros = 1 WHERE organization_id = ? AND seq = 1",
    "1 of 2 entries",
  ],
])("where %s, a night finds it, tells it and puts it right", async (_, statement, words) => {
  const organization = await organizationWithCalls();
  const before = await recordsOf(organization);
  await changeRecords(organization, statement);
  const { first_difference } = await night(organization);
  expect(first_difference).toContain("projection: ");
  if (words !== "5 calls") expect(first_difference).toContain(words);
  const { report_id, reason } = await rebuilt(organization);
  expect(reason).toBe("difference");
  expect(await recordsOf(organization)).toEqual(before);
  expect(linesOf("projection_difference")).toMatchObject([{ organization_id: organization.id, report_id }]);
  const path = `/api/v1/admin/organizations/${organization.id}/verifications/${report_id}`;
  expect((await api("GET", path, { key: await adminKey() })).body).toMatchObject({
    status: "finished",
    verification: { ok: false, first_difference, projection: { status: "finished" } },
  });
  // The next night finds nothing more.
  await call(organization, "later", 1_000, { letTimePass: clock.pass });
  await copied(organization);
  expect(await night(organization)).toMatchObject({ first_difference: null, differing_hours: 0 });
});

test.each([
  [
    "a call",
    "UPDATE calls SET call_id = 'strange', started_at_ms = started_at_ms - 7200000 WHERE organization_id = ? AND call_id = 'a'",
    { unknown_calls: { count: 1, call_ids: ["strange"] } },
  ],
  [
    "an entry",
    `INSERT INTO ledger_entries SELECT organization_id, epoch, 500, kind, currency, amount_micros,
       balance_after_micros, key, reason, posted_at_ms FROM ledger_entries WHERE organization_id = ? AND seq = 1`,
    { unknown_entries: { count: 1, entry_ids: ["1:500"] } },
  ],
])("%s that the ledger does not know is told by its name and stays", async (_, statement, unknown) => {
  const organization = await organizationWithCalls();
  await changeRecords(organization, statement);
  expect((await night(organization)).first_difference).not.toBeNull();
  expect(await rebuilt(organization)).toMatchObject(unknown);
});

test("what a rebuild cannot mend is told once, and what comes after it again", async () => {
  const organization = await organizationWithCalls();
  const other = await organizationWithCalls();
  const strange =
    "UPDATE calls SET call_id = 'strange', organization_id = ? WHERE call_id = 'a' AND organization_id =";
  await changeRecords(organization, `${strange} '${other.id}'`);
  for (const { id } of [organization, other])
    await changeRecords({ id }, "DELETE FROM usage_hours WHERE organization_id = ?");
  const first = await night(organization);
  expect(first.first_difference).not.toBeNull();
  await settled(organization);
  for (let again = 0; again < 3; again++) {
    await adjust(organization, 1);
    await copied(organization);
    expect((await night(organization)).first_difference).toContain("the ledger ");
    expect((await projectionOf(organization)).rebuild.started_at).toBe(first.finished_at);
  }
  const told = () =>
    linesOf("projection_difference").filter((line) => line.organization_id === organization.id);
  expect(told()).toHaveLength(1);
  await changeRecords(organization, "DELETE FROM calls WHERE organization_id = ? AND call_id = 'b'");
  await night(organization);
  await settled(organization);
  expect(told()).toHaveLength(2);
  expect((await recordsOf(organization)).calls.map(({ call_id }) => call_id)).toContain("b");
});

test("a ledger that agrees with its copy is told of nowhere, also with calls going on", async () => {
  const organization = await organizationWithCalls();
  const [check] = await Promise.all([night(organization), manyCalls(organization, ["x", "y", "z"], 1_000)]);
  expect(check).toMatchObject({ first_difference: null, differing_hours: 0 });
  expect((await projectionOf(organization)).rebuild).toBeNull();
  expect(linesOf("projection_difference")).toEqual([]);
});

test("with D1 or KV away the night goes on when they are back, and nothing is thrown", async () => {
  const organization = await organizationWithCalls();
  clock.pass(86_400_000);
  const mend = failD1();
  await checkLedgers(env);
  expect(linesOf("cron_step_failed")).toHaveLength(3);
  mend();
  await changeRecords(organization, "DELETE FROM usage_days WHERE organization_id = ?");
  await checkLedgers({ ...env, DIRECTORY: failing_kv });
  await rebuilt(organization);
  expect(linesOf("projection_difference")).toHaveLength(1);
});

test("an organization that D1 has lost is found by the night, and its row comes back with its calls", async () => {
  const organization = await organizationWithCalls();
  const before = await recordsOf(organization);
  await changeRecords(
    organization,
    "DELETE FROM organizations WHERE id = ?",
    "DELETE FROM calls WHERE organization_id = ?",
  );
  clock.pass(86_400_000);
  for (let run = 0; run < 2; run++) await checkLedgers(env);
  await rebuilt(organization);
  expect(await recordsOf(organization)).toEqual(before);
  expect(linesOf("organization_unlisted")).toContainEqual(
    expect.objectContaining({ organization_id: organization.id }),
  );
});
