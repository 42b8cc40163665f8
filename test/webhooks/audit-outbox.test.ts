import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { auditBy } from "../support/api/audit";
import { factsIn } from "../support/api/audit-copied";
import { ask, newOrganization, type TestOrganization } from "../support/api/organizations";
import { failD1 } from "../support/failures/failing-d1";
import { newEndpoint, receiversForFile } from "../support/webhook-endpoints";

receiversForFile();
afterEach(() => {
  vi.restoreAllMocks();
});

async function actionsOf({ id }: TestOrganization, endpoint_id: string): Promise<string[]> {
  const rows = await auditBy({ organization_id: id });
  return rows.filter(({ detail }) => detail.endpoint_id === endpoint_id).map(({ action }) => action);
}

test("what changes an endpoint leaves one row, and a change to the same none", async () => {
  const organization = await newOrganization();
  const { id } = await newEndpoint(organization);
  const path = `/webhook_endpoints/${id}`;
  for (let times = 0; times < 2; times++) {
    await ask(organization, "PATCH", path, { body: { description: "orders" } });
    await ask(organization, "POST", `${path}/rotate_secret`, { headers: { "Idempotency-Key": "once" } });
  }
  for (let times = 0; times < 2; times++)
    await ask(organization, "POST", `${path}/test`, { headers: { "Idempotency-Key": "a-test" } });
  for (let times = 0; times < 2; times++) await ask(organization, "DELETE", path);
  expect(await actionsOf(organization, id)).toEqual([
    "webhook_endpoint.delete",
    "webhook_delivery.test",
    "webhook_endpoint.rotate_secret",
    "webhook_endpoint.change",
    "webhook_endpoint.create",
  ]);
});

test("with D1 away an endpoint is changed all the same; its row comes by the alarm", async () => {
  const organization = await newOrganization();
  const { id } = await newEndpoint(organization);
  const before = await actionsOf(organization, id);
  const stub = () => env.WEBHOOKS.getByName(organization.id);
  const repair = failD1();
  vi.spyOn(console, "error").mockImplementation(() => {});
  const changed = await ask(organization, "PATCH", `/webhook_endpoints/${id}`, { body: { enabled: false } });
  expect(changed.status).toBe(200);
  await evictDurableObject(stub());
  expect(await factsIn(stub())).toHaveLength(1);
  repair();
  expect(await runDurableObjectAlarm(stub())).toBe(true);
  expect(await actionsOf(organization, id)).toEqual(["webhook_endpoint.change", ...before]);
});
