import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RIGHT_TO_CHANGE } from "../../src/http/admin/rights";
import { api, type Json, theContract } from "../support/api/api";
import { adminKey, newOrganization, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { sampleOf, send } from "./contract/samples";
import { everyRow } from "./contract/traces";

const clock = stopClock();
const PREFIX = "/api/v1/admin";
const RANK = ["look", "money", "all"];
const contract = await theContract();
const ADMIN = contract.operations.filter(({ path }) => path.startsWith(`${PREFIX}/`));
const routeOf = ({ method, path }: { method: string; path: string }) =>
  `${method.toUpperCase()} ${path.slice(PREFIX.length).replace(/\{(\w+)\}/g, ":$1")}`;
const READS = ADMIN.filter((operation) => routeOf(operation).startsWith("GET "));
const WRITES = ADMIN.filter((operation) => !READS.includes(operation));
const named = <T extends { operationId: string }>(operations: T[]) =>
  operations.map((operation) => [operation.operationId, operation] as const);

let organization: TestOrganization;
const keys: Record<string, string> = {};

async function newAdminKey(rights: string): Promise<string> {
  const { status, body } = await api("POST", `${PREFIX}/keys`, {
    key: await adminKey(),
    body: { kind: "admin", label: rights, rights },
  });
  expect([status, body.rights]).toEqual([201, rights]);
  return body.key;
}

beforeAll(async () => {
  organization = await newOrganization(1_000_000_000);
  for (const rights of RANK) keys[rights] = await newAdminKey(rights);
});

/** So that the limit of a key never stands in the way. */
beforeEach(() => clock.pass(60_000));

it("every admin route that changes something states its right, and no right is left over", () => {
  expect(WRITES.length).toBeGreaterThan(20);
  expect(WRITES.map(routeOf).sort()).toEqual(Object.keys(RIGHT_TO_CHANGE).sort());
});

describe.each(named(WRITES))("%s", (_, operation) => {
  const needed = RIGHT_TO_CHANGE[routeOf(operation)] ?? "all";

  it.each(RANK.slice(0, RANK.indexOf(needed)))(
    `takes ${needed}: a key with %s changes nothing`,
    async (rights) => {
      const sample = await sampleOf(operation, organization);
      const before = await everyRow(organization);
      const { status, body } = await send(operation, { ...sample, key: keys[rights] });
      expect([status, body.error.code]).toEqual([403, "forbidden"]);
      expect(body.error.message).toContain(`\`${needed}\``);
      expect(await everyRow(organization)).toBe(before);
    },
  );

  it(`lets in a key with ${needed}`, async () => {
    // One of its own: what was prepared for the refusals above stands in the way of some samples.
    const sample = await sampleOf(operation, await newOrganization(1_000_000_000));
    const { status } = await send(operation, { ...sample, key: keys[needed] });
    expect(status).toBeLessThan(300);
  });
});

describe.each(named(READS))("%s", (_, operation) => {
  it("lets in a key with look", async () => {
    const sample = await sampleOf(operation, organization);
    const { status } = await send(operation, { ...sample, key: keys.look });
    expect(status).toBeLessThan(300);
  });
});

describe("a key that may not make keys", () => {
  const listed = async () => (await api("GET", `${PREFIX}/keys`, { key: await adminKey() })).body;

  it.each(["look", "money"])("with %s makes none, of no kind, however little that may do", async (rights) => {
    const before = await listed();
    const bodies: Json[] = [
      { kind: "edge" },
      { kind: "admin" },
      ...RANK.map((asked) => ({ kind: "admin", rights: asked })),
    ];
    for (const body of bodies)
      expect((await api("POST", `${PREFIX}/keys`, { key: keys[rights], body })).status).toBe(403);
    expect(await listed()).toEqual(before);
  });
});
