import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createHmac, timingSafeEqual } from "node:crypto";
import { expect, it } from "vitest";
import { eventBody } from "../../src/webhooks/event-body";
import { eventId } from "../../src/webhooks/event-id";
import { theContract } from "../support/api/api";
import { adjust, ask, authorize, call, newOrganization, node } from "../support/api/organizations";
import { newEndpoint, receiversForFile, URL_OF_A, URL_OF_B } from "../support/webhook-endpoints";

const PERSON = "+31207654321";
const OWN = "+31201234567";
const stand = receiversForFile();

/** What a handler of the product's webhooks does: checks the signature as its client library has it, and looks into `message`. */
function handled({ headers, text }: { headers: Headers; text: string }, secret: string) {
  const timestamp = headers.get("x-webhook-timestamp") ?? "";
  const expected = Buffer.from(createHmac("sha256", secret).update(`${timestamp}.${text}`).digest("hex"));
  const given = Buffer.from((headers.get("x-webhook-signature") ?? "").replace(/^sha256=/, ""));
  expect(timingSafeEqual(given, expected)).toBe(true);
  return JSON.parse(text).message;
}

it("a handler of the product's call webhooks reads what happens to calls", async () => {
  const organization = await newOrganization(70_000);
  const { secret, format } = await newEndpoint(organization, { url: URL_OF_A, format: "product" });
  expect(format).toBe("product");
  const there = stand(URL_OF_A);
  const ofType = (type: string) => there.received.filter(({ event }) => event.message.type === type);
  const handledOf = async (type: string) => {
    await expect.poll(() => ofType(type).length, { timeout: 10_000 }).toBeGreaterThan(0);
    const [came = expect.fail("Nothing came.")] = ofType(type);
    expect((await theContract()).eventDifference(came.event)).toBeNull();
    return handled(came, secret);
  };
  await authorize(organization, "in", { direction: "inbound", from: PERSON, to: OWN });
  expect(await handledOf("call.final_unit")).toMatchObject({
    call: { id: "in", type: "inbound_phone_call", status: "in-progress" },
    phone_number: { id: null, number: OWN },
    customer: { number: PERSON },
  });
  await node(organization, "in/settle", { duration_ms: 1_000, end_reason: "hangup" });
  expect(await handledOf("call.settled")).toMatchObject({
    type: "call.settled",
    timestamp: expect.stringMatching(/Z$/),
    call: { id: "in", type: "inbound_phone_call", status: "ended" },
    organization_id: organization.id,
    data: { call_id: "in", billable_seconds: 1 },
  });
  await adjust(organization, -1_000_000);
  await authorize(organization, "out", { direction: "outbound", from: OWN, to: PERSON });
  expect(await handledOf("call.rejected")).toMatchObject({
    call: { id: "out", type: "outbound_phone_call", status: "rejected" },
    phone_number: { number: OWN },
    customer: { number: PERSON },
  });
  await adjust(organization, 2_000_000);
  const credited = await handledOf("credits.added");
  expect(credited).toMatchObject({ call: null, phone_number: { number: null }, customer: { number: null } });
  expect(credited.data.amount_micros).toBe(2_000_000);
});

it("each endpoint gets its own format, and one that is changed gets the other from then on", async () => {
  const organization = await newOrganization(1_000_000);
  const standard = await newEndpoint(organization, { url: URL_OF_A });
  await newEndpoint(organization, { url: URL_OF_B, format: "product" });
  expect(standard.format).toBe("standard");
  const [a, b] = [stand(URL_OF_A), stand(URL_OF_B)];
  await call(organization, "one", 1_000);
  const [told] = await a.waitFor("call.settled");
  await expect.poll(() => b.received.map(({ event }) => event.message.type)).toContain("call.settled");
  const same = b.received.find(({ event }) => event.message.type === "call.settled")?.event.message;
  expect(same).toMatchObject({
    id: told?.event.id,
    timestamp: told?.event.timestamp,
    data: told?.event.data,
  });
  const path = `/webhook_endpoints/${standard.id}`;
  const changed = await ask(organization, "PATCH", path, { body: { format: "product" } });
  expect(changed.body).toMatchObject({ url: URL_OF_A, format: "product" });
  await ask(organization, "POST", `${path}/test`);
  await expect.poll(() => a.received.at(-1)?.event.message?.type).toBe("webhook.test");
  const wrong = await ask(organization, "PATCH", path, { body: { format: "xml" } });
  expect(wrong).toMatchObject({ status: 400, body: { error: { param: "format" } } });
});

it("an endpoint from before there was a choice goes on in the standard format", async () => {
  const organization = await newOrganization();
  await newEndpoint(organization, { url: URL_OF_A });
  await runInDurableObject(env.WEBHOOKS.getByName(organization.id), (_, { storage }) =>
    storage.sql.exec("UPDATE endpoint SET facts = json_remove(facts, '$.format')"),
  );
  const there = stand(URL_OF_A);
  await adjust(organization, 1_000_000);
  await there.waitFor("credits.added");
  const { body } = await ask(organization, "GET", "/webhook_endpoints");
  expect(body.webhook_endpoints).toMatchObject([{ format: "standard" }]);
});

it.each([
  ["settled", 5, "ended"],
  ["settled", 0, "failed"],
  ["voided", 0, "failed"],
  ["lost", 60, "ended"],
  ["parked", 0, "ended"],
  ["rejected", 0, "rejected"],
] as const)(
  "a call that was %s with %i seconds is told as the calls list has it",
  async (outcome, seconds, status) => {
    const now_ms = Date.parse("2030-01-01T00:00:00Z");
    const id = await eventId("org_1", "call", now_ms);
    const at = new Date(now_ms).toISOString();
    const parties = { direction: "inbound", from: PERSON, to: OWN } as const;
    const charged = { version: 1, outcome, answered_at: null, ended_at: at, end_reason: null } as const;
    const data = {
      ...{ call_id: "one", ...parties, ...charged },
      ...{ billable_seconds: seconds, charged_micros: 0, currency: "EUR" as const },
    };
    const event = { id, type: "call.settled" as const, occurred_at_ms: now_ms, data };
    expect(JSON.parse(eventBody("org_1", event, "product")).message.call.status).toBe(status);
  },
);

it("whoever may only read sees the host of an endpoint and no token in its address", async () => {
  const organization = await newOrganization();
  const url = "https://hooks.customer-a.com/services/T0/B0/a-token-like-a-key?key=another";
  await newEndpoint(organization, { url });
  const made = await ask(organization, "POST", "/api_keys", { body: { label: "Reader", scopes: ["read"] } });
  const reader = { ...organization, key: made.body.key };
  const urlFor = async (one: typeof organization) =>
    (await ask(one, "GET", "/webhook_endpoints")).body.webhook_endpoints[0].url;
  expect(await urlFor(reader)).toBe("https://hooks.customer-a.com/…");
  expect(await urlFor(organization)).toBe(url);
});
