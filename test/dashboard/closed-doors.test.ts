import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { api } from "../support/api/api";
import { auditCopied } from "../support/api/audit-copied";
import { adminKey, ask, newOrganization } from "../support/api/organizations";
import { factsOf, linkOf, rowsOf, submit } from "../support/dashboard/html";
import { ORIGIN, open, portalLink, type Visitor, visitor } from "../support/dashboard/visitor";
import { bought, buy, newBuyer, sessionOf } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const PERSON = { user: { id: "user-1", name: "J. Jansen" }, role: "owner" };

/** The cookie that a link leads to. */
async function cookieOf(link: string): Promise<string> {
  return (await open(link)).headers.get("Set-Cookie")?.split(";")[0] ?? "";
}

/** What the audit page says, the newest first. */
async function auditRows(browser: Visitor): Promise<string[][]> {
  await auditCopied();
  return rowsOf(await browser.page("/billing/audit"));
}

const statusWith = async (cookie: string) =>
  (await exports.default.fetch(`${ORIGIN}/billing`, { headers: { Cookie: cookie } })).status;

describe("a key that is revoked", () => {
  test("takes along whoever it has let in, and the links that it has made", async () => {
    const organization = await newOrganization();
    const stolen = { ...organization, key: "" };
    const { body } = await ask(organization, "POST", "/api_keys", {
      body: { label: "stolen", scopes: ["keys"] },
    });
    stolen.key = body.key;
    const [inside, link] = [await cookieOf(await portalLink(stolen)), await portalLink(stolen)];
    const other = await visitor(organization);
    expect(await statusWith(inside)).toBe(200);
    await ask(organization, "DELETE", `/api_keys/${body.id}`);
    expect(await statusWith(inside)).toBe(401);
    expect(await statusWith(await cookieOf(link))).toBe(401);
    expect((await other.get("/billing")).status).toBe(200);
  });

  test("also when it is an operator's", async () => {
    const organization = await newOrganization();
    const asked = { kind: "admin", label: "leaver" };
    const { body: made } = await api("POST", "/api/v1/admin/keys", { key: await adminKey(), body: asked });
    const path = `/api/v1/admin/organizations/${organization.id}/portal_sessions`;
    const { body } = await api("POST", path, { key: made.key, body: PERSON });
    const inside = await cookieOf(body.url);
    expect(await statusWith(inside)).toBe(200);
    await api("DELETE", `/api/v1/admin/keys/${made.id}`, { key: await adminKey() });
    expect(await statusWith(inside)).toBe(401);
  });

  test("stands in the audit with everybody whom it has let in", async () => {
    const organization = await newOrganization();
    const browser = await visitor(organization);
    const row = (await auditRows(browser)).find(([, , what]) => what?.includes("dashboard"));
    expect(row?.slice(1).join(" ")).toMatch(/API key “first key” .*dashboard.*J\. Jansen.*owner/);
  });
});

test("a look whether a link is there does not use it up", async () => {
  const link = await portalLink(await newOrganization());
  const looked = await exports.default.fetch(link, { method: "HEAD", redirect: "manual" });
  expect([looked.status, looked.headers.get("Set-Cookie")]).toEqual([204, null]);
  expect((await open(link)).status).toBe(303);
});

test("nothing but a form is taken, wherever it says that it comes from", async () => {
  const browser = await visitor(await newOrganization());
  for (const type of ["application/json", "text/xml", "application/octet-stream"])
    for (const origin of [ORIGIN, "https://evil.example"]) {
      const headers = { Origin: origin, "Content-Type": type };
      expect((await browser.post("/billing/alerts/remove", { key: "minutes:60" }, headers)).status).toBe(403);
    }
  expect(await browser.page("/billing/alerts")).toContain("60 minutes of calls");
});

test("days of other millennia are no days", async () => {
  const browser = await visitor(await newOrganization());
  for (const query of ["to=0000-01-01", "from=0099-01-01&to=0099-12-01", "from=9999-12-31&to=9999-12-31"])
    for (const page of ["/billing/usage", "/billing/usage/calls.csv"])
      expect([query, (await browser.get(`${page}?${query}`)).status]).toEqual([query, 400]);
});

describe("a closed organization", () => {
  test("has no page left on which it can pay, and is offered none", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    const { purchase_id } = await bought(stripe, organization);
    const { body } = await buy(organization);
    const browser = await visitor(organization);
    await api("PATCH", `/api/v1/admin/organizations/${organization.id}`, {
      key: await adminKey(),
      body: { state: "closed" },
    });
    expect(sessionOf(stripe, body.id).status).toBe("expired");
    const page = await browser.page(`/billing/credits/result?purchase_id=${body.id}`);
    expect(linkOf(page, "To the payment page")).toBeUndefined();
    expect(linkOf(page, "Buy again")).toBeUndefined();
    const paid = await browser.page(`/billing/credits/result?purchase_id=${purchase_id}`);
    expect(paid).toContain("Your credit has been added");
    expect(paid).not.toContain("Calls can use it");
  });

  test("is closed also while Stripe cannot be asked", async () => {
    const stripe = standInStripe();
    const organization = await newBuyer();
    await buy(organization);
    stripe.controls.failNext({ kind: "lost", times: 10 });
    const closed = await api("PATCH", `/api/v1/admin/organizations/${organization.id}`, {
      key: await adminKey(),
      body: { state: "closed" },
    });
    expect([closed.status, closed.body.state]).toEqual([200, "closed"]);
  });
});

test("auto top-up that cannot be turned on says why, and stands in the audit as refused", async () => {
  standInStripe();
  const browser = await visitor(await newBuyer());
  const asked = { when: "euros", threshold: "5", amount: "25", per_day: "3", cap: "100", consent: "yes" };
  const refused = await browser.post("/billing/auto-top-up", { ...asked, now: "yes" });
  expect(refused.status).toBe(422);
  expect(await refused.text()).toContain("No card is saved yet");
  expect((await auditRows(browser))[0]?.[2]).toMatch(/^Set auto top-up\s+Refused/);
});

test("a secret that may not be replaced yet is not in the audit as replaced", async () => {
  const organization = await newOrganization();
  const browser = await visitor(organization);
  await submit(browser, "/billing/webhooks", "Create endpoint", { url: "https://hooks.example.com/x" });
  const { body } = await ask(organization, "GET", "/webhook_endpoints");
  const path = `/billing/webhooks/${body.webhook_endpoints[0].id}/rotate`;
  expect((await browser.post(path)).status).toBe(200);
  const before = await auditRows(browser);
  expect(await (await browser.post(path)).text()).not.toContain("whsec_");
  expect(await auditRows(browser)).toEqual(before);
});

test("credit that was taken back is not shown as credit that is there", async () => {
  const stripe = standInStripe();
  const organization = await newBuyer();
  const { payment_intent_id, purchase_id } = await bought(stripe, organization);
  stripe.controls.openDispute(payment_intent_id, { amount_cents: 1_210 });
  await stripe.controls.webhooks.deliverAll();
  const path = `/billing/credits/result?purchase_id=${purchase_id}`;
  const page = await (await visitor(organization)).page(path);
  expect(page).not.toContain("Calls can use it");
  expect(factsOf(page)["Taken back since (refund or dispute)"]).toBe("-€10.00");
});
