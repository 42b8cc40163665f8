import { createScheduledController, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkLedgers } from "../../src/admin/nightly-checks";
import type { Bindings } from "../../src/env";
import worker from "../../src/index";
import { clearDirectoryCache } from "../../src/organizations/directory";
import { api, type Json } from "../support/api/api";
import { adminKey, authorize, newOrganization, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";

const DAY_MS = 86_400_000;
const ONE = (env as Bindings).KEY_SECRETS ?? "";
const BOTH = `2:another-secret-that-only-the-tests-know-0000,${ONE}`;

let clock: ReturnType<typeof stopClock>;
let bindings: Bindings;

/** The Worker is deployed with these secrets, and its crons run once. */
async function deploy(KEY_SECRETS: string): Promise<void> {
  bindings = { ...env, KEY_SECRETS };
  await worker.scheduled(createScheduledController({ cron: "*/5 * * * *" }), bindings);
}

async function night(): Promise<void> {
  clock.pass(DAY_MS);
  for (let run = 0; run < 4; run++) await checkLedgers(bindings);
  await worker.scheduled(createScheduledController({ cron: "*/5 * * * *" }), bindings);
}

beforeEach(async () => {
  for (const table of ["cron_positions", "key_secret_uses", "platform_keys", "organizations"])
    await env.DB.exec(`DELETE FROM ${table}`);
  // Else the night would list the organizations of the tests before again.
  for (const { name } of (await env.DIRECTORY.list()).keys) await env.DIRECTORY.delete(name);
  await env.DB.exec("UPDATE audit_seals SET signature = NULL, key_version = NULL");
  clearDirectoryCache();
  clock = stopClock("2031-05-05T12:00:00.000Z");
  for (const level of ["warn", "error", "log"] as const)
    vi.spyOn(console, level).mockImplementation(() => {});
  await deploy(ONE);
  operator = await firstAdminKey();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

let operator: string;

/** An admin key that D1 knows: the one of the file went with the tests before. */
async function firstAdminKey(): Promise<string> {
  const first = await adminKey();
  const id = `key_${/^rf_admin_1(\w{26})/.exec(first)?.[1]}`;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(first));
  const hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  await env.DB.prepare(
    `INSERT OR IGNORE INTO platform_keys (key_id, kind, hash, label, scopes, created_at_ms, secret_version)
     VALUES (?, 'admin', ?, 'first', '[]', 1, '1')`,
  )
    .bind(id, hash)
    .run();
  return first;
}

const asOperator = (method: string, path: string, body?: Json) =>
  api(method, `/api/v1/admin${path}`, { key: operator, body, bindings });

interface Secret {
  version: string;
  can_be_removed: boolean;
  uses: { kind: string; count: number | null; until: string | null; organization_ids: string[] }[];
}

/** What is said of one secret. */
async function secret(version: string): Promise<Secret & Json> {
  const { status, body } = await asOperator("GET", "/key_secrets");
  expect(status).toBe(200);
  expect(JSON.stringify(body)).not.toContain("only-the-tests-know");
  return body.secrets.find((each: Secret) => each.version === version);
}

const kindsOf = ({ uses }: Secret) => uses.map(({ kind }) => kind);
const countOf = ({ uses }: Secret, kind: string) => uses.find((use) => use.kind === kind)?.count ?? 0;

/** Takes away what a ledger or a table knows of the secrets that keys were made under, as if it were from before that was kept. */
async function forgetVersions({ id }: TestOrganization): Promise<void> {
  await env.DB.exec("UPDATE platform_keys SET secret_version = NULL WHERE kind = 'edge'");
  const ledger = env.LEDGER.getByName(id);
  await runInDurableObject(ledger, (_, { storage }) => {
    storage.sql.exec("UPDATE api_key SET secret_version = NULL");
  });
  await evictDurableObject(ledger);
}

test("a secret is rotated to its end: all that needs it is named until it does not", async () => {
  const organization = await newOrganization(1_000_000);
  await night();
  expect(await secret("1")).toMatchObject({ is_set: true, is_newest: true, can_be_removed: false });
  expect(kindsOf(await secret("1"))).toContain("audit_seal");
  expect(await secret("2")).toBeUndefined();
  await deploy(BOTH);
  const replaced_at = new Date().toISOString();
  const old = await secret("1");
  expect(old).toMatchObject({ is_set: true, is_newest: false, replaced_at, can_be_removed: false });
  expect(old.uses).toContainEqual({
    kind: "organization_key",
    count: 1,
    has_more: false,
    organization_ids: [organization.id],
    until: null,
  });
  expect(old.uses).toContainEqual(
    expect.objectContaining({ kind: "dashboard_session", count: null, until: "2031-05-06T20:00:00.000Z" }),
  );
  expect(kindsOf(old)).toEqual([
    ...["organization_key", "ledger_head", "edge_key", "admin_key"],
    ...["dashboard_link", "dashboard_session", "idempotency_key", "return_address", "cursor"],
  ]);

  // Every key is replaced by one that is made now.
  const path = `/organizations/${organization.id}/api_keys`;
  const own = (await asOperator("GET", path)).body.api_keys[0];
  expect(own.secret_version).toBe("1");
  const { body: made } = await asOperator("POST", path, { label: "new", scopes: ["read"] });
  expect(made).toMatchObject({ secret_version: "2", key: expect.stringMatching(/^rf_live_2/) });
  await asOperator("DELETE", `${path}/${own.id}`);
  const { keys } = (await asOperator("GET", "/keys")).body;
  operator = (await asOperator("POST", "/keys", { kind: "admin", label: "new" })).body.key;
  for (const { id } of keys) await asOperator("DELETE", `/keys/${id}`);

  await night();
  clock.pass(1_000);
  expect(await secret("1")).toMatchObject({ uses: [], can_be_removed: true });
  expect(await secret("2")).toMatchObject({ is_newest: true, can_be_removed: false });
  expect(countOf(await secret("2"), "organization_key")).toBe(1);
  // And then nothing says anything of it.
  await deploy(BOTH.split(",")[0] ?? "");
  expect(await secret("1")).toBeUndefined();
  const proof = await asOperator("GET", `/organizations/${organization.id}/verify`);
  expect(proof.body).toMatchObject({ ok: true });
  expect((await asOperator("GET", "/audit/verify")).body).toMatchObject({ ok: true });
});

test("after version 9 comes A: what was made under both works, and each is told as the newest in its time", async () => {
  const organization = await newOrganization(1_000_000);
  const nine = `9:a-ninth-secret-that-only-the-tests-know-0000,${ONE}`;
  await deploy(nine);
  const { body: of_nine } = await asOperator("POST", "/keys", { kind: "admin", label: "nine" });
  expect(await secret("9")).toMatchObject({ is_newest: true });
  await deploy(`${nine},A:a-tenth-secret-that-only-the-tests-know-0000`);
  const { body: of_ten } = await asOperator("POST", "/keys", { kind: "admin", label: "ten" });
  expect(of_ten).toMatchObject({ secret_version: "A", key: expect.stringMatching(/^rf_admin_A/) });
  expect(await secret("9")).toMatchObject({ is_newest: false, can_be_removed: false });
  await night();
  for (const { key } of [of_nine, of_ten]) {
    operator = key;
    expect(kindsOf(await secret("A"))).toEqual(expect.arrayContaining(["ledger_head", "admin_key"]));
  }
  const proof = await asOperator("GET", `/organizations/${organization.id}/verify`);
  expect(proof.body).toMatchObject({ ok: true, head: { seq: 1 } });
});

test("a secret that has gone too early is named with what needs it", async () => {
  await newOrganization(1_000_000);
  await night();
  await deploy(BOTH);
  operator = (await asOperator("POST", "/keys", { kind: "admin", label: "new" })).body.key;
  await deploy(BOTH.split(",")[0] ?? "");
  const old = await secret("1");
  expect(old).toMatchObject({ is_set: false, can_be_removed: false });
  expect(kindsOf(old)).toEqual(["organization_key", "ledger_head", "edge_key", "admin_key"]);
});

test("no secret may go before every ledger has been asked since it was replaced", async () => {
  await deploy(BOTH);
  operator = (await asOperator("POST", "/keys", { kind: "admin", label: "new" })).body.key;
  await env.DB.exec("DELETE FROM platform_keys WHERE secret_version = '1'");
  clock.pass(DAY_MS + 1);
  expect(await secret("1")).toMatchObject({ uses: [], can_be_removed: false });
  // One that D1 lists and nobody can ask.
  await env.DB.exec(
    "INSERT INTO organizations (id, company_name, language, state, created_at_ms) VALUES ('org_01k9z3v8qhe1w9m4c7d2x5n6tp', 'Gone', 'en', 'active', 1)",
  );
  await night();
  const { body } = await asOperator("GET", "/key_secrets");
  expect(body).toMatchObject({ counted_at: "2031-05-07T01:00:00.000Z", ledgers_not_counted: 1 });
  expect(await secret("1")).toMatchObject({ can_be_removed: false });
  await env.DB.exec("DELETE FROM organizations");
  await night();
  expect(await secret("1")).toMatchObject({ uses: [], can_be_removed: true });
});

test("keys from before versions were kept count for the secret that there was, and say theirs once they are used", async () => {
  // This release came while both were set: whose the keys are cannot be told.
  await env.DB.exec("DELETE FROM cron_positions");
  const organization = await newOrganization(1_000_000);
  await deploy(BOTH);
  await forgetVersions(organization);
  await night();
  for (const version of ["1", "2"]) {
    expect(countOf(await secret(version), "organization_key")).toBe(1);
    expect(countOf(await secret(version), "edge_key")).toBe(1);
  }
  await api("GET", "/api/v1/account", { key: organization.key, bindings });
  clearDirectoryCache();
  await env.DIRECTORY.delete(`key:key_${/^rf_edge_1(\w{26})/.exec(organization.edge_key)?.[1]}`);
  expect((await authorize(organization, "call")).status).toBe(200);
  await night();
  await vi.waitFor(async () => expect(countOf(await secret("2"), "edge_key")).toBe(0));
  expect(countOf(await secret("1"), "edge_key")).toBe(1);
  expect(countOf(await secret("1"), "organization_key")).toBe(1);
  expect(countOf(await secret("2"), "organization_key")).toBe(0);
});

test("with one secret from the beginning, keys from before count for it alone", async () => {
  const organization = await newOrganization(1_000_000);
  await forgetVersions(organization);
  await deploy(BOTH);
  await night();
  expect(countOf(await secret("1"), "organization_key")).toBe(1);
  expect(countOf(await secret("2"), "organization_key")).toBe(0);
  expect(countOf(await secret("2"), "edge_key")).toBe(0);
});

test("counting anew what has not changed writes no row", async () => {
  const { id } = await newOrganization(1_000_000);
  await night();
  const rows = () => env.DB.prepare("SELECT * FROM key_secret_uses WHERE organization_id = ?").bind(id).all();
  expect((await rows()).results).toEqual([
    { organization_id: id, kind: "ledger_head", secret_version: "1", uses: 1 },
    { organization_id: id, kind: "organization_key", secret_version: "1", uses: 1 },
  ]);
  await env.DB.exec(
    "CREATE TRIGGER no_row BEFORE UPDATE ON key_secret_uses BEGIN SELECT RAISE(ABORT, 'written'); END",
  );
  await night();
  const { body } = await asOperator("GET", "/key_secrets");
  await env.DB.exec("DROP TRIGGER no_row");
  expect(body.ledgers_not_counted).toBe(0);
});

test("of many, a part is counted and some are named, by few rows read", async () => {
  await env.DB.exec(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
     INSERT INTO key_secret_uses SELECT printf('org_%026d', i), 'organization_key', '1', 2 FROM n`.replaceAll(
      "\n",
      " ",
    ),
  );
  const { body } = await api("GET", "/api/v1/admin/key_secrets", {
    key: operator,
    bindings,
    most_rows: 1_500,
  });
  const [use] = body.secrets[0].uses;
  expect(use).toMatchObject({ kind: "organization_key", count: 400, has_more: true });
  expect(use.organization_ids).toHaveLength(20);
});
