import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { runBatch } from "../../src/notifications/deliver";
import type { OrganizationWebhooks } from "../../src/webhooks/object/organization-webhooks";
import { api, type Json } from "../support/api/api";
import { adjust, adminKey, ask, newOrganization } from "../support/api/organizations";
import {
  captureBatches,
  deliveriesOf,
  endpointsOf,
  newEndpoint,
  receiversForFile,
  URL_OF_A,
  URL_OF_B,
  untilDelivery,
} from "../support/webhook-endpoints";

const RESOLVER = "https://resolver.example.com/dns-query";

const stand = receiversForFile();
const real_fetch = globalThis.fetch;
afterEach(() => {
  vi.useRealTimers();
  globalThis.fetch = real_fetch;
});

it.each(["", "whsec_", "whsec_c2hvcnQ=", "a-secret-without-its-form-that-is-long-enough"])(
  "no endpoint can be made with the secret %j",
  async (secret) => {
    const organization = await newOrganization();
    const owner = { organization_id: organization.id, jurisdiction: null };
    const settings = { url: URL_OF_A, description: "", events: null };
    const refused = await runInDurableObject(
      env.WEBHOOKS.getByName(organization.id),
      (object: OrganizationWebhooks) => {
        try {
          object.addEndpoint(owner, "whe_01k9z3v8qhe1w9m4c7d2x5n6tp", settings, secret);
          return false;
        } catch (error) {
          return String(error).includes("CHECK constraint");
        }
      },
    );
    expect(refused).toBe(true);
    expect(await endpointsOf(organization)).toEqual([]);
  },
);

it("nobody can choose a secret, and each endpoint has one of its own of 32 bytes", async () => {
  const organization = await newOrganization();
  const body = { url: URL_OF_A, secret: "" };
  expect((await ask(organization, "POST", "/webhook_endpoints", { body })).status).toBe(400);
  const made = await Promise.all([1, 2].map(() => newEndpoint(organization)));
  for (const { secret } of made) expect(atob(secret.slice("whsec_".length))).toHaveLength(32);
  expect(made[0]?.secret).not.toBe(made[1]?.secret);
  expect(JSON.stringify(await endpointsOf(organization))).not.toContain("whsec_");
});

it("an address that was shortened for readers is not taken for the whole", async () => {
  const organization = await newOrganization();
  const { id } = await newEndpoint(organization);
  const body = { url: `${new URL(URL_OF_A).origin}/…` };
  const changed = await ask(organization, "PATCH", `/webhook_endpoints/${id}`, { body });
  expect(changed).toMatchObject({ status: 422, body: { error: { param: "url" } } });
  expect(await endpointsOf(organization)).toMatchObject([{ url: URL_OF_A }]);
});

it("there are ten endpoints at most", async () => {
  const organization = await newOrganization();
  for (let n = 0; n < 10; n++) await newEndpoint(organization, { url: `${URL_OF_A}/${n}` });
  const eleventh = await ask(organization, "POST", "/webhook_endpoints", { body: { url: URL_OF_A } });
  expect(eleventh.status).toBe(422);
  expect(await endpointsOf(organization)).toHaveLength(10);
});

it("deliveries are listed in pages, each once, the newest first", async () => {
  const organization = await newOrganization();
  await newEndpoint(organization, { url: URL_OF_A, events: ["credits.added"] });
  await newEndpoint(organization, { url: URL_OF_B, events: ["credits.added"] });
  await captureBatches(organization);
  for (const amount of [1, 2, 3]) await adjust(organization, amount * 1_000_000);
  await vi.waitFor(async () => expect(await deliveriesOf(organization)).toHaveLength(6));
  const seen: Json[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query: string = cursor && `&cursor=${cursor}`;
    const { body } = await ask(organization, "GET", `/webhook_deliveries?limit=2${query}`);
    expect(body.deliveries.length).toBeGreaterThan(0);
    seen.push(...body.deliveries);
    cursor = body.next_cursor;
  }
  expect(seen).toEqual(await deliveriesOf(organization));
  expect(seen).toHaveLength(6);
  const ids = seen.map(({ event_id }) => event_id);
  expect(ids).toEqual([...ids].sort().reverse());
});

it("hundreds that were given up are all sent again, a portion at a time", async () => {
  const organization = await newOrganization();
  const { id } = await newEndpoint(organization, { url: URL_OF_A, events: ["credits.added"] });
  const { giveBack } = await captureBatches(organization);
  const webhooks = env.WEBHOOKS.getByName(organization.id);
  const owner = { organization_id: organization.id, jurisdiction: null };
  const data = { currency: "EUR", posted_micros: 1, remaining_micros: 1, kind: "adjustment" } as const;
  const events = Array.from({ length: 501 }, (_, n) => ({
    id: `evt_01k9z3v8qhe1w9m4c7d2x5${String(n).padStart(4, "0")}`,
    type: "credits.added" as const,
    occurred_at_ms: Date.now(),
    data: { ...data, amount_micros: 1, purchase_id: null },
  }));
  await webhooks.take(owner, events);
  const path = `/webhook_endpoints/${id}`;
  await ask(organization, "PATCH", path, { body: { enabled: false } });
  await ask(organization, "PATCH", path, { body: { enabled: true } });
  await giveBack();
  const there = stand(URL_OF_A);
  const again = { body: { since: "2026-01-01T00:00:00Z" } };
  const first = await ask(organization, "POST", `${path}/resend_failed`, again);
  expect(first.body).toEqual({ count: 500, some_left: true });
  const second = await ask(organization, "POST", `${path}/resend_failed`, again);
  expect(second.body).toEqual({ count: 1, some_left: false });
  await there.waitFor("credits.added", 501);
  expect(new Set(there.received.map(({ event }) => event.id)).size).toBe(501);
});

it("operators choose among their own events and are sent a test like anybody", async () => {
  const key = await adminKey();
  const make = (events: string[]) =>
    api("POST", "/api/v1/admin/webhook_endpoints", { key, body: { url: URL_OF_A, events } });
  expect((await make(["balance.low"])).status).toBe(400);
  const { status, body } = await make(["ops.call_lost"]);
  expect(status).toBe(201);
  const organization = await newOrganization();
  const refused = await ask(organization, "POST", "/webhook_endpoints", {
    body: { url: URL_OF_A, events: ["ops.call_lost"] },
  });
  expect(refused.status).toBe(400);
  const there = stand(URL_OF_A);
  const path = `/api/v1/admin/webhook_endpoints/${body.id}`;
  expect((await api("POST", `${path}/test`, { key })).status).toBe(201);
  await there.waitFor("webhook.test");
  await api("DELETE", path, { key });
});

/** A resolver that says where each name leads; what is asked of others goes on. */
function resolver(address: () => string): void {
  const before = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const url = new Request(input, init).url;
    if (!url.startsWith(RESOLVER)) return before(input, init);
    return Response.json({ Status: 0, Answer: [{ type: 1, data: address() }] });
  };
}

it("a name that leads into a private network is refused at registration and again before each try", async () => {
  const organization = await newOrganization();
  const bindings = { WEBHOOK_RESOLVER_URL: RESOLVER };
  let address = "169.254.169.254";
  const there = stand(URL_OF_A);
  resolver(() => address);
  const make = (url: string) => ask(organization, "POST", "/webhook_endpoints", { body: { url }, bindings });
  const refused = await make("https://inside.customer-a.com/ringfence");
  expect(refused.status).toBe(422);
  expect(refused.body.error).toMatchObject({ param: "url" });
  address = "93.184.216.34";
  expect((await make(URL_OF_A)).status).toBe(201);
  const { errands } = await captureBatches(organization);
  await adjust(organization, 1_000_000);
  await vi.waitFor(() => expect(errands).toHaveLength(1));
  // A minute later the name is looked up again, and leads elsewhere.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
  address = "10.0.0.1";
  for (const errand of errands) await (await runBatch({ ...env, ...bindings }, errand))();
  const { attempts } = await untilDelivery(organization, ({ tries }) => tries === 1);
  expect(attempts).toMatchObject([{ status: null, error: "The address leads into a private network." }]);
  expect(there.received).toHaveLength(0);
});

it("tables of an earlier version are brought up to date once, and what they have stays", async () => {
  const organization = await newOrganization();
  const { id } = await newEndpoint(organization);
  const webhooks = env.WEBHOOKS.getByName(organization.id);
  await runInDurableObject(webhooks, (_, { storage }) => {
    storage.sql.exec("DROP INDEX delivery_failed");
    storage.sql.exec("UPDATE profile SET schema_version = 1");
  });
  for (let life = 1; life <= 2; life++) {
    await evictDurableObject(webhooks);
    expect(await endpointsOf(organization)).toMatchObject([{ id }]);
  }
});
