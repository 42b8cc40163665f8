import { expect, test } from "vitest";
import { api } from "../support/api/api";
import { auditBy } from "../support/api/audit";
import { adminKey, ask, newOrganization, newPlatformKey } from "../support/api/organizations";
import { open, portalLink, visitor } from "../support/dashboard/visitor";
import { newCustomer } from "../support/purchases/billing-profile";
import { bought } from "../support/purchases/buying";
import { standInStripe } from "../support/purchases/stripe";

const PERSON = { key_id: "user:user-1", actor_kind: "person", actor_name: "J. Jansen" };

test("a link that signs in is written down once, and each use of it afterwards as refused", async () => {
  const organization = await newOrganization();
  const link = await portalLink(organization);
  expect((await open(link, { "CF-Connecting-IP": "192.0.2.7" })).status).toBe(303);
  for (let at = 0; at < 25; at++) await open(link);
  const rows = (await auditBy({ organization_id: organization.id })).filter(
    ({ action }) => action === "portal_session.sign_in",
  );
  const refused = rows.filter(({ outcome }) => outcome === "refused");
  expect(rows.filter(({ outcome }) => outcome === "done")).toMatchObject([
    { ...PERSON, session_id: expect.stringMatching(/^pse_/), address: "192.0.2.7" },
  ]);
  expect(refused[0]).toMatchObject({ ...PERSON, code: "link_used" });
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThanOrEqual(21);
});

test("a link that is not ours leaves no row", async () => {
  const before = await auditBy({});
  await open("https://ringfence.test/billing/enter?link=nonsense");
  expect(await auditBy({})).toEqual(before);
});

test("who leaves and who chooses another language is written down, once", async () => {
  const organization = await newOrganization();
  const browser = await visitor(organization);
  await browser.post("/billing/language", { language: "nl" });
  await browser.post("/billing/language", { language: "nl" });
  await browser.post("/billing/sign-out");
  await browser.post("/billing/sign-out");
  const rows = await auditBy({ organization_id: organization.id });
  expect(rows.filter(({ actor_kind }) => actor_kind === "person")).toMatchObject([
    { action: "portal_session.sign_out", outcome: "done", ...PERSON },
    { action: "portal_session.language", outcome: "done", detail: { language: "nl" }, ...PERSON },
    { action: "portal_session.sign_in", outcome: "done", ...PERSON },
  ]);
});

test("every file that leaves is written down, by both doors, and HEAD is none", async () => {
  const stripe = standInStripe();
  const organization = await newCustomer();
  await bought(stripe, organization);
  const browser = await visitor(organization);
  const { body } = await ask(organization, "GET", "/invoices");
  const [{ id, number }] = body.invoices;
  await (await browser.get("/billing/usage/calls.csv")).text();
  await (await browser.get(`/billing/invoices/${id}/pdf`)).arrayBuffer();
  for (const path of ["/usage?format=csv&start_date=2026-01-01", `/invoices/${id}/pdf`])
    expect([path, (await ask(organization, "GET", path)).status]).toEqual([path, 200]);
  await ask(organization, "HEAD", "/usage?format=csv");
  await ask(organization, "GET", "/invoices/in_unknown/pdf");
  const rows = await auditBy({ organization_id: organization.id });
  const exported = rows.filter(({ action }) => action.startsWith("export."));
  expect(exported).toMatchObject([
    { action: "export.document", actor_kind: "organization_key", detail: { invoice_id: id, number } },
    { action: "export.calls", actor_kind: "organization_key", detail: { from_ms: Date.UTC(2026, 0, 1) } },
    { action: "export.document", ...PERSON },
    { action: "export.calls", ...PERSON, detail: { from_ms: expect.any(Number) } },
  ]);
  for (const row of exported) expect(row).toMatchObject({ outcome: "done", request_id: expect.any(String) });
});

test("the page for a card is written down once, and the card that is kept by it", async () => {
  standInStripe();
  const organization = await newCustomer();
  const headers = { "Idempotency-Key": "a-card" };
  for (let times = 0; times < 2; times++)
    expect((await ask(organization, "POST", "/payment_method/setup", { body: {}, headers })).status).toBe(
      201,
    );
  const rows = await auditBy({ organization_id: organization.id });
  expect(rows.filter(({ action }) => action.startsWith("payment_method."))).toMatchObject([
    { action: "payment_method.set_up", outcome: "done", actor_kind: "organization_key" },
  ]);
});

test("what an operator reads of an organization is written down, each part once in ten minutes", async () => {
  const organization = await newOrganization();
  const key = await newPlatformKey("admin");
  const path = `/api/v1/admin/organizations/${organization.id}`;
  for (let times = 0; times < 3; times++)
    for (const part of ["", "/ledger", "/purchases", "/audit", "/numbers"])
      expect((await api("GET", path + part, { key })).status).toBe(200);
  await api("GET", `${path}/nothing`, { key });
  const rows = await auditBy({ organization_id: organization.id });
  const looks = rows.filter(({ action, key_id }) => action === "organization.look" && key_id !== undefined);
  const parts = looks
    .filter(({ key_id }) => key_id === looks.at(-1)?.key_id)
    .map(({ detail }) => detail.part);
  expect(parts.sort()).toEqual(["audit", "ledger", "numbers", "profile", "purchases"]);
  const unknown = "/api/v1/admin/organizations/org_01k9z3v8qhe1w9m4c7d2x5n6tp/ledger";
  expect((await api("GET", unknown, { key: await adminKey() })).status).toBe(404);
  expect(await auditBy({ organization_id: "org_01k9z3v8qhe1w9m4c7d2x5n6tp" })).toEqual([]);
});
