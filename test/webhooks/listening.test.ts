import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { OrganizationWebhooks } from "../../src/webhooks/object/organization-webhooks";
import { OPERATOR } from "../../src/webhooks/operator";
import { api, type Json } from "../support/api/api";
import { adjust, adminKey, ask, authorize, call, newOrganization, node } from "../support/api/organizations";
import { runAlarm } from "../support/ledger/retention";
import { newEndpoint, receiversForFile, thinking, URL_OF_A, URL_OF_B } from "../support/webhook-endpoints";

const DAY_MS = 86_400_000;

const stand = receiversForFile();
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const amounts = (received: { event: Json }[]) => received.map(({ event }) => event.data.amount_micros);

it("an alert is told at the renewal that crosses it, while the call is live", async () => {
  const organization = await newOrganization(700_000);
  await ask(organization, "PUT", "/alerts", { body: { alerts: [{ amount_micros: 695_000 }] } });
  await newEndpoint(organization, { url: URL_OF_A, events: ["balance.low"] });
  const there = stand(URL_OF_A);
  await authorize(organization, "live");
  await node(organization, "live/answered");
  await node(organization, "live/renew", { request_number: 1, elapsed_seconds: 4 });
  expect((await ask(organization, "GET", "/alerts")).body.alerts[0].has_gone_off).toBe(false);
  await node(organization, "live/renew", { request_number: 2, elapsed_seconds: 5 });
  const [low] = await there.waitFor("balance.low");
  expect(low?.event.data).toMatchObject({
    threshold: { amount_micros: 695_000 },
    posted_micros: 700_000,
    remaining_micros: 700_000 - 5_833,
  });
  expect((await ask(organization, "GET", "/account")).body.active_calls).toBe(1);
});

it("a runway alert counts the calls that are live", async () => {
  const organization = await newOrganization(1_000_000);
  await ask(organization, "PUT", "/alerts", { body: { alerts: [{ runway_minutes: 10 }] } });
  await newEndpoint(organization, { url: URL_OF_A, events: ["balance.low"] });
  const there = stand(URL_OF_A);
  await authorize(organization, "one");
  await node(organization, "one/answered");
  expect((await ask(organization, "GET", "/account")).body.runway.minutes).toBeGreaterThan(14);
  expect((await ask(organization, "GET", "/alerts")).body.alerts[0].has_gone_off).toBe(false);
  await authorize(organization, "two");
  await node(organization, "two/answered");
  const [low] = await there.waitFor("balance.low");
  expect(low?.event.data).toMatchObject({ threshold: { runway_minutes: 10 }, runway_minutes: 7.14 });
});

it("credit is told with what remains after it, however late it is told", async () => {
  const organization = await newOrganization(1_000_000);
  await newEndpoint(organization, { url: URL_OF_A, events: ["credits.added"] });
  const there = stand(URL_OF_A);
  vi.spyOn(console, "error").mockImplementation(() => {});
  const away = vi.spyOn(OrganizationWebhooks.prototype, "take").mockImplementation(() => {
    throw new Error("The object is away.");
  });
  await adjust(organization, 2_000_000);
  await adjust(organization, 3_000_000);
  await vi.waitFor(() => expect(away).toHaveBeenCalled());
  away.mockRestore();
  await runDurableObjectAlarm(env.LEDGER.getByName(organization.id));
  const told = await there.waitFor("credits.added", 2);
  expect(told.map(({ event: { data } }) => [data.posted_micros, data.remaining_micros]).sort()).toEqual([
    [3_000_000, 3_000_000],
    [6_000_000, 6_000_000],
  ]);
});

it("who begins to listen while others are told hears nothing of what was before", async () => {
  const organization = await newOrganization(10_000_000);
  await newEndpoint(organization, { url: URL_OF_A, events: ["balance.low"] });
  await call(organization, "before", 1_000);
  await adjust(organization, 1_000_000);
  const [a, b] = [stand(URL_OF_A), stand(URL_OF_B)];
  const { take } = OrganizationWebhooks.prototype;
  const telling = thinking();
  vi.spyOn(OrganizationWebhooks.prototype, "take").mockImplementationOnce(async function (
    this: OrganizationWebhooks,
    ...parameters: Parameters<typeof take>
  ) {
    await telling.answer();
    return take.apply(this, parameters);
  } as unknown as typeof take);
  await adjust(organization, -10_000_000);
  await newEndpoint(organization, { url: URL_OF_B, events: ["credits.added", "call.settled"] });
  telling.give();
  await a.waitFor("balance.low");
  await adjust(organization, 2_000_000);
  expect(amounts(await b.waitFor("credits.added"))).toEqual([2_000_000]);
  await call(organization, "after", 1_000);
  const calls = await b.waitFor("call.settled");
  expect(calls.map(({ event }) => event.data.call_id)).toEqual(["after"]);
});

it("webhooks that never answer hold up neither the ledger's alarm nor what is told later", async () => {
  const organization = await newOrganization();
  await newEndpoint(organization, { url: URL_OF_A, events: ["credits.added"] });
  const there = stand(URL_OF_A);
  vi.spyOn(console, "error").mockImplementation(() => {});
  const take = vi.spyOn(OrganizationWebhooks.prototype, "take");
  take.mockImplementation(() => new Promise(() => {}) as never);
  const { setTimeout: wait } = globalThis;
  const hurry = ((work: () => void, ms = 0) => wait(work, ms / 100)) as typeof setTimeout;
  vi.spyOn(globalThis, "setTimeout").mockImplementation(hurry);
  await adjust(organization, 1_000_000);
  const ledger = env.LEDGER.getByName(organization.id);
  await runDurableObjectAlarm(ledger);
  take.mockRestore();
  await runDurableObjectAlarm(ledger);
  await there.waitFor("credits.added");
});

it("customers are told while the operators' object is away, and operators when it is back", async () => {
  const organization = await newOrganization(24_000);
  await newEndpoint(organization, { url: URL_OF_A, events: ["call.settled"] });
  const key = await adminKey();
  const made = await api("POST", "/api/v1/admin/webhook_endpoints", { key, body: { url: URL_OF_B } });
  const [there, operator] = [stand(URL_OF_A), stand(URL_OF_B)];
  vi.spyOn(console, "error").mockImplementation(() => {});
  const { take } = OrganizationWebhooks.prototype;
  const away = vi.spyOn(OrganizationWebhooks.prototype, "take").mockImplementation(function (
    this: OrganizationWebhooks,
    ...parameters: Parameters<typeof take>
  ) {
    if (parameters[0].organization_id === OPERATOR) throw new Error("The operators' object is away.");
    return take.apply(this, parameters);
  });
  await authorize(organization, "over");
  await node(organization, "over/settle", { duration_ms: 40_000, end_reason: "hangup" });
  await adjust(organization, 10_000_000);
  const call_ids = Array.from({ length: 150 }, (_, n) => `call-${n}`);
  const parties = { direction: "outbound", from: "+31201234567", to: "+31207654321" };
  const of = { organization_id: organization.id };
  const operations = call_ids.flatMap((call_id) => [
    { op: "authorize", call_id, ...of, ...parties },
    { op: "settle", call_id, ...of, duration_ms: 1_000, end_reason: "hangup" },
  ]);
  await api("POST", "/api/v1/edge/operations", { key: organization.edge_key, body: { operations } });
  await vi.waitFor(() => expect(away).toHaveBeenCalled());
  await runDurableObjectAlarm(env.LEDGER.getByName(organization.id));
  await runDurableObjectAlarm(env.LEDGER.getByName(organization.id));
  await there.waitFor("call.settled", 151);
  away.mockRestore();
  await runDurableObjectAlarm(env.LEDGER.getByName(organization.id));
  await operator.waitFor("ops.call_overrun");
  await api("DELETE", `/api/v1/admin/webhook_endpoints/${made.body.id}`, { key });
});

it("a ledger that was restored to a time before its endpoints tells them again from its new epoch on", async () => {
  const organization = await newOrganization();
  await newEndpoint(organization, { url: URL_OF_A, events: ["credits.added"] });
  const there = stand(URL_OF_A);
  // As a restore leaves it: nobody listened at that time.
  await runInDurableObject(env.LEDGER.getByName(organization.id), (object) => object.setWanted([]));
  const path = `/api/v1/admin/organizations/${organization.id}/epoch`;
  const begun = await api("POST", path, { key: await adminKey(), body: { epoch: 2 } });
  expect(begun.status).toBe(200);
  await adjust(organization, 1_000_000);
  expect(amounts(await there.waitFor("credits.added"))).toEqual([1_000_000]);
});

it("entries that nobody could be told of do not leave the ledger, however old they are", async () => {
  const organization = await newOrganization();
  await newEndpoint(organization, { url: URL_OF_A, events: ["credits.added"] });
  const there = stand(URL_OF_A);
  vi.spyOn(console, "error").mockImplementation(() => {});
  const away = vi.spyOn(OrganizationWebhooks.prototype, "take").mockImplementation(() => {
    throw new Error("The object is away.");
  });
  await adjust(organization, 1_000_000);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 401 * DAY_MS });
  const ledger = { stub: () => env.LEDGER.getByName(organization.id) };
  await runAlarm(ledger);
  away.mockRestore();
  await runAlarm(ledger);
  expect(amounts(await there.waitFor("credits.added"))).toEqual([1_000_000]);
});
