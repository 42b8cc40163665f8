import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkLedgers } from "../../src/admin/nightly-checks";
import { api } from "../support/api/api";
import {
  adjust,
  adminKey,
  call,
  manyCalls,
  newOrganization,
  node,
  type TestOrganization,
} from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { mask, rechain, tamper } from "../support/ledger/chain";
import { copied } from "../support/ledger/projection";
import { DAY_MS } from "../support/ledger/retention";

let clock: ReturnType<typeof stopClock>;

beforeEach(async () => {
  await env.DB.exec("DELETE FROM cron_positions");
  clock = stopClock("2031-05-05T12:00:00.000Z");
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const ledgerOf = ({ id }: TestOrganization) => ({ stub: () => env.LEDGER.getByName(id) });

async function differenceOf({ id }: TestOrganization): Promise<string | null> {
  const { body } = await api("GET", `/api/v1/admin/organizations/${id}/verify`, { key: await adminKey() });
  return body.first_difference ?? null;
}

/** Entries 1 (credit) and 2 (call a) with a head, then 3 (call d), 4 (credit) and 5 (a correction of call a), all in D1. */
async function organizationAfterItsHead(): Promise<TestOrganization> {
  const organization = await newOrganization(10_000_000);
  const letTimePass = clock.pass;
  await call(organization, "a", 30_000, { letTimePass });
  await copied(organization);
  clock.pass(DAY_MS);
  for (let run = 0; run < 6; run++) await checkLedgers(env);
  await call(organization, "d", 30_000, { letTimePass });
  await adjust(organization, 1_000);
  await node(organization, "a/correct", { correction_id: "k", duration_ms: 20_000, reason: "CDR" });
  await copied(organization);
  expect(await differenceOf(organization)).toBeNull();
  return organization;
}

const facts = (call_id: string, path: string, value: string) =>
  `UPDATE call SET facts = json_set(facts, '$.${path}', ${value}) WHERE call_id = '${call_id}'`;

/** Everything in the object as if nothing had come after this entry; call a as before its correction. */
const cutAfter = (seq: number, of_a: string) => [
  `DELETE FROM call WHERE call_id <> 'a' AND call_id IN (SELECT call_id FROM entry WHERE seq > ${seq})`,
  `UPDATE call SET facts = '${of_a.replaceAll("'", "''")}' WHERE call_id = 'a'`,
  `DELETE FROM entry WHERE seq > ${seq}`,
  `UPDATE projection SET entry_seq = ${seq}`,
  `UPDATE told SET entry_seq = ${seq}`,
];

test.each([
  [
    "a call's number",
    facts("d", "to", "'+31207654322'"),
    /^entry 1:3: its call d: its to_number is not as D1/,
  ],
  [
    "its answer",
    facts("d", "answered_at_ms", "1"),
    /^entry 1:3: its call d: its answered_at_ms is 1, D1 has/,
  ],
  ["its reason to end", facts("d", "end_reason", "'busy'"), /^entry 1:3: its call d: its end_reason is not/],
  [
    "its providers",
    facts("d", "provider_costs", "json('[{}]')"),
    /^entry 1:3: its call d: its provider_costs/,
  ],
  ["its name", "UPDATE entry SET call_id = 'x' WHERE seq = 3", /^entry 1:3: its call x is missing/],
  [
    "the reason of credit",
    "UPDATE entry SET reason = 'other' WHERE seq = 4",
    /^entry 1:4: its reason is not as/,
  ],
  ["its key", "UPDATE entry SET key = 'adjustment:x' WHERE seq = 4", /^entry 1:4: its key was never used/],
])("%s that was rewritten consistently after the last head is named", async (_, change, named) => {
  const organization = await organizationAfterItsHead();
  await tamper(ledgerOf(organization), change);
  await rechain(ledgerOf(organization), 3);
  expect(await differenceOf(organization)).toMatch(named);
});

test("what is masked is not, and no number stands in what is named", async () => {
  const organization = await organizationAfterItsHead();
  const ledger = ledgerOf(organization);
  await mask(ledger, "d", ["d", "+31201234567", "+31207654321", "caller_hangup"], false);
  expect(await differenceOf(organization)).toBeNull();
  await tamper(ledger, facts("a", "to", "'+31209999999'"));
  await rechain(ledger, 1);
  expect(await differenceOf(organization)).not.toMatch(/\+31/);
});

async function factsOf(organization: TestOrganization, call_id: string): Promise<string> {
  return runInDurableObject(
    ledgerOf(organization).stub(),
    (_, { storage }) =>
      storage.sql.exec<{ facts: string }>("SELECT facts FROM call WHERE call_id = ?", call_id).one().facts,
  );
}

/** The same without a head; what call a was before its correction. */
async function organizationWithoutHead(): Promise<{ organization: TestOrganization; of_a: string }> {
  const organization = await newOrganization(10_000_000);
  const letTimePass = clock.pass;
  await call(organization, "a", 30_000, { letTimePass });
  const of_a = await factsOf(organization, "a");
  await call(organization, "d", 30_000, { letTimePass });
  await adjust(organization, 1_000);
  await node(organization, "a/correct", { correction_id: "k", duration_ms: 20_000, reason: "CDR" });
  await copied(organization);
  return { organization, of_a };
}

test.each([
  [4, /^entry 1:2: its call a is in version \d, D1 has version \d$/],
  [3, /^entry 4 is missing: D1 has a copy of entry 4$/],
  [2, /^entry 3 is missing: D1 has a copy of entry 3$/],
])("a tail that was cut after entry %i is named", async (seq, named) => {
  const { organization, of_a } = await organizationWithoutHead();
  await tamper(ledgerOf(organization), ...cutAfter(seq, of_a));
  expect(await differenceOf(organization)).toMatch(named);
});

test.each([
  ["calls", (organization: TestOrganization, id: string) => call(organization, id, 30_000)],
  ["credit", (organization: TestOrganization) => adjust(organization, 1)],
])("a tail that was cut and grew again of %s is named", async (_, post) => {
  const { organization, of_a } = await organizationWithoutHead();
  await tamper(ledgerOf(organization), ...cutAfter(2, of_a));
  for (const id of ["e", "f", "g"]) await post(organization, id);
  expect(await differenceOf(organization)).toMatch(/^entry 1:[34]: D1 has /);
});

test("a proof reads each copy by its key, however many the organization has", async () => {
  const organization = await newOrganization(10_000_000);
  const call_ids = Array.from({ length: 200 }, (_, at) => `c${at}`);
  await manyCalls(organization, call_ids, 1_000);
  await copied(organization);
  const path = `/api/v1/admin/organizations/${organization.id}/verify`;
  const { body } = await api("GET", path, { key: await adminKey(), most_rows: 1_500 });
  expect(body).toMatchObject({ ok: true, entries: 201 });
});
