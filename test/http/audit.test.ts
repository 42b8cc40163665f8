import { expect, test } from "vitest";
import { api } from "../support/api/api";
import { auditBy } from "../support/api/audit";
import { adminKey, ask, newOrganization } from "../support/api/organizations";
import { newCustomer } from "../support/purchases/billing-profile";
import { standInStripe } from "../support/purchases/stripe";

/** Without looks: reading the audit is one. */
async function changesBy(query: Record<string, string>) {
  return (await auditBy(query)).filter(({ action }) => action !== "organization.look");
}

test("a purchase says once who started it, and what was refused says why", async () => {
  standInStripe();
  const organization = await newCustomer();
  const buy = (net_cents: number, key: string) =>
    ask(organization, "POST", "/purchases", { body: { net_cents }, headers: { "Idempotency-Key": key } });
  expect((await buy(2_500, "first")).status).toBe(201);
  expect((await buy(2_500, "first")).status).toBe(201);
  expect((await buy(5_000, "first")).status).toBe(409);
  const rows = await changesBy({ organization_id: organization.id });
  const started = rows.filter(({ action }) => action === "purchase.start");
  expect(started).toMatchObject([
    { outcome: "refused", code: "idempotency_conflict", detail: { net_cents: 5_000 } },
    { outcome: "done", code: null, detail: { net_cents: 2_500, save_card: false } },
  ]);
  expect(started[0]?.key_id).toMatch(/^key_/);
});

test("refused purchases of one key are written down twenty times an hour", async () => {
  standInStripe();
  const organization = await newCustomer();
  for (let at = 0; at < 25; at++) {
    const headers = { "Idempotency-Key": `too little ${at}`.replaceAll(" ", "-") };
    const answer = await ask(organization, "POST", "/purchases", { body: { net_cents: 1 }, headers });
    expect(answer.status).toBe(422);
  }
  const rows = await changesBy({ organization_id: organization.id });
  const refused = rows.filter(({ outcome }) => outcome === "refused");
  expect(refused.length).toBeGreaterThanOrEqual(20);
  expect(refused.length).toBeLessThan(25);
});

test("a purchase whose page could not be made was not refused", async () => {
  const stripe = standInStripe();
  const organization = await newCustomer();
  const headers = { "Idempotency-Key": "twice" };
  const buy = () => ask(organization, "POST", "/purchases", { body: { net_cents: 2_500 }, headers });
  stripe.controls.failNext({ method: "POST", path: /checkout\/sessions$/, kind: "500", times: 2 });
  expect((await buy()).status).toBe(503);
  const bought = await buy();
  expect(bought.status).toBe(201);
  const rows = await changesBy({ organization_id: organization.id });
  expect(rows.filter(({ action }) => action === "purchase.start")).toMatchObject([
    { outcome: "done", detail: { purchase_id: bought.body.id } },
  ]);
});

test("what an organization does not have leaves no row when it is to be removed", async () => {
  const organization = await newOrganization();
  const before = await changesBy({ organization_id: organization.id });
  const id = "01k9z3v8qhe1w9m4c7d2x5n6tp";
  for (const path of [`/api_keys/key_${id}`, `/webhook_endpoints/whe_${id}`, `/portal_sessions/pse_${id}`])
    expect((await ask(organization, "DELETE", path)).status).toBe(404);
  const nobodys = await api("DELETE", "/api/v1/admin/numbers/+31205559999", { key: await adminKey() });
  expect(nobodys.status).toBe(404);
  expect(await changesBy({ organization_id: organization.id })).toEqual(before);
  expect((await changesBy({})).filter(({ action }) => action === "number.free")).toEqual([]);
});

test("the end of a key that there is not leaves no row", async () => {
  const key_id = "key_01k9z3v8qhe1w9m4c7d2x5n6tp";
  const answer = await api("DELETE", `/api/v1/admin/keys/${key_id}`, { key: await adminKey() });
  expect(answer.status).toBe(404);
  const rows = await changesBy({});
  expect(rows.filter(({ detail }) => detail.key_id === key_id)).toEqual([]);
});
