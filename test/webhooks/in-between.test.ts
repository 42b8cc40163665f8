import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { runBatch } from "../../src/notifications/deliver";
import { OrganizationWebhooks } from "../../src/webhooks/object/organization-webhooks";
import { OPERATOR } from "../../src/webhooks/operator";
import type { DeliveryBatch } from "../../src/webhooks/types";
import { adjust, ask, newOrganization, type TestOrganization } from "../support/api/organizations";
import {
  captureBatches,
  deliveriesOf,
  endpointsOf,
  newAddress,
  newEndpoint,
  receiversForFile,
  thinking,
  untilDelivery,
} from "../support/webhook-endpoints";

const stand = receiversForFile();
let [address, other_address] = ["", ""];
beforeEach(() => {
  [address, other_address] = [newAddress(), newAddress()];
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const objectOf = ({ id }: TestOrganization) => env.WEBHOOKS.getByName(id);

/** An organization with one endpoint for credit, and the errand that its first event makes. */
async function withBatch() {
  const organization = await newOrganization();
  const { id } = await newEndpoint(organization, { url: address, events: ["credits.added"] });
  const kept = await captureBatches(organization);
  await adjust(organization, 1_000_000);
  await soon(() => expect(kept.errands).toHaveLength(1));
  return { organization, endpoint_id: id as string, errand: kept.errands[0] as DeliveryBatch, ...kept };
}

/** Waits for it as long as a busy machine may take. */
const soon = (holds: () => void) => vi.waitFor(holds, 10_000);

async function carry(errand: DeliveryBatch): Promise<void> {
  const finish = await runBatch(env, errand);
  await finish();
}

it("what a slow receiver took is known, though the object was away when it said so", async () => {
  const organization = await newOrganization();
  await newEndpoint(organization, { url: address, events: ["credits.added"] });
  const slow = thinking();
  const there = stand(address, slow.answer);
  await adjust(organization, 1_000_000);
  await there.waitFor("credits.added");
  await evictDurableObject(objectOf(organization));
  slow.give();
  const { attempts } = await untilDelivery(organization, ({ state }) => state === "delivered");
  expect(attempts).toHaveLength(1);
  // The queue keeps no order of its own here: by the time that a second event is there, nothing of the first is left.
  await adjust(organization, 2_000_000);
  await there.waitFor("credits.added", 2);
  expect(new Set(there.received.map(({ event }) => event.id)).size).toBe(2);
  expect(there.received).toHaveLength(2);
});

it("a try that failed counts, though the object was away when it did", async () => {
  const organization = await newOrganization();
  await newEndpoint(organization, { url: address, events: ["credits.added"] });
  const slow = thinking(() => new Response(null, { status: 500 }));
  const there = stand(address, slow.answer);
  await adjust(organization, 1_000_000);
  await there.waitFor("credits.added");
  await evictDurableObject(objectOf(organization));
  slow.give();
  const delivery = await untilDelivery(organization, ({ tries }) => tries === 1);
  expect(delivery).toMatchObject({ state: "pending", attempts: [{ status: 500 }] });
});

it("an errand that was long in the queue is done, though the object has forgotten that it sent it", async () => {
  const { organization, errand } = await withBatch();
  const there = stand(address);
  await evictDurableObject(objectOf(organization));
  await carry(errand);
  expect(there.received).toHaveLength(1);
  expect(await deliveriesOf(organization)).toMatchObject([{ state: "delivered", tries: 1 }]);
});

it("an errand that the queue brings twice is done once", async () => {
  const { organization, errand } = await withBatch();
  const slow = thinking();
  const there = stand(address, slow.answer);
  const first = carry(errand);
  await soon(() => expect(there.received).toHaveLength(1));
  await carry(errand);
  slow.give();
  await first;
  await carry(errand);
  expect(there.received).toHaveLength(1);
  expect(await deliveriesOf(organization)).toMatchObject([{ state: "delivered", tries: 1 }]);
});

it("an errand whose courier was lost is sent again", async () => {
  const { organization, errand, giveBack } = await withBatch();
  await runBatch(env, errand);
  const there = stand(address);
  await giveBack();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
  await runDurableObjectAlarm(objectOf(organization));
  await there.waitFor("credits.added");
});

it("an errand that comes when its delivery waits for its next try does nothing", async () => {
  const { organization, errand } = await withBatch();
  stand(address, () => new Response(null, { status: 500 }));
  await carry(errand);
  await carry(errand);
  expect(await deliveriesOf(organization)).toMatchObject([{ state: "pending", tries: 1 }]);
});

it("an endpoint that is deleted while its receiver thinks stays deleted, with its deliveries", async () => {
  const { organization, endpoint_id, errand } = await withBatch();
  const slow = thinking(() => new Response(null, { status: 410 }));
  const there = stand(address, slow.answer);
  const carried = carry(errand);
  await soon(() => expect(there.received).toHaveLength(1));
  expect((await ask(organization, "DELETE", `/webhook_endpoints/${endpoint_id}`)).status).toBe(204);
  slow.give();
  await carried;
  await runDurableObjectAlarm(objectOf(organization));
  expect(await endpointsOf(organization)).toEqual([]);
  expect(await deliveriesOf(organization)).toEqual([]);
});

it("what was taken while its endpoint was turned off is delivered, and the endpoint stays off", async () => {
  const { organization, endpoint_id, errand } = await withBatch();
  const slow = thinking();
  const there = stand(address, slow.answer);
  const carried = carry(errand);
  await soon(() => expect(there.received).toHaveLength(1));
  await ask(organization, "PATCH", `/webhook_endpoints/${endpoint_id}`, { body: { enabled: false } });
  slow.give();
  await carried;
  expect(await deliveriesOf(organization)).toMatchObject([{ state: "delivered" }]);
  expect(await endpointsOf(organization)).toMatchObject([{ state: "disabled", disabled_because: "owner" }]);
});

it("what happens while an endpoint is off is not told to it, then or afterwards; what was under way can be sent again", async () => {
  const { organization, endpoint_id, giveBack } = await withBatch();
  const since = "2026-01-01T00:00:00Z";
  const there = stand(address);
  const path = `/webhook_endpoints/${endpoint_id}`;
  await ask(organization, "PATCH", path, { body: { enabled: false } });
  await adjust(organization, 2_000_000);
  await giveBack();
  await ask(organization, "PATCH", path, { body: { enabled: true } });
  expect((await ask(organization, "POST", `${path}/resend_failed`, { body: { since } })).body.count).toBe(1);
  await adjust(organization, 3_000_000);
  const told = await there.waitFor("credits.added", 2);
  expect(told.map(({ event }) => event.data.amount_micros).sort()).toEqual([1_000_000, 3_000_000]);
});

it("an endpoint with another address gets the next try there, and its failures are forgotten", async () => {
  const { organization, endpoint_id, errand, giveBack } = await withBatch();
  stand(address, () => new Response(null, { status: 500 }));
  await carry(errand);
  expect((await endpointsOf(organization))[0]?.failing_since).not.toBeNull();
  const there = stand(other_address);
  await giveBack();
  const body = { url: other_address };
  const changed = await ask(organization, "PATCH", `/webhook_endpoints/${endpoint_id}`, { body });
  expect(changed.body).toMatchObject({ url: other_address, failing_since: null });
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_000 });
  await runDurableObjectAlarm(objectOf(organization));
  await there.waitFor("credits.added");
});

it("an event that is asked for again while it is under way arrives, and is not lost between the two", async () => {
  const { organization, endpoint_id, errand, giveBack } = await withBatch();
  const slow = thinking(() => new Response(null, { status: 500 }));
  const failing = stand(address, slow.answer);
  const carried = carry(errand);
  await soon(() => expect(failing.received).toHaveLength(1));
  const path = `/webhook_endpoints/${endpoint_id}/deliveries/${errand.event_ids[0]}/resend`;
  expect((await ask(organization, "POST", path)).status).toBe(202);
  slow.give();
  await carried;
  const there = stand(address);
  await giveBack();
  expect((await ask(organization, "POST", path)).status).toBe(202);
  await there.waitFor("credits.added");
  await untilDelivery(organization, ({ state }) => state === "delivered");
});

/** An endpoint that has just said that it is gone, of which its operators do not know yet. */
async function withGoneEndpoint() {
  const made = await withBatch();
  stand(address, () => new Response(null, { status: 410 }));
  await carry(made.errand);
  expect(await endpointsOf(made.organization)).toMatchObject([{ disabled_because: "gone" }]);
  await made.giveBack();
  return made;
}

/** What the operators' object does when it is told, in the place of taking it. */
function interceptOperatorEvents(instead: (take: () => unknown) => unknown) {
  const { take } = OrganizationWebhooks.prototype;
  return vi.spyOn(OrganizationWebhooks.prototype, "take").mockImplementation(function (
    this: OrganizationWebhooks,
    ...parameters: Parameters<typeof take>
  ) {
    const as_usual = () => take.apply(this, parameters);
    return (parameters[0].organization_id === OPERATOR ? instead(as_usual) : as_usual()) as never;
  });
}

it("an endpoint that its owner enables while its operators are told stays enabled", async () => {
  const { organization, endpoint_id } = await withGoneEndpoint();
  const told = interceptOperatorEvents(async (take) => {
    await ask(organization, "PATCH", `/webhook_endpoints/${endpoint_id}`, { body: { enabled: true } });
    return take();
  });
  await runDurableObjectAlarm(objectOf(organization));
  await soon(() => expect(told).toHaveBeenCalled());
  expect(await endpointsOf(organization)).toMatchObject([{ state: "enabled", disabled_because: null }]);
});

it("an endpoint that its owner deletes while its operators are told stays deleted", async () => {
  const { organization, endpoint_id } = await withGoneEndpoint();
  const told = interceptOperatorEvents(async (take) => {
    await ask(organization, "DELETE", `/webhook_endpoints/${endpoint_id}`);
    return take();
  });
  await runDurableObjectAlarm(objectOf(organization));
  await soon(() => expect(told).toHaveBeenCalled());
  expect(await endpointsOf(organization)).toEqual([]);
});

it("operators who cannot be told do not hold up other endpoints, and are told later", async () => {
  const { organization } = await withGoneEndpoint();
  await newEndpoint(organization, { url: other_address, events: ["credits.added"] });
  stand(other_address, () => new Response(null, { status: 500 }));
  await adjust(organization, 2_000_000);
  await untilDelivery(organization, ({ tries, state }) => state === "pending" && tries === 1);
  vi.spyOn(console, "error").mockImplementation(() => {});
  const away = interceptOperatorEvents(() => {
    throw new Error("The operators' object is away.");
  });
  const there = stand(other_address);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_000 });
  await runDurableObjectAlarm(objectOf(organization));
  await there.waitFor("credits.added");
  await soon(() => expect(away).toHaveBeenCalled());
  away.mockRestore();
  const told = interceptOperatorEvents((take) => take());
  await runDurableObjectAlarm(objectOf(organization));
  expect(told).toHaveBeenCalledWith(expect.anything(), [
    expect.objectContaining({ type: "ops.endpoint_disabled" }),
  ]);
});
