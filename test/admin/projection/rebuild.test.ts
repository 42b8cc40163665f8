import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../../support/api/api";
import { auditCopied } from "../../support/api/audit-copied";
import {
  adjust,
  adminKey,
  authorize,
  call,
  manyCalls,
  newOrganization,
  node,
  type TestOrganization,
} from "../../support/api/organizations";
import { copyCalls } from "../../support/ledger/copy-calls";
import {
  askForRebuild,
  changeRecords,
  copied,
  projectionOf,
  rebuild,
  rebuilt,
  recordsOf,
} from "../../support/ledger/projection";
import { limitSize, runAlarmsToTheEnd } from "../../support/ledger/retention";
import { until } from "../../support/until";

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const NOTHING = { inserted: 0, replaced: 0 };

/** Calls of every ending, a correction, and credit: all that lists and sums are made of. */
async function organizationWithHistory(): Promise<TestOrganization> {
  const organization = await newOrganization(100_000_000);
  await manyCalls(
    organization,
    Array.from({ length: 30 }, (_, at) => `c${at}`),
    10_000,
  );
  await authorize(organization, "voided");
  await node(organization, "voided/void", { end_reason: "busy" });
  await call(organization, "corrected", 20_000);
  const correction = { correction_id: "k", duration_ms: 60_000, reason: "CDR" };
  await node(organization, "corrected/correct", correction);
  await adjust(organization, 5_000_000);
  await copied(organization);
  return organization;
}

/** Puts D1 back to before most of the organization's calls. */
async function putBack(organization: TestOrganization): Promise<void> {
  await changeRecords(
    organization,
    "DELETE FROM calls WHERE organization_id = ? AND call_id LIKE 'c1%'",
    "UPDATE calls SET version = version - 1, charged_micros = 1, duration_ms = 2000 WHERE organization_id = ? AND call_id = 'corrected'",
    "DELETE FROM ledger_entries WHERE organization_id = ? AND seq > 1",
    "DELETE FROM usage_days WHERE organization_id = ?",
    "DELETE FROM organizations WHERE id = ?",
  );
}

test("lists and sums that D1 has lost come back as they were, and calls go on meanwhile", async () => {
  const [organization, other] = [await organizationWithHistory(), await organizationWithHistory()];
  const before = await recordsOf(organization);
  await putBack(organization);
  await changeRecords(other, "DELETE FROM calls WHERE organization_id = ?");
  const others = await recordsOf(other);
  const asked = await askForRebuild(organization);
  expect(asked).toMatchObject({ status: 202, body: { rebuild: { reason: "asked", report_id: null } } });
  const meanwhile = Array.from({ length: 5 }, (_, at) => `meanwhile${at}`);
  for (const call_id of meanwhile) await call(organization, call_id, 1_000);
  const done = await rebuilt(organization);
  expect(done).toMatchObject({
    calls: { replaced: 1 },
    entries: { inserted: 1, replaced: 0 },
    unknown_calls: { count: 0, call_ids: [] },
    unknown_entries: { count: 0, entry_ids: [] },
  });
  // With those of the calls meanwhile that it came across before they were copied.
  expect(done.calls.inserted).toBeGreaterThanOrEqual(11);
  await copied(organization);
  const after = await recordsOf(organization);
  expect(after.organization).toEqual(before.organization);
  expect(after.entries).toEqual(before.entries);
  expect(after.calls.filter(({ call_id }) => !meanwhile.includes(call_id))).toEqual(before.calls);
  expect(after.calls).toHaveLength(before.calls.length + meanwhile.length);
  expect(sumOf(after.days)).toEqual(sumOfCalls(after.calls));
  expect(await recordsOf(other)).toEqual(others);
});

test.each([
  ["calls are missing and their hours are there", "DELETE FROM calls WHERE organization_id = ?"],
  ["hours are missing and their calls are there", "DELETE FROM usage_days WHERE organization_id = ?"],
  [
    "an hour's sums are wrong",
    "UPDATE usage_days SET calls = calls + 3, fee_micros = 1 WHERE organization_id = ?",
  ],
  [
    "a call of the same version says something else",
    "UPDATE calls SET charged_micros = 1, to_number = '+31' WHERE organization_id = ? AND call_id = 'c3'",
  ],
  [
    "an entry says something else",
    "UPDATE ledger_entries SET amount_micros = 7 WHERE organization_id = ? AND seq = 1",
  ],
  ["all is lost", "DELETE FROM calls WHERE organization_id = ? AND true"],
])("where %s, a rebuild puts it right", async (_, statement) => {
  const organization = await organizationWithHistory();
  const before = await recordsOf(organization);
  await changeRecords(organization, statement);
  await rebuild(organization);
  expect(await recordsOf(organization)).toEqual(before);
});

test("repeated, also at once, it changes nothing more", async () => {
  const organization = await organizationWithHistory();
  await changeRecords(organization, "DELETE FROM calls WHERE organization_id = ?");
  await Promise.all([askForRebuild(organization), askForRebuild(organization)]);
  expect(await rebuilt(organization)).toMatchObject({ calls: { inserted: 32, replaced: 0 } });
  const before = await recordsOf(organization);
  expect(await rebuild(organization)).toMatchObject({
    calls: NOTHING,
    entries: NOTHING,
    hours: { rewritten: 0 },
  });
  expect(await recordsOf(organization)).toEqual(before);
});

test("cut off in the middle by D1 and by the end of its object, it goes on where it stood", async () => {
  const organization = await newOrganization(100_000_000);
  await manyCalls(
    organization,
    Array.from({ length: 500 }, (_, at) => `c${at}`),
    1_000,
  );
  await copied(organization);
  const before = await recordsOf(organization);
  await changeRecords(organization, "DELETE FROM calls WHERE organization_id = ?");
  const prototype = Object.getPrototypeOf(env.DB);
  const { batch } = prototype;
  let batches = 0;
  const spy = vi.spyOn(prototype, "batch").mockImplementation(function (this: unknown, ...args: unknown[]) {
    // The own row, the first portion of entries, the first of calls; then no more.
    if (batches >= 3) throw new Error("D1_ERROR: no such database (failed by the test)");
    batches += 1;
    return Reflect.apply(batch, this, args);
  });
  await env.LEDGER.getByName(organization.id).rebuildProjection();
  await until("the failure", async () => (await projectionOf(organization)).rebuild.calls_read === 200);
  spy.mockRestore();
  await evictDurableObject(env.LEDGER.getByName(organization.id));
  // Begun anew, it would have found the first 200 there.
  expect(await rebuilt(organization)).toMatchObject({ calls_read: 500, calls: { inserted: 500 } });
  expect(await recordsOf(organization)).toEqual(before);
});

test("what the ledger does not know is said and stays, and counts in the sums of its hour", async () => {
  const organization = await organizationWithHistory();
  await changeRecords(
    organization,
    "UPDATE calls SET call_id = 'strange' WHERE organization_id = ? AND call_id = 'c5'",
    "UPDATE calls SET version = version + 5 WHERE organization_id = ? AND call_id = 'c6'",
    "UPDATE ledger_entries SET seq = 1000 WHERE organization_id = ? AND seq = 1",
  );
  expect(await rebuild(organization)).toMatchObject({
    calls: { inserted: 1, replaced: 0 },
    entries: { inserted: 1, replaced: 0 },
    unknown_calls: { count: 2, call_ids: expect.arrayContaining(["strange", "c6"]) },
    unknown_entries: { count: 1, entry_ids: ["1:1000"] },
  });
  const { calls, days } = await recordsOf(organization);
  expect(calls.map(({ call_id }) => call_id)).toEqual(expect.arrayContaining(["strange", "c5"]));
  expect(sumOf(days)).toEqual(sumOfCalls(calls));
});

test("the sums of an hour with more calls than one query reads are added up, too", async () => {
  const organization = await newOrganization(100_000_000);
  await call(organization, "one", 10_000);
  await copied(organization);
  await copyCalls(organization, 4_500);
  expect(await rebuild(organization)).toMatchObject({ unknown_calls: { count: 4_500 } });
  const { calls, days } = await recordsOf(organization);
  expect(calls).toHaveLength(4_501);
  expect(sumOf(days)).toEqual(sumOfCalls(calls));
});

test("what has left the ledger is said, and stays in the lists and sums as it is", async () => {
  const organization = await organizationWithHistory();
  const ledger = { stub: () => env.LEDGER.getByName(organization.id) };
  await limitSize(ledger, 1);
  await runAlarmsToTheEnd(ledger);
  await limitSize(ledger, null);
  await call(organization, "kept", 10_000);
  await copied(organization);
  const before = await recordsOf(organization);
  await changeRecords(organization, "DELETE FROM calls WHERE organization_id = ? AND call_id = 'kept'");
  const { kept_from_seq, kept_after } = await projectionOf(organization);
  expect(kept_from_seq).toBeGreaterThan(30);
  expect(Date.parse(kept_after)).toBeLessThanOrEqual(Date.now());
  expect(await rebuild(organization)).toMatchObject({ unknown_calls: { count: 0 } });
  expect((await recordsOf(organization)).calls).toEqual(before.calls);
});

test("it is an operator's to ask for, of an organization that there is, and audited", async () => {
  const organization = await newOrganization(1_000_000);
  const path = (id: string) => `/api/v1/admin/organizations/${id}/projection`;
  const strange = path("org_01jdx5zq7rf8q9w6zjk3v2m4nt");
  for (const method of ["GET", "POST"]) {
    expect(await api(method, strange, { key: await adminKey() })).toMatchObject({
      status: 404,
      body: { error: { code: "not_found" } },
    });
    expect((await api(method, path("nonsense"), { key: await adminKey() })).status).toBe(400);
    for (const key of [organization.key, organization.edge_key])
      expect((await api(method, path(organization.id), { key })).status).toBe(403);
    expect((await api(method, path(organization.id))).status).toBe(401);
  }
  expect(await projectionOf(organization)).toEqual({
    rebuild: null,
    check: null,
    kept_from_seq: 1,
    kept_after: null,
  });
  await rebuild(organization);
  await auditCopied();
  const { body } = await api("GET", `/api/v1/admin/organizations/${organization.id}/audit`, {
    key: await adminKey(),
  });
  expect(body.changes[0]).toMatchObject({ action: "projection.rebuild" });
});

interface Summed {
  calls: number;
  charged_micros: number;
  fee_micros: number;
}

function sumOf(rows: Summed[]): Summed {
  const sum = { calls: 0, charged_micros: 0, fee_micros: 0 };
  for (const row of rows) {
    sum.calls += row.calls;
    sum.charged_micros += row.charged_micros;
    sum.fee_micros += row.fee_micros;
  }
  return sum;
}

function sumOfCalls(rows: Omit<Summed, "calls">[]): Summed {
  return sumOf(rows.map(({ charged_micros, fee_micros }) => ({ calls: 1, charged_micros, fee_micros })));
}
