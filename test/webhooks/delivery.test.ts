import { Webhook } from "standardwebhooks";
import { afterEach, expect, it, vi } from "vitest";
import { receiver } from "../stand-in/receiver";
import type { Json } from "../support/api/api";
import {
  adjust,
  ask,
  authorize,
  call,
  newOrganization,
  node,
  type TestOrganization,
} from "../support/api/organizations";

const URL_OF_A = "https://hooks.customer-a.com/ringfence";
const URL_OF_B = "https://hooks.customer-b.com/ringfence";

const standing: ReturnType<typeof receiver>[] = [];
const stand = (...parameters: Parameters<typeof receiver>) => {
  const one = receiver(...parameters);
  standing.push(one);
  return one;
};
afterEach(() => {
  for (const one of standing.splice(0).reverse()) one.hangUp();
});

async function endpoint(organization: TestOrganization, body: Json = { url: URL_OF_A }): Promise<Json> {
  const made = await ask(organization, "POST", "/webhook_endpoints", { body });
  expect(made.status).toBe(201);
  return made.body;
}

async function deliveries(organization: TestOrganization, query = ""): Promise<Json[]> {
  return (await ask(organization, "GET", `/webhook_deliveries${query}`)).body.deliveries;
}

async function untilDelivery(organization: TestOrganization, is: (delivery: Json) => boolean): Promise<Json> {
  return vi.waitFor(async () => {
    const found = (await deliveries(organization)).find(is);
    if (!found) throw new Error("No such delivery yet.");
    return found;
  }, 10_000);
}

it("credit that is added is told, signed as Standard Webhooks and in the product's own form", async () => {
  const organization = await newOrganization();
  const { secret } = await endpoint(organization);
  const there = stand(URL_OF_A);
  await adjust(organization, 5_000_000);
  const [{ headers, text, event }] = (await there.waitFor("credits.added")) as [Json];
  expect(event).toMatchObject({
    type: "credits.added",
    body_version: 1,
    version: 1,
    organization_id: organization.id,
    data: {
      kind: "adjustment",
      amount_micros: 5_000_000,
      posted_micros: 5_000_000,
      remaining_micros: 5_000_000,
    },
  });
  expect(new Webhook(secret).verify(text, Object.fromEntries(headers))).toEqual(event);
  expect(headers.get("webhook-id")).toBe(event.id);
  const seconds = headers.get("x-webhook-timestamp");
  const key = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`${seconds}.${text}`));
  const hex = [...new Uint8Array(mac)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  expect(headers.get("x-webhook-signature")).toBe(`sha256=${hex}`);
  expect(headers.get("x-webhook-event")).toBe("credits.added");
});

it("a call is told when it ends, and one that was refused, too; only to endpoints that want it", async () => {
  const organization = await newOrganization(1_000_000);
  await endpoint(organization, { url: URL_OF_A, events: ["call.settled"] });
  await endpoint(organization, { url: URL_OF_B, events: ["call.rejected"] });
  const a = stand(URL_OF_A);
  const b = stand(URL_OF_B);
  await call(organization, "told-1", 30_000);
  const [settled] = await a.waitFor("call.settled");
  expect(settled?.event.data).toMatchObject({
    call_id: "told-1",
    outcome: "settled",
    billable_seconds: 30,
    charged_micros: 35_000,
  });
  await adjust(organization, -965_000);
  await authorize(organization, "told-2");
  const [rejected] = await b.waitFor("call.rejected");
  expect(rejected?.event.data).toMatchObject({ call_id: "told-2", reason: "insufficient_credits" });
  expect(a.received).toHaveLength(1);
  expect(b.received).toHaveLength(1);
});

it("what happened while nobody listened is not told afterwards", async () => {
  const organization = await newOrganization(1_000_000);
  await call(organization, "before", 1_000);
  await endpoint(organization);
  const there = stand(URL_OF_A);
  await call(organization, "after", 1_000);
  await there.waitFor("call.settled");
  expect(there.ofType("call.settled").map(({ event }) => event.data.call_id)).toEqual(["after"]);
});

it("an alert is told during the call that crosses it, once, and again only when it was armed again", async () => {
  const organization = await newOrganization(700_000);
  await ask(organization, "PUT", "/alerts", {
    body: { alerts: [{ minutes: 9 }, { amount_micros: 100_000 }] },
  });
  await endpoint(organization, { url: URL_OF_A, events: ["balance.low"] });
  const there = stand(URL_OF_A);
  await authorize(organization, "live");
  await node(organization, "live/answered");
  await node(organization, "live/renew", { request_number: 1, elapsed_seconds: 5 });
  expect(there.received).toHaveLength(0);
  await adjust(organization, -100_000);
  const [low] = await there.waitFor("balance.low");
  expect(low?.event.data).toMatchObject({ threshold: { minutes: 9 }, remaining_micros: 594_167 });
  await adjust(organization, 1_000);
  await adjust(organization, -1_000);
  await adjust(organization, 60_000);
  await adjust(organization, -60_000);
  const lows = await there.waitFor("balance.low", 2);
  expect(lows).toHaveLength(2);
  expect((await ask(organization, "GET", "/alerts")).body.alerts).toEqual([
    { minutes: 9, has_gone_off: true },
    { amount_micros: 100_000, has_gone_off: false },
  ]);
});

it("credit that is used up, and a balance below zero, are told once each", async () => {
  const organization = await newOrganization(70_000);
  await endpoint(organization, { url: URL_OF_A, events: ["balance.exhausted", "balance.negative"] });
  const there = stand(URL_OF_A);
  await adjust(organization, -69_500);
  await there.waitFor("balance.exhausted");
  expect(there.ofType("balance.negative")).toHaveLength(0);
  await adjust(organization, -1_000);
  await adjust(organization, -1_000);
  await there.waitFor("balance.negative");
  expect(there.received.map(({ event }) => event.type)).toEqual(["balance.exhausted", "balance.negative"]);
});

it("a receiver that fails is tried again later, with the same id, and its answer can be seen", async () => {
  const organization = await newOrganization();
  await endpoint(organization, { url: URL_OF_A, events: ["credits.added"] });
  stand(URL_OF_A, () => new Response("<h1>away</h1>", { status: 500 }));
  await adjust(organization, 1_000_000);
  const delivery = await untilDelivery(organization, ({ tries }) => tries === 1);
  expect(delivery).toMatchObject({
    state: "pending",
    attempts: [{ status: 500, excerpt: "<h1>away</h1>", error: null }],
  });
  const wait_ms = Date.parse(delivery.next_try_at) - Date.parse(delivery.attempts[0].at);
  expect(wait_ms).toBeGreaterThanOrEqual(5_000);
  expect(wait_ms).toBeLessThan(10_000);
  const there = stand(URL_OF_A);
  const path = `/webhook_endpoints/${delivery.endpoint_id}/deliveries/${delivery.event_id}/resend`;
  expect((await ask(organization, "POST", path)).status).toBe(202);
  const [again] = await there.waitFor("credits.added");
  expect(again?.event.id).toBe(delivery.event_id);
  const after = await untilDelivery(organization, ({ state }) => state === "delivered");
  expect(after.attempts.map(({ status }: Json) => status)).toEqual([500, 204]);
});

it("a redirect is not followed", async () => {
  const organization = await newOrganization();
  await endpoint(organization);
  stand(
    URL_OF_A,
    () => new Response(null, { status: 302, headers: { Location: "http://169.254.169.254/" } }),
  );
  await adjust(organization, 1_000_000);
  const delivery = await untilDelivery(organization, ({ tries }) => tries === 1);
  expect(delivery).toMatchObject({ state: "pending", attempts: [{ status: 302 }] });
});

it("an endpoint that says it is gone is disabled, and its owner can enable it and have the rest sent", async () => {
  const organization = await newOrganization();
  const { id } = await endpoint(organization, { url: URL_OF_A, events: ["credits.added"] });
  stand(URL_OF_A, () => new Response(null, { status: 410 }));
  const since = new Date().toISOString();
  await adjust(organization, 1_000_000);
  await untilDelivery(organization, ({ state }) => state === "failed");
  const { webhook_endpoints } = (await ask(organization, "GET", "/webhook_endpoints")).body;
  expect(webhook_endpoints).toMatchObject([{ id, state: "disabled", disabled_because: "gone" }]);
  expect((await ask(organization, "POST", `/webhook_endpoints/${id}/test`)).status).toBe(409);
  const there = stand(URL_OF_A);
  await ask(organization, "PATCH", `/webhook_endpoints/${id}`, { body: { enabled: true } });
  const resent = await ask(organization, "POST", `/webhook_endpoints/${id}/resend_failed`, {
    body: { since },
  });
  expect(resent.body).toEqual({ count: 1, some_left: false });
  await there.waitFor("credits.added");
});

it("while a secret is being replaced both sign, and it cannot be replaced again", async () => {
  const organization = await newOrganization();
  const { id, secret } = await endpoint(organization);
  const rotated = await ask(organization, "POST", `/webhook_endpoints/${id}/rotate_secret`);
  expect(rotated.body.secret).not.toBe(secret);
  expect((await ask(organization, "POST", `/webhook_endpoints/${id}/rotate_secret`)).status).toBe(409);
  const there = stand(URL_OF_A);
  await ask(organization, "POST", `/webhook_endpoints/${id}/test`);
  const [{ text, headers }] = (await there.waitFor("webhook.test")) as [Json];
  for (const each of [secret, rotated.body.secret])
    expect(() => new Webhook(each).verify(text, Object.fromEntries(headers))).not.toThrow();
});
