import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { api, type Json } from "../support/api/api";
import {
  adminKey,
  ask,
  authorize,
  call,
  newOrganization,
  node,
  type TestOrganization,
} from "../support/api/organizations";
import { stopClock } from "../support/clock";

const clock = stopClock();
const MINUTE_MS = 60_000;

const MONTHS = {
  "11": ["2030-11-01", "2030-11-30"],
  "12": ["2030-12-01", "2030-12-31"],
  "01": ["2031-01-01", "2031-01-31"],
  "02": ["2031-02-01", "2031-02-28"],
} as const;
type Month = keyof typeof MONTHS;

/** Begun minutes are charged whole, so that charged and talked minutes differ. */
async function customer(): Promise<TestOrganization> {
  const organization = await newOrganization(10_000_000);
  const body = { price_micros_per_minute: 70_000, increments: "60/60" };
  await api("PUT", `/api/v1/admin/organizations/${organization.id}/rates/voice`, {
    key: await adminKey(),
    body,
  });
  return organization;
}

const settle = (organization: TestOrganization, call_id: string, body: Json) =>
  node(organization, `${call_id}/settle`, { end_reason: "caller_hangup", ...body });

const correct = (organization: TestOrganization, call_id: string, correction_id: string, seconds: number) =>
  node(organization, `${call_id}/correct`, { correction_id, duration_ms: seconds * 1_000, reason: "CDR" });

async function billedMinutes(organization: TestOrganization, month: Month): Promise<number> {
  const [start_date, end_date] = MONTHS[month];
  const path = `/usage?start_date=${start_date}&end_date=${end_date}`;
  return (await ask(organization, "GET", path)).body.summary.total_billable_minutes;
}

/** Once the records have them: lists lag by a moment. */
const untilBilled = (organization: TestOrganization, month: Month, minutes: number) =>
  vi.waitFor(async () => expect(await billedMinutes(organization, month)).toBe(minutes), { timeout: 10_000 });

const accountMinutes = async (organization: TestOrganization) =>
  (await ask(organization, "GET", "/account")).body.monthly_usage_minutes;

it("a month's minutes are those of the calls that began in it, in the account and in the usage, whenever charged", async () => {
  const organization = await customer();
  clock.set("2030-11-30T23:40:00.000Z");
  await call(organization, "whole", 63_000, { letTimePass: clock.pass });
  await authorize(organization, "silent");
  clock.pass(30_000);
  await node(organization, "silent/renew", { request_number: 1, elapsed_seconds: 30 });
  clock.pass(301_000);
  for (let ring = 0; ring < 2; ring++) {
    await runDurableObjectAlarm(env.LEDGER.getByName(organization.id));
    clock.pass(301_000);
  }
  await untilBilled(organization, "11", 3);
  expect(await accountMinutes(organization)).toBe(3);
  expect((await ask(organization, "GET", "/calls/silent")).body).toMatchObject({ outcome: "lost" });

  clock.set("2030-11-30T23:59:30.000Z");
  await authorize(organization, "across");
  clock.set("2030-12-01T00:00:40.000Z");
  expect(await accountMinutes(organization)).toBe(0);
  await settle(organization, "across", { duration_ms: 70_000 });
  await settle(organization, "silent", { duration_ms: 3 * MINUTE_MS });
  const parties = { direction: "inbound", from: "+31201234567", to: "+31207654321" };
  await settle(organization, "unheard", {
    ...parties,
    duration_ms: 30_000,
    ended_at: "2030-11-29T12:00:00.000Z",
  });
  await correct(organization, "whole", "1", 181);
  await untilBilled(organization, "11", 4 + 3 + 2 + 1);
  expect(await accountMinutes(organization)).toBe(0);

  await call(organization, "december", 63_000, { letTimePass: clock.pass });
  await correct(organization, "december", "1", 30);
  await settle(organization, "ahead", {
    ...parties,
    duration_ms: 10_000,
    ended_at: new Date(Date.now() + 30_000).toISOString(),
  });
  await untilBilled(organization, "12", 2);
  expect(await accountMinutes(organization)).toBe(2);
  expect(await billedMinutes(organization, "11")).toBe(10);
});

it("a node whose clock runs ahead begins no call in a month that has not begun", async () => {
  // Later than the month above: a ledger's clock does not go back.
  clock.set("2031-01-31T23:59:00.000Z");
  const organization = await customer();
  clock.set("2031-01-31T23:59:50.000Z");
  await settle(organization, "ahead", {
    direction: "inbound",
    from: "+31201234567",
    to: "+31207654321",
    duration_ms: 5_000,
    answered_at: "2031-02-01T00:00:10.000Z",
    ended_at: "2031-02-01T00:00:15.000Z",
  });
  await untilBilled(organization, "01", 1);
  expect(await accountMinutes(organization)).toBe(1);
  clock.set("2031-02-01T00:01:00.000Z");
  expect([await accountMinutes(organization), await billedMinutes(organization, "02")]).toEqual([0, 0]);
});
