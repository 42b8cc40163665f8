import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { clearDirectoryCache } from "../../src/organizations/directory";
import { findOrganization } from "../../src/storage/accounts/organizations";
import { openDatabase } from "../../src/storage/database";
import { ask, newOrganization, outbound, platformKey, postOnce } from "../support/api/as-operator";
import { auditCopied } from "../support/api/audit-copied";
import { failD1 } from "../support/failures/failing-d1";

let admin: string;
beforeAll(async () => {
  admin = await platformKey("admin");
});
let mend: (() => void) | undefined;
afterEach(() => {
  mend?.();
  mend = undefined;
});

describe("an organization", () => {
  it("is found by its key, in lists and in the directory", async () => {
    const { id, api_key } = await newOrganization(admin, 35_000_000, { email: "a@example.com" });
    expect((await ask(api_key, "GET", "/account")).body).toMatchObject({ id, minutes_balance: 500 });
    expect(await ask(admin, "GET", `/admin/organizations/${id}`)).toMatchObject({
      status: 200,
      body: { id, email: "a@example.com", language: "en", epoch: 1, minutes_balance: 500 },
    });
    expect(await env.DIRECTORY.get(`organization:${id}`, "json")).toEqual({
      jurisdiction: null,
      language: "en",
      country: null,
    });
    const listed = [];
    for (let cursor = ""; ; ) {
      const page = await ask(admin, "GET", `/admin/organizations?limit=1${cursor}`);
      listed.push(...page.body.organizations.map((each: { id: string }) => each.id));
      if (!page.body.has_more) break;
      cursor = `&cursor=${page.body.next_cursor}`;
    }
    expect(listed).toContain(id);
    expect(new Set(listed).size).toBe(listed.length);
  });

  it("whose creation is cut off at D1 is nowhere to be seen", async () => {
    const before = await env.DIRECTORY.list({ prefix: "organization:" });
    mend = failD1();
    expect((await ask(admin, "POST", "/admin/organizations", { company_name: "Cut Off" })).status).toBe(503);
    expect(await env.DIRECTORY.list({ prefix: "organization:" })).toEqual(before);
  });

  it("is changed in its ledger, in D1 and in the directory", async () => {
    const { id } = await newOrganization(admin, 0);
    const patch = { company_name: "New Name", language: "de", state: "closed" };
    expect(await ask(admin, "PATCH", `/admin/organizations/${id}`, patch)).toMatchObject({
      status: 200,
      body: patch,
    });
    expect((await ask(admin, "GET", `/admin/organizations/${id}`)).body).toMatchObject(patch);
    expect(await findOrganization(openDatabase(env), id)).toMatchObject(patch);
    expect(await env.DIRECTORY.get(`organization:${id}`, "json")).toMatchObject({ language: "de" });
    expect((await ask(admin, "PATCH", `/admin/organizations/${id}`, {})).status).toBe(400);
  });

  it("answers the epoch in force, also to one who asks for an earlier one", async () => {
    const { id } = await newOrganization(admin, 0);
    const begin = async (epoch: number) =>
      (await ask(admin, "POST", `/admin/organizations/${id}/epoch`, { epoch })).body;
    expect(await begin(5)).toEqual({ epoch: 5 });
    expect(await begin(3)).toEqual({ epoch: 5 });
    expect((await ask(admin, "GET", `/admin/organizations/${id}`)).body.epoch).toBe(5);
  });

  it("is given credit once for each Idempotency-Key", async () => {
    const { id } = await newOrganization(admin, 0);
    const path = `/admin/organizations/${id}/adjustments`;
    const body = { amount_micros: 5_000_000, reason: "welcome", kind: "promotion" };
    expect(await ask(admin, "POST", path, body)).toMatchObject({
      status: 400,
      body: { error: { code: "missing_field", param: "Idempotency-Key" } },
    });
    const first = await postOnce(admin, path, body, "gift");
    expect(first).toMatchObject({
      status: 201,
      body: { kind: "promotion", balance_after_micros: 5_000_000 },
    });
    expect(await postOnce(admin, path, body, "gift")).toMatchObject({
      status: 201,
      body: first.body,
    });
    expect(await postOnce(admin, path, { ...body, amount_micros: 1 }, "gift")).toMatchObject({
      status: 409,
      body: { error: { code: "idempotency_conflict" } },
    });
    expect((await ask(admin, "GET", `/admin/organizations/${id}/ledger`)).body.entries).toEqual([first.body]);
    expect((await ask(admin, "GET", `/admin/organizations/${id}/verify`)).body).toEqual({
      ok: true,
      posted_micros: 5_000_000,
      held_micros: 0,
      entries: 1,
      proves_from_seq: 1,
    });
    await auditCopied();
    const changes = (await ask(admin, "GET", `/admin/organizations/${id}/audit`)).body.changes;
    const made = changes.filter(({ action }: { action: string }) => action !== "organization.look");
    expect(made.map(({ action }: { action: string }) => action)).toEqual([
      "adjustment.post",
      "adjustment.post",
      "organization.create",
    ]);
    expect(made[0]).toMatchObject({ outcome: "refused", code: "idempotency_conflict" });
    expect(made[0].detail).toMatchObject({ amount_micros: 1, key: "adjustment:gift" });
  });
});

describe("keys of nodes and operators", () => {
  it("are shown once, listed without their secret, and refused when revoked", async () => {
    const { id } = await newOrganization(admin, 1_000_000);
    const made = await ask(admin, "POST", "/admin/keys", {
      kind: "edge",
      label: "ams-1",
      organization_ids: [id],
    });
    expect(made).toMatchObject({ status: 201, body: { kind: "edge", label: "ams-1", scopes: ["calls"] } });
    const { key, ...listed } = made.body;
    expect((await ask(admin, "GET", "/admin/keys")).body.keys).toContainEqual(listed);
    const authorize = () => ask(key, "POST", "/edge/calls/authorize", { call_id: "1", ...outbound(id) });
    expect((await authorize()).status).toBe(200);
    expect((await ask(admin, "DELETE", `/admin/keys/${made.body.id}`)).status).toBe(204);
    expect(await authorize()).toMatchObject({ status: 401, body: { error: { code: "api_key_revoked" } } });
    clearDirectoryCache();
    expect((await authorize()).status).toBe(401);
    expect((await ask(admin, "DELETE", "/admin/keys/key_01jdx5zq7rf8q9w6zjk3v2m4nt")).status).toBe(404);
  });

  it("of an organization are made and revoked by operators too", async () => {
    const { id } = await newOrganization(admin, 0);
    const path = `/admin/organizations/${id}/api_keys`;
    const made = await ask(admin, "POST", path, { label: "second", scopes: ["read"] });
    expect((await ask(made.body.key, "GET", "/account")).status).toBe(200);
    expect((await ask(admin, "DELETE", `${path}/${made.body.id}`)).status).toBe(204);
    expect((await ask(made.body.key, "GET", "/account")).body.error.code).toBe("api_key_revoked");
    expect((await ask(admin, "GET", path)).body.api_keys).toHaveLength(2);
  });

  it.each([
    [{ kind: "admin", organization_ids: ["org_01jdx5zq7rf8q9w6zjk3v2m4nt"] }, 400, "kind"],
    [{ kind: "edge", scopes: ["correct"] }, 400, "scopes"],
    [{ kind: "edge", expires_at: "2020-01-01T00:00:00Z" }, 422, "expires_at"],
    [{ kind: "live" }, 400, "kind"],
  ])("%o is refused", async (body, status, param) => {
    expect(await ask(admin, "POST", "/admin/keys", body)).toMatchObject({
      status,
      body: { error: { param } },
    });
  });
});
