import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkLedgers } from "../../../src/admin/nightly-checks";
import { api, type Json } from "../../support/api/api";
import { adminKey, newOrganization, type TestOrganization } from "../../support/api/organizations";
import { stopClock } from "../../support/clock";
import { changeRecords, rebuild } from "../../support/ledger/projection";

let logged: Json[] = [];
let clock: ReturnType<typeof stopClock>;

beforeEach(async () => {
  logged = [];
  vi.spyOn(console, "error").mockImplementation((line) => void logged.push(JSON.parse(line)));
  clock = stopClock("2031-05-05T12:00:00.000Z");
  for (const table of ["organizations", "cron_positions"]) await env.DB.exec(`DELETE FROM ${table}`);
  // Else the night would list the organizations of the tests before again.
  for (const { name } of (await env.DIRECTORY.list()).keys) await env.DIRECTORY.delete(name);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const LOST = "UPDATE organizations SET external_id = NULL WHERE id = ?";

async function night(): Promise<void> {
  clock.pass(86_400_000);
  await checkLedgers(env);
}

const patch = async ({ id }: TestOrganization, external_id: string | null) =>
  (await api("PATCH", `/api/v1/admin/organizations/${id}`, { key: await adminKey(), body: { external_id } }))
    .status;

/** Whom the platform's id finds, as everybody asks. */
async function found(external_id: string): Promise<string | undefined> {
  const path = `/api/v1/admin/organizations?external_id=${external_id}`;
  const { body } = await api("GET", path, { key: await adminKey() });
  return body.organizations[0]?.id;
}

/** As a ledger is that was made before it kept the platform's id. */
async function forget({ id }: TestOrganization): Promise<void> {
  const ledger = env.LEDGER.getByName(id);
  await runInDurableObject(ledger, (_, { storage }) => {
    storage.sql.exec("UPDATE organization SET external_id = NULL");
  });
  await evictDurableObject(ledger);
}

test.each([
  ["its row has gone", "DELETE FROM organizations WHERE id = ?"],
  ["its row says none", LOST],
  ["its row says an earlier one", "UPDATE organizations SET external_id = 'earlier' WHERE id = ?"],
])("an external_id comes back with the projection when %s", async (_, lose) => {
  const organization = await newOrganization(1, { external_id: "customer-1" });
  await changeRecords(organization, lose);
  expect(await found("customer-1")).toBeUndefined();
  expect(await rebuild(organization)).toMatchObject({ status: "finished", external_id_taken_by: null });
  expect(await found("customer-1")).toBe(organization.id);
});

test("one that was changed or taken away comes back as it was told last", async () => {
  const [changed, none] = [
    await newOrganization(1, { external_id: "one" }),
    await newOrganization(1, { external_id: "two" }),
  ];
  expect(await patch(changed, "three")).toBe(200);
  expect(await patch(none, null)).toBe(200);
  await changeRecords(changed, "UPDATE organizations SET external_id = 'one' WHERE id = ?");
  await changeRecords(none, "UPDATE organizations SET external_id = 'two' WHERE id = ?");
  for (const organization of [changed, none]) await rebuild(organization);
  expect(await found("three")).toBe(changed.id);
  for (const gone of ["one", "two"]) expect(await found(gone)).toBeUndefined();
});

test("one that another organization was given meanwhile stays there, is named, and goes to whom an operator says", async () => {
  const first = await newOrganization(1, { external_id: "customer-2" });
  await changeRecords(first, LOST);
  const second = await newOrganization(1, { external_id: "customer-2" });
  expect(await rebuild(first)).toMatchObject({ external_id_taken_by: second.id });
  expect(await found("customer-2")).toBe(second.id);
  expect(logged).toContainEqual(
    expect.objectContaining({ event: "external_id_taken", organization_id: first.id, by: second.id }),
  );
  expect(await patch(second, "customer-3")).toBe(200);
  expect(await rebuild(first)).toMatchObject({ external_id_taken_by: null });
  expect([await found("customer-2"), await found("customer-3")]).toEqual([first.id, second.id]);
});

test("a night gives it back by itself, and says so", async () => {
  const organization = await newOrganization(1, { external_id: "customer-4" });
  await changeRecords(organization, LOST);
  await night();
  expect(await found("customer-4")).toBe(organization.id);
  const lines = () => logged.filter(({ event }) => event === "external_id_differs");
  expect(lines()).toMatchObject([{ organization_id: organization.id, taken_by: null }]);
  await night();
  expect(lines()).toHaveLength(1);
});

test("a ledger from before it was kept changes nothing, and is told in the next night", async () => {
  const organization = await newOrganization(1, { external_id: "customer-5" });
  await forget(organization);
  await rebuild(organization);
  expect(await found("customer-5")).toBe(organization.id);
  await night();
  await changeRecords(organization, LOST);
  await rebuild(organization);
  expect(await found("customer-5")).toBe(organization.id);
});

/** Lets `meanwhile` happen once, before or after the next write of an external_id in D1. */
function amid(when: "before" | "after", meanwhile: () => Promise<unknown>): void {
  const prototype = Object.getPrototypeOf(env.DB);
  const { prepare, batch } = prototype;
  let is_next = false;
  const preparing = vi.spyOn(prototype, "prepare").mockImplementation(function (this: unknown, statement) {
    is_next ||= /^update "organizations" set "external_id"/.test(String(statement));
    return Reflect.apply(prepare, this, [statement]);
  });
  const spy = vi.spyOn(prototype, "batch").mockImplementation(async function (this: unknown, statements) {
    if (!is_next) return Reflect.apply(batch, this, [statements]);
    for (const each of [preparing, spy]) each.mockRestore();
    if (when === "before") await meanwhile();
    const answer = await Reflect.apply(batch, this, [statements]);
    if (when === "after") await meanwhile();
    return answer;
  });
}

test("a night between the two writes of a change does not undo it", async () => {
  const organization = await newOrganization(1, { external_id: "first" });
  amid("after", night);
  expect(await patch(organization, "second")).toBe(200);
  expect([await found("first"), await found("second")]).toEqual([undefined, organization.id]);
});

test.each([
  ["a night gives it back", night],
  ["its projection is made anew", rebuild],
])("a change while %s stays", async (_, goesOn) => {
  const organization = await newOrganization(1, { external_id: "first" });
  await changeRecords(organization, LOST);
  let changed: number | undefined;
  amid("before", async () => {
    changed = await patch(organization, "second");
  });
  await goesOn(organization);
  expect(changed).toBe(200);
  expect([await found("first"), await found("second")]).toEqual([undefined, organization.id]);
});

test("a change that is refused because another one has it leaves the ledger as it was", async () => {
  const organization = await newOrganization(1, { external_id: "customer-6" });
  await newOrganization(1, { external_id: "customer-7" });
  expect(await patch(organization, "customer-7")).toBe(409);
  await changeRecords(organization, LOST);
  await rebuild(organization);
  expect(await found("customer-6")).toBe(organization.id);
});
