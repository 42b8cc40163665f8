import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { api, type Json } from "../support/api/api";
import { ask, newOrganization, type TestOrganization } from "../support/api/organizations";
import { errorsOf, filledIn, formOf, rowsOf, submit, textOf, wrongFieldsOf } from "../support/dashboard/html";
import { type Visitor, visitor } from "../support/dashboard/visitor";

const KEYS = "/billing/keys";
const KEY = /rf_live_[\w-]+/;

async function customer(): Promise<TestOrganization & { browser: Visitor }> {
  const organization = await newOrganization(1_000_000);
  return { ...organization, browser: await visitor(organization) };
}

/** Makes a key on the page and answers it as it was shown. */
async function made(browser: Visitor, changes: Record<string, string> = {}): Promise<string> {
  const answer = await submit(browser, KEYS, "Create key", { label: "CRM", ...changes });
  const page = await answer.text();
  expect([answer.status, errorsOf(page)]).toEqual([200, {}]);
  return KEY.exec(page)?.[0] ?? "";
}

/** The id of the first key of the list: it stands under the name. */
function newestIdIn(page: string): string {
  const [name = ""] = rowsOf(page)[0] ?? [];
  return /key_\w+/.exec(name)?.[0] ?? "";
}

function statusOf(key: string, path = "/api/v1/account"): Promise<number> {
  return api("GET", path, { key }).then(({ status }) => status);
}

describe("a key", () => {
  test("is shown in the answer that makes it, works at once, and is never shown again", async () => {
    const { browser } = await customer();
    const key = await made(browser);
    expect(await statusOf(key)).toBe(200);
    const page = await browser.page(KEYS);
    expect(page).not.toMatch(KEY);
    expect(rowsOf(page)[0]?.slice(0, 2)).toEqual([expect.stringMatching(/^CRM key_/), "Read"]);
  });

  test("of a form that is sent again, also at the same time, is one, which each answer shows", async () => {
    const { browser, ...organization } = await customer();
    const fields = filledIn(formOf(await browser.page(KEYS), "Create key"), { label: "Twice" });
    const answers = await Promise.all([1, 2, 3].map(() => browser.post(KEYS, fields)));
    answers.push(await browser.post(KEYS, fields));
    const pages = await Promise.all(answers.map((answer) => answer.text()));
    const shown = pages.flatMap((page) => KEY.exec(page)?.[0] ?? []);
    expect(shown).toHaveLength(4);
    expect(new Set(shown).size).toBe(1);
    expect(await statusOf(shown[0] ?? "")).toBe(200);
    // Sent again with something else in it, it makes nothing.
    const other = await browser.post(
      KEYS,
      fields.map(([name, value]): [string, string] => [name, name === "label" ? "Other" : value]),
    );
    const page = await other.text();
    expect(page).toContain("This form was sent before");
    expect(page).not.toMatch(KEY);
    expect(page).not.toContain("Other");
    const { api_keys } = (await ask(organization, "GET", "/api_keys")).body;
    expect(api_keys.filter(({ label }: Json) => label === "Twice")).toHaveLength(1);
  });

  test("may do what was ticked and nothing else", async () => {
    const { browser } = await customer();
    const fields = filledIn(formOf(await browser.page(KEYS), "Create key"), { label: "Caller" });
    const page = await (
      await browser.post(KEYS, [
        ...fields.filter(([name]) => name !== "scopes"),
        ["scopes", "calls"],
        ["scopes", "read"],
      ])
    ).text();
    expect(rowsOf(page)[0]?.[1]).toBe("Read Calls");
    const key = KEY.exec(page)?.[0] ?? "";
    expect(await statusOf(key)).toBe(200);
    expect(
      (await api("POST", "/api/v1/api_keys", { key, body: { label: "x", scopes: ["read"] } })).status,
    ).toBe(403);
    const only_read = await made(browser);
    const body = { to: "+31207654321", from: "+31201234567" };
    expect((await api("POST", "/api/v1/calls/outbound", { key: only_read, body })).status).toBe(403);
  });

  test("stops at once when it is revoked, and cannot be brought back", async () => {
    const { browser } = await customer();
    const key = await made(browser);
    const key_id = newestIdIn(await browser.page(KEYS));
    const revoked = await browser.post(`${KEYS}/${key_id}/revoke`);
    expect([revoked.status, revoked.headers.get("Location")]).toEqual([303, `${KEYS}?done=revoked`]);
    expect(await statusOf(key)).toBe(401);
    expect((await browser.post(`${KEYS}/${key_id}/revoke`)).status).toBe(303);
    expect(await statusOf(key)).toBe(401);
    const page = await browser.page(`${KEYS}?done=revoked`);
    expect(page).toContain("The key is revoked");
    expect(rowsOf(page)[0]).toContain("Revoked");
    expect(page).not.toContain(`${KEYS}/${key_id}/revoke`);
  });

  test("of another organization, or of none, is not found and goes on working", async () => {
    const [one, other] = [await customer(), await customer()];
    const key = await made(one.browser, { label: "Not yours" });
    const key_id = newestIdIn(await one.browser.page(KEYS));
    for (const id of [key_id, "key_01k9z3v8qhe1w9m4c7d2x5n6tp", "%00", "..%2f"])
      expect([id, (await other.browser.post(`${KEYS}/${id}/revoke`)).status]).toEqual([id, 404]);
    expect(await other.browser.page(KEYS)).not.toContain("Not yours");
    expect(await statusOf(key)).toBe(200);
    // A form cannot choose an id: it makes a key of one's own, and leaves that one as it is.
    const taken = await submit(other.browser, KEYS, "Create key", { label: "Mine", key_id });
    const mine = KEY.exec(await taken.text())?.[0] ?? "";
    expect((await api("GET", "/api/v1/account", { key: mine })).body.id).toBe(other.id);
    expect((await api("GET", "/api/v1/account", { key })).body.id).toBe(one.id);
    expect(newestIdIn(await other.browser.page(KEYS))).not.toBe(key_id);
  });

  test("works to the end of the day that was chosen", async () => {
    const { browser, ...organization } = await customer();
    await made(browser, { expires: "2099-06-30" });
    const { api_keys } = (await ask(organization, "GET", "/api_keys")).body;
    expect(api_keys.map(({ expires_at }: Json) => expires_at)).toContain("2099-06-30T22:00:00.000Z");
    expect(textOf(await browser.page(KEYS))).toContain("until 1 Jul 2099, 00:00");
  });
});

describe("the form", () => {
  const wrong: [field: string, changes: Record<string, string>][] = [
    ["label", { label: "" }],
    ["label", { label: "x".repeat(101) }],
    ["label", { label: "a\u0000b" }],
    ["scopes", { scopes: "everything" }],
    ["expires", { expires: "2020-01-01" }],
    ["expires", { expires: "30-06-2099" }],
  ];

  test.each(wrong)("names a wrong %s and keeps what was typed: %j", async (field, changes) => {
    const { browser } = await customer();
    const before = rowsOf(await browser.page(KEYS));
    const fields = filledIn(formOf(await browser.page(KEYS), "Create key"), { label: "Typed", ...changes });
    const answer = await browser.post(KEYS, fields);
    const page = await answer.text();
    expect([answer.status, wrongFieldsOf(page)]).toEqual([422, [field]]);
    expect(Object.keys(errorsOf(page))).toEqual([field]);
    if (field !== "label") expect(page).toContain('value="Typed"');
    expect(rowsOf(page)).toEqual(before);
    expect(page).not.toMatch(KEY);
  });

  test("makes no more than a hundred keys that work, and says so", async () => {
    const { browser, id } = await customer();
    const ledger = env.LEDGER.getByName(id);
    const known = await ledger.keys(null);
    if (known.outcome !== "keys") throw new Error("The organization has no keys.");
    const [first] = known.keys;
    if (!first) throw new Error("The organization has no first key.");
    for (let at = 1; at < 100; at++)
      await ledger.addKey({ ...first, key_id: `key_${String(at).padStart(26, "0")}`, hash: `${at}` });
    const answer = await submit(browser, KEYS, "Create key", { label: "One more" });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("There are 100 active keys. Revoke one first.");
  });
});
