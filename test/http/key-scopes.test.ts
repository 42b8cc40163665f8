import { describe, expect, it } from "vitest";
import { api, type Json } from "../support/api/api";
import { adminKey, ask, newOrganization, type TestOrganization } from "../support/api/organizations";
import { errorsOf, submit } from "../support/dashboard/html";
import { visitor } from "../support/dashboard/visitor";

const ALL = ["read", "calls", "keys", "billing"];
const KEYS = "/billing/keys";

const asked = (scopes: string[]) => ({ body: { label: scopes.join(" "), scopes } });

/** The same organization, asking with a key of its own that has these scopes. */
async function with_(maker: TestOrganization, scopes: string[]): Promise<TestOrganization> {
  const { status, body } = await ask(maker, "POST", "/api_keys", asked(scopes));
  expect([status, body.scopes]).toEqual([201, scopes]);
  return { ...maker, key: body.key };
}

const listed = async (organization: TestOrganization) =>
  (await ask(organization, "GET", "/api_keys")).body.api_keys.map(({ scopes }: Json) => scopes);

describe("a key that makes keys", () => {
  it.each(ALL.filter((scope) => scope !== "keys"))("gives no %s that it lacks itself", async (scope) => {
    const organization = await newOrganization();
    const own = ALL.filter((each) => each !== scope);
    const maker = await with_(organization, own);
    const before = await listed(maker);
    for (const scopes of [[scope], ["keys", scope], ALL])
      expect(await ask(maker, "POST", "/api_keys", asked(scopes))).toMatchObject({
        status: 403,
        body: { error: { code: "forbidden", param: "scopes", message: expect.stringContaining(scope) } },
      });
    expect(await listed(maker)).toEqual(before);
    await with_(maker, own);
  });

  it("gives all that it has, and through what it makes no more than that", async () => {
    const first = await newOrganization();
    const all = await with_(first, ALL);
    const keys = await with_(all, ["keys"]);
    const child = await with_(keys, ["keys"]);
    for (const maker of [keys, child])
      expect((await ask(maker, "POST", "/api_keys", asked(["read", "keys"]))).status).toBe(403);
  });

  it("is not what operators ask with: theirs give any scope", async () => {
    const { id } = await newOrganization();
    const path = `/api/v1/admin/organizations/${id}/api_keys`;
    expect((await api("POST", path, { key: await adminKey(), ...asked(ALL) })).status).toBe(201);
  });
});

describe("the page on which keys are made", () => {
  it("offers what the key may do that opened the session, and takes nothing else", async () => {
    const organization = await newOrganization();
    const browser = await visitor(await with_(organization, ["read", "keys"]));
    const page = await browser.page(KEYS);
    const offered = [...page.matchAll(/id="scope-(\w+)"/g)].map(([, scope]) => scope);
    expect(offered).toEqual(["read", "keys"]);
    const before = await listed(organization);
    const refused = await submit(browser, KEYS, "Create key", { label: "more", scopes: "billing" });
    expect(refused.status).toBe(422);
    expect(errorsOf(await refused.text())).toEqual({
      scopes: "Choose only what the key that opened this session may do itself.",
    });
    expect(await listed(organization)).toEqual(before);
  });
});
