import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { api, type Json } from "../support/api/api";
import { adminKey, ask, newOrganization, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { errorsOf, rowsOf, submit } from "../support/dashboard/html";
import { open, visitor } from "../support/dashboard/visitor";

const clock = stopClock();
const DAY_MS = 86_400_000;
const KEYS = "/billing/keys";
const SCOPES = ["read", "keys"];
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

/** The same organization, asking with a key of its own that was made by `maker`. */
async function with_(maker: TestOrganization, body: Json = {}): Promise<TestOrganization & { made: Json }> {
  const { status, body: made } = await ask(maker, "POST", "/api_keys", {
    body: { label: "made", scopes: SCOPES, ...body },
  });
  expect(status).toBe(201);
  return { ...maker, key: made.key, made };
}

describe("a key made by a key that ends", () => {
  it("ends with it when nothing else is asked, says so, and stops then", async () => {
    const expires_at = inDays(2);
    const maker = await with_(await newOrganization(), { expires_at });
    const child = await with_(maker);
    expect(child.made).toMatchObject({ expires_at, made_by: maker.made.id });
    const grandchild = await with_(child);
    expect(grandchild.made).toMatchObject({ expires_at, made_by: child.made.id });
    clock.pass(2 * DAY_MS);
    for (const { key } of [maker, child, grandchild])
      expect((await api("GET", "/api/v1/account", { key })).body.error.code).toBe("api_key_expired");
  });

  it("may end earlier or at the same instant, and binds what it makes itself", async () => {
    const maker = await with_(await newOrganization(), { expires_at: inDays(3) });
    expect((await with_(maker, { expires_at: inDays(3) })).made.expires_at).toBe(inDays(3));
    const child = await with_(maker, { expires_at: inDays(1) });
    expect(child.made.expires_at).toBe(inDays(1));
    const asked = { body: { label: "later", scopes: ["read"], expires_at: inDays(2) } };
    expect(await ask(child, "POST", "/api_keys", asked)).toMatchObject({
      status: 422,
      body: { error: { code: "unprocessable", param: "expires_at" } },
    });
  });

  it("cannot end later by a millisecond, and a refusal changes nothing", async () => {
    const maker = await with_(await newOrganization(), { expires_at: inDays(3) });
    const before = (await ask(maker, "GET", "/api_keys")).body;
    const expires_at = new Date(Date.parse(inDays(3)) + 1).toISOString();
    const { status, body } = await ask(maker, "POST", "/api_keys", {
      body: { label: "later", scopes: ["read"], expires_at },
    });
    expect([status, body.error.param]).toEqual([422, "expires_at"]);
    expect((await ask(maker, "GET", "/api_keys")).body).toEqual(before);
  });
});

describe("no end is put on keys", () => {
  it("by a key without one", async () => {
    const maker = await with_(await newOrganization());
    const child = await with_(maker);
    expect(child.made).toMatchObject({ expires_at: null, made_by: maker.made.id });
    expect((await with_(child, { expires_at: inDays(900) })).made.expires_at).toBe(inDays(900));
  });

  it("by an operator's key, also in a session that it has opened", async () => {
    const organization = await newOrganization();
    const { body: operator } = await api("POST", "/api/v1/admin/keys", {
      key: await adminKey(),
      body: { kind: "admin", label: "for a day", expires_at: inDays(1) },
    });
    const path = `/api/v1/admin/organizations/${organization.id}`;
    const { body: made } = await api("POST", `${path}/api_keys`, {
      key: operator.key,
      body: { label: "by an operator", scopes: ["read"] },
    });
    expect(made).toMatchObject({ expires_at: null, made_by: null });
    const { body: link } = await api("POST", `${path}/portal_sessions`, {
      key: operator.key,
      body: { user: { id: "u", name: "N" }, role: "owner", language: "en" },
    });
    const cookie = (await open(link.url)).headers.get("Set-Cookie")?.split(";")[0] ?? "";
    const browser = await visitor(organization);
    const answer = await submit(
      { ...browser, post: (at, fields) => browser.post(at, fields, { Cookie: cookie }) },
      KEYS,
      "Create key",
      { label: "in an operator's session" },
    );
    expect(answer.status).toBe(200);
    const { api_keys } = (await ask(organization, "GET", "/api_keys")).body;
    const last = api_keys.find(({ label }: Json) => label === "in an operator's session");
    expect(last).toMatchObject({ expires_at: null, made_by: null });
  });
});

describe("a key made in a session", () => {
  it("ends no later than the key that opened the session", async () => {
    const maker = await with_(await newOrganization(), { label: "platform", expires_at: inDays(3) });
    const browser = await visitor(maker);
    const late = await submit(browser, KEYS, "Create key", { label: "late", expires: "2099-01-01" });
    expect(late.status).toBe(422);
    expect(Object.keys(errorsOf(await late.text()))).toEqual(["expires"]);
    expect((await submit(browser, KEYS, "Create key", { label: "open end" })).status).toBe(200);
    const day = inDays(1).slice(0, 10);
    expect((await submit(browser, KEYS, "Create key", { label: "early", expires: day })).status).toBe(200);
    const { api_keys } = (await ask(maker, "GET", "/api_keys")).body;
    const of = (label: string) => api_keys.find((key: Json) => key.label === label);
    expect(of("late")).toBeUndefined();
    expect(of("open end")).toMatchObject({ expires_at: inDays(3), made_by: maker.made.id });
    expect(of("early").made_by).toBe(maker.made.id);
    expect(Date.parse(of("early").expires_at)).toBeLessThan(Date.parse(inDays(3)));
    const page = await browser.page(KEYS);
    expect(page).toContain("The key that opened this session ends on");
    expect(rowsOf(page)[0]?.[2]).toContain("with “platform”");
  });
});

describe("revoking a key", () => {
  it("ends no other, and says which were made with it", async () => {
    const maker = await with_(await newOrganization(), { label: "old" });
    const child = await with_(maker, { label: "new" });
    expect(await (await visitor(maker)).page(KEYS)).toContain(
      "Keys that were made with it go on working: “new”.",
    );
    expect((await ask(child, "DELETE", `/api_keys/${maker.made.id}`)).status).toBe(204);
    expect((await ask(child, "GET", "/account")).status).toBe(200);
    const { api_keys } = (await ask(child, "GET", "/api_keys")).body;
    expect(api_keys.find(({ id }: Json) => id === child.made.id).made_by).toBe(maker.made.id);
  });

  it("while it makes another leaves none behind", async () => {
    const maker = await with_(await newOrganization());
    const ledger = env.LEDGER.getByName(maker.id);
    await ledger.revokeKey(maker.made.id);
    const known = await ledger.key(maker.made.id);
    if (known.outcome !== "key") throw new Error("The key is not known.");
    const late = { ...known.key, key_id: "key_01k9z3v8qhe1w9m4c7d2x5n6tp", revoked_at_ms: null };
    const made = await ledger.addKey({ ...late, hash: "late", made_by: maker.made.id });
    expect(made).toMatchObject({ outcome: "refused", code: "api_key_revoked" });
    expect((await ledger.key(late.key_id)).outcome).toBe("refused");
  });
});
