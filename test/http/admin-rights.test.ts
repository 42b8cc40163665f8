import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readSettings } from "../../src/env";
import { RIGHT_TO_CHANGE } from "../../src/http/admin/rights";
import { clearDirectoryCache } from "../../src/organizations/directory";
import { listEndingAdminKeys } from "../../src/storage/accounts/platform-keys";
import { openDatabase } from "../../src/storage/database";
import { mintApiKey } from "../../src/units/api-key-format";
import { newId } from "../../src/units/id";
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

describe("an admin key from before there were rights", () => {
  it("may do all and has no end, of which nobody is told", async () => {
    const key_id = newId("key");
    const { key, hash } = await mintApiKey(
      "admin",
      { key_id, organization_id: null },
      readSettings(env).key_secrets,
    );
    await env.DB.prepare(
      "INSERT INTO platform_keys (key_id, kind, hash, label, scopes, created_at_ms) VALUES (?, 'admin', ?, 'old', '[]', ?)",
    )
      .bind(key_id, hash, Date.now())
      .run();
    const body = { kind: "admin", label: "by an old one" };
    expect((await api("POST", `${PREFIX}/keys`, { key, body })).status).toBe(201);
    clock.pass(3 * 365 * 86_400_000);
    const { keys: listed } = (await api("GET", `${PREFIX}/keys`, { key })).body;
    expect(listed.find(({ id }: Json) => id === key_id)).toMatchObject({ rights: "all", expires_at: null });
    expect(
      (await listEndingAdminKeys(openDatabase(env), Date.now(), 100)).map((each) => each.key.key_id),
    ).toEqual([]);
  });

  it("keeps its rights where a release without rights has copied it to KV", async () => {
    const body = { kind: "admin", rights: "look" };
    const { body: made } = await api("POST", `${PREFIX}/keys`, { key: await adminKey(), body });
    const name = `key:${made.id}`;
    const { rights, ...before } = JSON.parse((await env.DIRECTORY.get(name)) ?? "{}");
    expect(rights).toBe("look");
    await env.DIRECTORY.put(name, JSON.stringify(before));
    clearDirectoryCache();
    const ask = (method: string, asked?: Json) =>
      api(method, `${PREFIX}/keys`, { key: made.key, body: asked });
    expect((await ask("POST", { kind: "edge" })).status).toBe(403);
    expect((await ask("GET")).status).toBe(200);
  });
});
