import { beforeEach, describe, expect, test } from "vitest";
import { ask, newOrganization, type TestOrganization } from "../support/api/organizations";
import { rowsOf, textOf } from "../support/dashboard/html";
import { portalLink, type Visitor, visitor } from "../support/dashboard/visitor";

const SESSIONS = "/billing/sessions";

let organization: TestOrganization;
let owner: Visitor;

const person = (id: string, name: string) => ({ user: { id, name } });
const names = async (browser: Visitor, query = "") =>
  rowsOf(await browser.page(SESSIONS + query)).map(([name]) => name);
const statusOf = async (browser: Visitor) => (await browser.get("/billing")).status;
const idOf = async (user_id: string) =>
  (await ask(organization, "GET", `/portal_sessions?user_id=${user_id}`)).body.portal_sessions[0].id;

beforeEach(async () => {
  organization = await newOrganization();
  owner = await visitor(organization, "owner", "en", person("o", "Olga Owner"));
});

describe("an owner", () => {
  test("sees who is signed in and who may be, with what opened it, and one person's or one key's alone", async () => {
    await visitor(organization, "viewer", "en", person("v", "Vera Viewer"));
    await portalLink(organization, { ...person("l", "Lena Link"), role: "billing" });
    expect(await names(owner)).toEqual(["Lena Link", "Vera Viewer", expect.stringContaining("this session")]);
    const [link] = rowsOf(await owner.page(SESSIONS));
    expect(link?.slice(1, 4)).toEqual(["Billing", "Link not used yet", "–"]);
    expect(link).toContain("first key");
    expect(await names(owner, "?user=v")).toEqual(["Vera Viewer"]);
    const { api_keys } = (await ask(organization, "GET", "/api_keys")).body;
    expect(await names(owner, `?key=${api_keys[0].id}`)).toHaveLength(3);
    expect(await names(owner, "?key=key_01k9z3v8qhe1w9m4c7d2x5n6tp")).toEqual([]);
    expect(await owner.page("/billing/keys")).toContain(`/billing/sessions?key=${api_keys[0].id}`);
  });

  test("ends one of them at once, and nobody else's", async () => {
    const viewer = await visitor(organization, "viewer", "en", person("v", "Vera"));
    const other = await newOrganization();
    const stranger = await visitor(other);
    const path = `${SESSIONS}/${await idOf("v")}/end`;
    expect((await stranger.post(path)).status).toBe(404);
    expect(await statusOf(viewer)).toBe(200);
    expect((await owner.post(path)).status).toBe(303);
    expect([await statusOf(viewer), await statusOf(owner)]).toEqual([401, 200]);
    expect(await names(owner)).toHaveLength(1);
  });

  test("ends all of one person, with links that were not used", async () => {
    const theirs = [await visitor(organization, "viewer", "en", person("v", "Vera"))];
    theirs.push(await visitor(organization, "billing", "en", person("v", "Vera")));
    await portalLink(organization, person("v", "Vera"));
    expect(textOf(await owner.page(`${SESSIONS}?user=v`))).toContain("End all sessions of Vera");
    const answer = await owner.post(`${SESSIONS}/end-all`, { user_id: "v" });
    expect(answer.headers.get("Location")).toBe(`${SESSIONS}?done=ended`);
    expect(await Promise.all(theirs.map(statusOf))).toEqual([401, 401]);
    expect(await names(owner)).toHaveLength(1);
  });
});

test("whoever is no owner sees their own sessions only, and ends the others of them", async () => {
  const viewer = await visitor(organization, "viewer", "en", person("v", "Vera"));
  const elsewhere = await visitor(organization, "viewer", "en", person("v", "Vera"));
  expect(await names(viewer, "?user=o")).toEqual([expect.stringContaining("this session"), "Vera"].reverse());
  expect((await viewer.post(`${SESSIONS}/${await idOf("o")}/end`)).status).toBe(403);
  expect((await viewer.post(`${SESSIONS}/end-all`, { user_id: "o" })).status).toBe(403);
  expect((await viewer.post(`${SESSIONS}/end-others`)).status).toBe(303);
  expect([await statusOf(viewer), await statusOf(elsewhere), await statusOf(owner)]).toEqual([200, 401, 200]);
});
