import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, expect, it, vi } from "vitest";
import { hmacSha256, importHmacKey, toHex } from "../../src/units/digest";
import { ask, newOrganization } from "../support/api/organizations";
import { newEndpoint, receiversForFile, URL_OF_A } from "../support/webhook-endpoints";

const DAY_MS = 86_400_000;

const stand = receiversForFile();
const hmacHex = async (secret: string, text: string) =>
  toHex(await hmacSha256(await importHmacKey(secret), text));
afterEach(() => {
  vi.useRealTimers();
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

it.each<Record<string, string>>([
  {},
  { "Content-Type": "application/json" },
  { "Content-Type": "application/x-www-form-urlencoded" },
])("a secret is replaced by a request without a body, with the headers %j", async (headers) => {
  const organization = await newOrganization();
  const { id } = await newEndpoint(organization);
  const path = `/webhook_endpoints/${id}/rotate_secret`;
  const raw = {
    method: "POST",
    body: "",
    headers: { Authorization: `Bearer ${organization.key}`, ...headers },
  };
  const rotated = await exports.default.fetch(`https://ringfence.test/api/v1${path}`, raw);
  expect(rotated.status).toBe(200);
});
