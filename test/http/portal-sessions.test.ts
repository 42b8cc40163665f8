import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { api, type Json } from "../support/api/api";
import { adminKey, ask, newOrganization, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { open, portalLink, type Visitor, visitor } from "../support/dashboard/visitor";

const clock = stopClock();
const MINUTE_MS = 60_000;
const PATH = "/portal_sessions";

const person = (id: string) => ({ user: { id, name: `Person ${id}` } });
const signIn = (organization: TestOrganization, id = "user-1") =>
  visitor(organization, "owner", "en", person(id));
const list = async (organization: TestOrganization, query = "") =>
  (await ask(organization, "GET", PATH + query)).body;
const statusOf = async (browser: Visitor) => (await browser.get("/billing")).status;

async function withKey(organization: TestOrganization, body: Json = {}) {
  const asked = { label: "opener", scopes: ["read", "keys"], ...body };
  const { body: made } = await ask(organization, "POST", "/api_keys", { body: asked });
  return { ...organization, key: made.key as string, key_id: made.id as string };
}

describe("a session ends", () => {
  it("no later than the key that opened it, and says why", async () => {
    const organization = await newOrganization();
    const expires_at = new Date(Date.now() + 10 * MINUTE_MS).toISOString();
    const browser = await signIn(await withKey(organization, { expires_at }));
    const [active] = (await list(organization)).portal_sessions;
    expect(active).toMatchObject({ status: "active", end_reason: null, expires_at });
    clock.pass(10 * MINUTE_MS - 1);
    expect(await statusOf(browser)).toBe(200);
    clock.pass(1);
    expect(await statusOf(browser)).toBe(401);
    const [ended] = (await list(organization)).portal_sessions;
    expect(ended).toMatchObject({ status: "ended", end_reason: "key_expired", ended_at: expires_at });
  });

  it("with an operator's key, too", async () => {
    const organization = await newOrganization();
    const body = { kind: "admin", expires_at: new Date(Date.now() + 10 * MINUTE_MS).toISOString() };
    const { body: operator } = await api("POST", "/api/v1/admin/keys", { key: await adminKey(), body });
    const path = `/api/v1/admin/organizations/${organization.id}/portal_sessions`;
    const asked = { ...person("u"), role: "viewer" };
    const { body: link } = await api("POST", path, { key: operator.key, body: asked });
    const cookie = (await open(link.url)).headers.get("Set-Cookie")?.split(";")[0] ?? "";
    const browser = await signIn(organization);
    const status = async () => (await browser.get("/billing", { Cookie: cookie })).status;
    expect(await status()).toBe(200);
    expect((await list(organization, "?user_id=u")).portal_sessions[0].key_id).toBeNull();
    const seen = await api("GET", `${path}?user_id=u`, { key: await adminKey() });
    const in_force = { key_id: operator.id, status: "active", end_reason: null };
    expect(seen.body.portal_sessions[0]).toMatchObject(in_force);
    clock.pass(10 * MINUTE_MS);
    expect(await status()).toBe(401);
  });

  it("when it is not used for thirty minutes; a page that keeps itself fresh is no use", async () => {
    const organization = await newOrganization();
    const browser = await signIn(organization);
    clock.pass(29 * MINUTE_MS);
    expect(await statusOf(browser)).toBe(200);
    clock.pass(29 * MINUTE_MS);
    expect((await browser.get("/billing", { "Sec-Fetch-Dest": "empty" })).status).toBe(200);
    clock.pass(MINUTE_MS);
    expect(await statusOf(browser)).toBe(401);
    expect((await list(organization)).portal_sessions[0]).toMatchObject({ end_reason: "idle" });
  });

  it("with the key that is revoked, in the list at once, and no other key ends with it", async () => {
    const organization = await newOrganization();
    const opener = await withKey(organization);
    const browser = await signIn(opener);
    await ask(organization, "DELETE", `/api_keys/${opener.key_id}`);
    expect(await statusOf(browser)).toBe(401);
    const of_key = await list(organization, `?key_id=${opener.key_id}`);
    expect(of_key.portal_sessions).toEqual([
      expect.objectContaining({ status: "ended", end_reason: "key_revoked" }),
    ]);
    expect((await ask(organization, "GET", "/account")).status).toBe(200);
  });
});

describe("ended by the API", () => {
  it("one session, once, with one row in the audit, and nobody else's", async () => {
    const [organization, other] = [await newOrganization(), await newOrganization()];
    const [one, two] = [await signIn(organization, "a"), await signIn(organization, "b")];
    const [{ id }] = (await list(organization, "?user_id=a")).portal_sessions;
    expect((await ask(other, "DELETE", `${PATH}/${id}`)).status).toBe(404);
    expect(await statusOf(one)).toBe(200);
    for (let time = 0; time < 2; time++) {
      expect((await ask(organization, "DELETE", `${PATH}/${id}`)).status).toBe(204);
      clock.pass(1_000);
    }
    expect([await statusOf(one), await statusOf(two)]).toEqual([401, 200]);
    const rows = await env.DB.prepare("SELECT detail FROM audit WHERE organization_id = ? AND action = ?")
      .bind(organization.id, "portal_session.end")
      .all<{ detail: string }>();
    expect(rows.results.map(({ detail }) => JSON.parse(detail))).toEqual([
      { session_id: id, user: { id: "a", name: "Person a" } },
    ]);
  });

  it("all of one person, with links that were not used, and of nobody else", async () => {
    const organization = await newOrganization();
    const theirs = [await signIn(organization, "a"), await signIn(organization, "a")];
    const link = await portalLink(organization, person("a"));
    const others = await signIn(organization, "b");
    expect((await ask(organization, "DELETE", PATH)).body.error.param).toBe("user_id");
    const { status, body } = await ask(organization, "DELETE", `${PATH}?user_id=a`);
    expect([status, body]).toEqual([200, { ended: 3, has_more: false }]);
    expect(await Promise.all(theirs.map(statusOf))).toEqual([401, 401]);
    expect((await open(link)).status).toBe(410);
    expect(await statusOf(others)).toBe(200);
    expect((await ask(organization, "DELETE", `${PATH}?user_id=a`)).body.ended).toBe(0);
  });
});

it("pages hold each session once, and those in one state", async () => {
  const organization = await newOrganization();
  for (let at = 0; at < 5; at++) await portalLink(organization, person(`u${at}`));
  await signIn(organization);
  const seen: string[] = [];
  let cursor = "";
  do {
    const page = await list(organization, `?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.portal_sessions.map(({ user }: Json) => user.id));
    cursor = page.next_cursor;
  } while (cursor);
  expect(seen).toEqual(["user-1", "u4", "u3", "u2", "u1", "u0"]);
  expect((await list(organization, "?status=active")).portal_sessions).toHaveLength(1);
  expect((await list(organization, "?status=pending&limit=3")).next_cursor).not.toBeNull();
});
