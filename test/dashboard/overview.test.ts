import { expect, test, vi } from "vitest";
import { api } from "../support/api/api";
import {
  adjust,
  adminKey,
  ask,
  authorize,
  call,
  newOrganization,
  node,
  type TestOrganization,
} from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { factsOf, rowsOf } from "../support/dashboard/html";
import { type Visitor, visitor } from "../support/dashboard/visitor";

const { pass: letTimePass } = stopClock("2030-11-06T09:00:00.000Z");
const EUR = 1_000_000;

async function customer(
  credit_micros = EUR,
  language: "en" | "nl" | "de" = "en",
): Promise<TestOrganization & { browser: Visitor }> {
  const organization = await newOrganization(credit_micros);
  return { ...organization, browser: await visitor(organization, "owner", language) };
}

test.each([
  ["en", "Time left", "used up", "less than a minute"],
  ["nl", "Resterende tijd", "op", "minder dan een minuut"],
  ["de", "Verbleibende Zeit", "aufgebraucht", "weniger als eine Minute"],
] as const)(
  "in %s, less than a second is nothing, and up to a minute is less than one",
  async (language, name, none, little) => {
    const organization = await customer(80_000, language);
    await call(organization, "a-minute", 60_000, { letTimePass });
    const timeLeft = async () => factsOf(await organization.browser.page("/billing"))[name];
    expect(await timeLeft()).toBe(little);
    await adjust(organization, -9_000);
    expect(await timeLeft()).toBe(none);
    await adjust(organization, -EUR);
    expect(await timeLeft()).toBe(none);
  },
);

test("credit below the smallest charge of the rate is used up, on the pages, in the API and to a call", async () => {
  const organization = await customer(70_000);
  const rate = { price_micros_per_minute: 70_000, increments: "60/60" };
  await api("PUT", `/api/v1/admin/organizations/${organization.id}/rates/voice`, {
    key: await adminKey(),
    body: rate,
  });
  const page = async () => factsOf(await organization.browser.page("/billing"))["Time left"];
  const runway = async () => (await ask(organization, "GET", "/account")).body.runway;
  await call(organization, "a-minute", 60_000, { letTimePass });
  await adjust(organization, 70_000);
  expect(await page()).not.toBe("used up");
  expect(await runway()).toMatchObject({ minutes: expect.any(Number) });
  await adjust(organization, -1);
  expect(await page()).toBe("used up");
  expect(await runway()).toMatchObject({ minutes: 0 });
  expect((await authorize(organization, "refused")).body.reason).toBe("insufficient_credits");
});

test("the pace is that of live calls, or of the last minutes when there are none", async () => {
  const organization = await customer();
  const timeLeft = async () => factsOf(await organization.browser.page("/billing"))["Time left"];
  expect(await timeLeft()).toBe("– No calls at the moment: nothing is being spent.");
  await call(organization, "a-minute", 60_000, { letTimePass });
  expect(await timeLeft()).toMatch(/^about 66 minutes at the pace of the last five minutes, until 6 Nov/);
  await authorize(organization, "live");
  expect(await timeLeft()).toMatch(/^about \d+ minutes at the present pace, until 6 Nov/);
});

test("what was spent this month says how many calls, one or several, and which were rejected", async () => {
  const organization = await customer(70_000);
  const expectNote = (note: string) =>
    vi.waitFor(async () => {
      letTimePass(1_000);
      const facts = factsOf(await organization.browser.page("/billing"));
      expect(facts["Spent in November 2030"]).toBe(note);
    });
  await call(organization, "a-minute", 60_000, { letTimePass });
  await expectNote("€0.07 1 minute; 1 call");
  await authorize(organization, "refused");
  await expectNote("€0.07 1 minute; 2 calls, 1 rejected");
});

test("the costliest live calls come first, and those that ring last", async () => {
  const organization = await customer(10 * EUR);
  const begin = async (call_id: string, from: string) => authorize(organization, call_id, { from });
  await begin("dear", "+3120001");
  await begin("cheap", "+3120002");
  await begin("rings", "+3120003");
  for (const call_id of ["dear", "cheap"]) await node(organization, `${call_id}/answered`);
  letTimePass(30_000);
  await node(organization, "dear/renew", { request_number: 1, elapsed_seconds: 30 });
  await node(organization, "cheap/renew", { request_number: 1, elapsed_seconds: 10 });
  const rows = rowsOf(await organization.browser.page("/billing"));
  expect(rows.slice(0, 3).map(([, from]) => from)).toEqual(["+3120001", "+3120002", "+3120003"]);
});
