import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, expect, it, vi } from "vitest";
import { runBatch } from "../../src/notifications/deliver";
import { hmacSha256, importHmacKey, toHex } from "../../src/units/digest";
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

const DAY_MS = 86_400_000;
const RESOLVER = "https://resolver.example.com/dns-query";

const stand = receiversForFile();
const real_fetch = globalThis.fetch;
const hmacHex = async (secret: string, text: string) =>
  toHex(await hmacSha256(await importHmacKey(secret), text));
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

it("a replaced secret signs for a day and not after it; then it can be replaced again", async () => {
  const organization = await newOrganization();
  const { id, secret } = await newEndpoint(organization);
  const path = `/webhook_endpoints/${id}`;
  const { body: rotated } = await ask(organization, "POST", `${path}/rotate_secret`);
  const there = stand(URL_OF_A);
  await ask(organization, "POST", `${path}/test`);
  const [during] = await there.waitFor("webhook.test");
  expect(during?.headers.get("webhook-signature")?.split(" ")).toHaveLength(2);
  expect(during?.headers.get("x-webhook-signature-previous")).toMatch(/^sha256=[0-9a-f]{64}$/);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + DAY_MS + 1 });
  await ask(organization, "POST", `${path}/test`);
  const [, after] = await there.waitFor("webhook.test", 2);
  expect(after?.headers.has("x-webhook-signature-previous")).toBe(false);
  const headers = Object.fromEntries(after?.headers ?? []);
  expect(() => new Webhook(rotated.secret).verify(after?.text ?? "", headers)).not.toThrow();
  expect(() => new Webhook(secret).verify(after?.text ?? "", headers)).toThrow();
  expect((await ask(organization, "POST", `${path}/rotate_secret`)).status).toBe(200);
});

it("while a secret is replaced a receiver of either secret goes on", async () => {
  const organization = await newOrganization();
  const { id, secret } = await newEndpoint(organization);
  const path = `/webhook_endpoints/${id}`;
  const rotated = await ask(organization, "POST", `${path}/rotate_secret`, {
    body: { keep_previous_seconds: 60 },
  });
  const until_ms = Date.parse(rotated.body.previous_secret_until);
  expect(until_ms).toBeGreaterThan(Date.now());
  expect(until_ms).toBeLessThanOrEqual(Date.now() + 60_000);
  const there = stand(URL_OF_A);
  await ask(organization, "POST", `${path}/test`);
  const [during] = await there.waitFor("webhook.test");
  const header = (name: string) => during?.headers.get(name);
  const signedBy = async (key: string) =>
    `sha256=${await hmacHex(key, `${header("x-webhook-timestamp")}.${during?.text}`)}`;
  expect(header("x-webhook-signature")).toBe(await signedBy(secret));
  expect(header("x-webhook-signature-previous")).toBe(await signedBy(secret));
  expect(header("x-webhook-signature-next")).toBe(await signedBy(rotated.body.secret));
  vi.useFakeTimers({ toFake: ["Date"], now: until_ms });
  await ask(organization, "POST", `${path}/test`);
  const [, after] = await there.waitFor("webhook.test", 2);
  const timestamp = after?.headers.get("x-webhook-timestamp");
  const alone = `sha256=${await hmacHex(rotated.body.secret, `${timestamp}.${after?.text}`)}`;
  expect(after?.headers.get("x-webhook-signature")).toBe(alone);
  expect(after?.headers.has("x-webhook-signature-next")).toBe(false);
});

it("a secret that has leaked signs nothing more from the moment it is ended", async () => {
  const organization = await newOrganization();
  const { id, secret: leaked } = await newEndpoint(organization);
  const path = `/webhook_endpoints/${id}`;
  const end_now = { body: { keep_previous_seconds: 0 } };
  const signatures = async (count: number) => {
    await ask(organization, "POST", `${path}/test`);
    const sent = (await there.waitFor("webhook.test", count)).at(-1);
    const headers = Object.fromEntries(sent?.headers ?? []);
    return { headers, text: sent?.text ?? "" };
  };
  const there = stand(URL_OF_A);
  const first = await ask(organization, "POST", `${path}/rotate_secret`);
  const second = await ask(organization, "POST", `${path}/rotate_secret`, end_now);
  expect(second.body.previous_secret_until).toBeNull();
  const sent = await signatures(1);
  for (const old of [leaked, first.body.secret])
    expect(() => new Webhook(old).verify(sent.text, sent.headers)).toThrow();
  expect(() => new Webhook(second.body.secret).verify(sent.text, sent.headers)).not.toThrow();
  const third = await ask(organization, "POST", `${path}/rotate_secret`);
  for (const _ of [1, 2]) {
    const ended = await ask(organization, "DELETE", `${path}/previous_secret`);
    expect(ended).toMatchObject({ status: 200, body: { id, previous_secret_until: null } });
  }
  const after = await signatures(2);
  expect(() => new Webhook(second.body.secret).verify(after.text, after.headers)).toThrow();
  expect(() => new Webhook(third.body.secret).verify(after.text, after.headers)).not.toThrow();
  const stored = await runInDurableObject(env.WEBHOOKS.getByName(organization.id), (_, { storage }) =>
    storage.sql.exec("SELECT previous_secret FROM endpoint").toArray(),
  );
  expect(stored).toEqual([{ previous_secret: null }]);
});

it.each([-1, 86_401, 0.5, "60", null])(
  "a secret is not replaced when it is to be kept for %j seconds",
  async (kept) => {
    const organization = await newOrganization();
    const { id, secret } = await newEndpoint(organization);
    const path = `/webhook_endpoints/${id}/rotate_secret`;
    const { status, body } = await ask(organization, "POST", path, { body: { keep_previous_seconds: kept } });
    expect(status).toBe(400);
    expect(body.error.param).toBe("keep_previous_seconds");
    const there = stand(URL_OF_A);
    await ask(organization, "POST", `/webhook_endpoints/${id}/test`);
    const [sent] = await there.waitFor("webhook.test");
    const headers = Object.fromEntries(sent?.headers ?? []);
    expect(() => new Webhook(secret).verify(sent?.text ?? "", headers)).not.toThrow();
  },
);

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
