import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import type { Json } from "../support/api/api";
import { authorize, call, newOrganization, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { newEndpoint, receiversForFile, URL_OF_A, URL_OF_B } from "../support/webhook-endpoints";

const stand = receiversForFile();
const clock = stopClock();

/** Calls that are refused, some of them at the same time. */
async function refusedCalls(organization: TestOrganization, name: string, times: number): Promise<void> {
  for (let each = 0; each < times; each += 10)
    await Promise.all(
      Array.from({ length: Math.min(10, times - each) }, (_, place) =>
        authorize(organization, `${name}-${each + place}`),
      ),
    );
}

const countOf = (told: { event: Json }[]) => told.reduce((sum, { event }) => sum + event.data.count, 0);

/** Lets a minute pass, and the object look what is due. */
async function afterAMinute({ id }: TestOrganization): Promise<void> {
  clock.pass(61_000);
  await runDurableObjectAlarm(env.WEBHOOKS.getByName(id));
}

test("a caller without credit who calls on does not make us call each endpoint for it: the rest is one event that counts", async () => {
  const organization = await newOrganization(0);
  await newEndpoint(organization);
  await newEndpoint(organization, { url: URL_OF_B, events: ["call.rejected"] });
  const [a, b] = [stand(URL_OF_A), stand(URL_OF_B)];
  await refusedCalls(organization, "first", 50);
  for (const there of [a, b]) {
    const alone = await there.waitFor("call.rejected", 10);
    expect(alone.map(({ event }) => event.data.count)).toEqual(Array(10).fill(1));
  }
  await vi.waitFor(async () => {
    await afterAMinute(organization);
    for (const there of [a, b]) expect(countOf(await there.waitFor("call.rejected", 11))).toBe(50);
  }, 20_000);
  for (const there of [a, b]) expect(there.ofType("call.rejected").length).toBeLessThanOrEqual(13);
});

test("what is told again is not counted again, and other events pass", async () => {
  const organization = await newOrganization(1_000_000);
  await newEndpoint(organization);
  const there = stand(URL_OF_A);
  const webhooks = env.WEBHOOKS.getByName(organization.id);
  const owner = { organization_id: organization.id, jurisdiction: null };
  const at_ms = Date.now();
  const events = Array.from({ length: 30 }, (_, each) => ({
    id: `evt_01k9z3v8qhe1w9m4c7d2x5n${String(100 + each)}`,
    type: "call.rejected" as const,
    occurred_at_ms: at_ms + each,
    data: {
      call_id: `again-${each}`,
      direction: "outbound" as const,
      from: "+31201234567",
      to: "+31207654321",
      reason: "insufficient_credits",
      rejected_at: new Date(at_ms + each).toISOString(),
      count: 1,
    },
  }));
  await webhooks.take(owner, events.slice(0, 20));
  await webhooks.take(owner, events);
  await webhooks.take(owner, events.slice(15));
  await call(organization, "heard", 1_000);
  await there.waitFor("call.settled");
  await vi.waitFor(async () => {
    await afterAMinute(organization);
    expect(countOf(await there.waitFor("call.rejected", 11))).toBe(30);
  }, 20_000);
  const summary = there.ofType("call.rejected").at(-1)?.event;
  expect(summary.data).toMatchObject({ call_id: "again-29", count: 20 });
});

test("after a while calls that are refused now and then are told one by one", async () => {
  const organization = await newOrganization(0);
  await newEndpoint(organization);
  const there = stand(URL_OF_A);
  for (let each = 1; each <= 15; each++) {
    await authorize(organization, `slow-${each}`);
    await there.waitFor("call.rejected", each);
    clock.pass(6_000);
  }
  expect(there.ofType("call.rejected").map(({ event }) => event.data.count)).toEqual(Array(15).fill(1));
});
