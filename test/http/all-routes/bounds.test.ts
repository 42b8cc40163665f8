import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { OrganizationLedger } from "../../../src/index";
import { dialer } from "../../stand-in/dialer";
import { api, type Json } from "../../support/api/api";
import {
  adjust,
  adminKey,
  ask,
  give,
  newOrganization,
  type TestOrganization,
} from "../../support/api/organizations";
import { stopClock } from "../../support/clock";
import { fillLedger, giveEveryNumber, rowsUpTo } from "../../support/ledger/fill-ledger";

const clock = stopClock();

const ledgerOf = ({ id }: TestOrganization) => env.LEDGER.getByName(id);

const newKey = async ({ id }: TestOrganization) =>
  api("POST", `/api/v1/admin/organizations/${id}/api_keys`, {
    key: await adminKey(),
    body: { label: "test", scopes: ["read"] },
  });

const listed = async (organization: TestOrganization): Promise<Json[]> =>
  (await ask(organization, "GET", "/api_keys")).body.api_keys;

describe("an organization's keys", () => {
  test("are at most 100, however many are made at the same time and by whom", async () => {
    const organization = await newOrganization();
    const own = () => ask(organization, "POST", "/api_keys", { body: { label: "own", scopes: ["read"] } });
    const makers = Array.from({ length: 130 }, (_, place) => (place % 4 ? newKey(organization) : own()));
    const statuses = (await Promise.all(makers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(99);
    expect(new Set(statuses)).toEqual(new Set([201, 422]));
    expect(await listed(organization)).toHaveLength(100);
  });

  test("may ask ten times together what one of them may, and one alone uses up no more than its own", async () => {
    const organization = await newOrganization();
    for (let made = 1; made < 12; made++) await newKey(organization);
    const ledger = ledgerOf(organization);
    const { keys } = (await ledger.keys(null)) as unknown as { keys: { key_id: string; hash: string }[] };
    const requests = async ({ key_id, hash }: { key_id: string; hash: string }, times: number) => {
      const answers = await Promise.all(
        Array.from({ length: times }, () => ledger.admit({ key_id, hash, scope: "read" })),
      );
      return answers.filter(({ outcome }) => outcome === "admitted").length;
    };
    const [first, ...others] = keys;
    if (!first) throw new Error("There is no key.");
    expect(await requests(first, 500)).toBe(100);
    let admitted = 100;
    for (const key of others) admitted += await requests(key, 100);
    expect(admitted).toBe(1_000);
    clock.pass(60_000);
    expect(await requests(first, 1)).toBe(1);
  });

  test("that were revoked are forgotten: all but the newest hundred, and those after a month", async () => {
    const organization = await newOrganization();
    const made: Json[] = [];
    for (let each = 0; each < 105; each++) {
      const { body } = await newKey(organization);
      made.push(body);
      const path = `/api/v1/admin/organizations/${organization.id}/api_keys/${body.id}`;
      expect((await api("DELETE", path, { key: await adminKey() })).status).toBe(204);
      clock.pass(1_000);
    }
    const revoked = async () => (await listed(organization)).filter((key) => key.revoked_at !== null);
    const codeOf = async (key: string) => (await api("GET", "/api/v1/account", { key })).body.error.code;
    expect(await revoked()).toHaveLength(100);
    expect([await codeOf(made[0].key), await codeOf(made[104].key)]).toEqual([
      "unauthorized",
      "api_key_revoked",
    ]);
    await evictDurableObject(ledgerOf(organization));
    expect(await revoked()).toHaveLength(100);
    clock.pass(31 * 86_400_000);
    await evictDurableObject(ledgerOf(organization));
    expect(await revoked()).toEqual([]);
    expect(await codeOf(made[104].key)).toBe("unauthorized");
  });

  test("do not come back by a repeat, of one that was revoked or is forgotten", async () => {
    const organization = await newOrganization();
    const ledger = ledgerOf(organization);
    const { body } = await newKey(organization);
    await ledger.revokeKey(body.id);
    const { key } = (await ledger.key(body.id)) as unknown as { key: Parameters<typeof ledger.addKey>[0] };
    clock.pass(31 * 86_400_000);
    await evictDurableObject(ledger);
    expect(await ledger.addKey({ ...key, revoked_at_ms: null })).toEqual({ outcome: "changed" });
    expect(await ledger.addKey({ ...key, hash: "another", revoked_at_ms: null })).toMatchObject({
      code: "exists",
    });
    expect((await api("GET", "/api/v1/account", { key: body.key })).status).toBe(401);
  });

  test("leave a thousand rows of what was revoked, so that making and revoking fills nothing", async () => {
    const organization = await newOrganization();
    await fillLedger(
      organization,
      `${rowsUpTo(3_000)} INSERT INTO api_key (key_id, hash, label, scopes, created_at_ms, expires_at_ms, revoked_at_ms, last_used_at_ms)
       SELECT 'key_' || i, 'hash', 'old', '[]', i, NULL, i, NULL FROM n`,
    );
    const { body } = await newKey(organization);
    await ledgerOf(organization).revokeKey(body.id);
    const rows = await runInDurableObject(ledgerOf(organization), (_: OrganizationLedger, { storage }) =>
      storage.sql.exec("SELECT count(*) AS rows FROM api_key WHERE revoked_at_ms IS NOT NULL").one(),
    );
    expect(rows).toEqual({ rows: 1_000 });
  });
});

test("requests for calls without credit are refused alike, and leave a hundred rows and then one every six seconds", async () => {
  const organization = await newOrganization();
  await give(organization, "+31201110080");
  const body = { label: "second", scopes: ["calls"] };
  const second = (await ask(organization, "POST", "/api_keys", { body })).body.key;
  const place = (key: string, times: number) =>
    Promise.all(
      Array.from({ length: times }, () =>
        ask(organization, "POST", "/calls/outbound", { key, body: { destination: "+31207654321" } }),
      ),
    );
  const rows = async () => {
    const [answer] = await runInDurableObject(ledgerOf(organization), (_: OrganizationLedger, { storage }) =>
      storage.sql.exec<{ rows: number }>("SELECT count(*) AS rows FROM call").toArray(),
    );
    return answer?.rows;
  };
  const answers = [...(await place(organization.key, 98)), ...(await place(second, 50))];
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([402]));
  expect(await rows()).toBe(100);
  clock.pass(60_000);
  await place(second, 50);
  expect(await rows()).toBe(110);
  await adjust(organization, 1_000_000);
  const calls = dialer();
  expect((await place(second, 1)).map(({ status }) => status)).toEqual([201]);
  expect(calls.asked).toHaveLength(1);
  calls.hangUp();
});

describe("what operators give an organization has an end:", () => {
  const put = async (path: string, body: Json) =>
    api("PUT", `/api/v1/admin${path}`, { key: await adminKey(), body });

  test("numbers", async () => {
    const organization = await newOrganization();
    await giveEveryNumber(organization);
    const owner = { organization_id: organization.id };
    expect(await put("/numbers/+31999000001", owner)).toMatchObject({
      status: 422,
      body: { error: { code: "unprocessable" } },
    });
    const taken = await env.DB.prepare("SELECT 1 FROM numbers WHERE e164 = '+31999000001'").first();
    expect(taken).toBeNull();
    expect((await put("/numbers/+31600000001", owner)).status).toBe(200);
  });

  test("versions of rates", async () => {
    const organization = await newOrganization();
    await fillLedger(
      organization,
      `${rowsUpTo(500)} INSERT INTO rate SELECT 'voice', i, 70000, 1, 1, 0 FROM n`,
    );
    const path = `/organizations/${organization.id}/rates/voice`;
    const rate = { price_micros_per_minute: 80_000, increments: "1/1" };
    expect((await put(path, rate)).status).toBe(422);
    expect((await put(path, { ...rate, price_micros_per_minute: 70_000 })).status).toBe(200);
  });

  test("versions on the card of all, however many operators write at the same time", async () => {
    await env.DB.prepare(
      `${rowsUpTo(998)} INSERT INTO standard_rates SELECT 'filler', i, 70000, 1, 1, 0 FROM n`,
    ).run();
    const rate = { price_micros_per_minute: 80_000, increments: "1/1" };
    const answers = await Promise.all(
      ["a", "b", "c", "d", "e"].map((name) => put(`/rates/bound_${name}`, rate)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 422, 422, 422]);
    const { rates } = (await api("GET", "/api/v1/admin/rates", { key: await adminKey() })).body;
    expect(rates).toHaveLength(1_000);
    const [known] = answers.filter(({ status }) => status === 200);
    expect(
      (await put(`/rates/${known?.body.name}`, { ...rate, price_micros_per_minute: 90_000 })).status,
    ).toBe(200);
    await env.DB.prepare("DELETE FROM standard_rates").run();
  });

  test("lists of numbers and of keys come in pages", async () => {
    const organization = await newOrganization();
    const numbers = ["+31201110091", "+31201110092", "+31201110093"];
    for (const number of numbers) await put(`/numbers/${number}`, { organization_id: organization.id });
    const pagesOf = async (path: string, list: string) => {
      const found: Json[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const query: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        const { body } = await api("GET", `/api/v1/admin${path}?limit=2${query}`, { key: await adminKey() });
        expect(body[list].length).toBeLessThanOrEqual(2);
        found.push(...body[list]);
        cursor = body.next_cursor;
      }
      return found;
    };
    const found = await pagesOf(`/organizations/${organization.id}/numbers`, "numbers");
    expect(found.map(({ number }) => number)).toEqual(numbers);
    const { body } = await api("GET", "/api/v1/admin/keys", { key: await adminKey() });
    expect(await pagesOf("/keys", "keys")).toEqual(body.keys);
    for (let made = 0; made < 4; made++) await newKey(organization);
    const keys = await listed(organization);
    expect(keys).toHaveLength(5);
    expect(await pagesOf(`/organizations/${organization.id}/api_keys`, "api_keys")).toEqual(keys);
    const first = await ask(organization, "GET", "/api_keys?limit=3");
    const own = await ask(organization, "GET", `/api_keys?limit=2&cursor=${first.body.next_cursor}`);
    expect(own.body).toEqual({ api_keys: keys.slice(3), next_cursor: null });
  });
});
