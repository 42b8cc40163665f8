import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { api } from "../support/api/api";
import {
  adjust,
  adminKey,
  authorize,
  call,
  newOrganization,
  node,
  type TestOrganization,
} from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { factsOf, linksOf, rowsOf } from "../support/dashboard/html";
import { type Visitor, visitor } from "../support/dashboard/visitor";
import { limitSize, runAlarm } from "../support/ledger/retention";

const { pass: letTimePass } = stopClock("2030-11-06T09:00:00.000Z");
const EUR = 1_000_000;

function receiptPath(call_id: string): string {
  return `/billing/usage/calls/${encodeURIComponent(call_id)}`;
}

/** A receipt as people read it: its facts, and its lines of cost. */
async function receiptOf(browser: Visitor, call_id: string) {
  const page = await browser.page(receiptPath(call_id));
  return { facts: factsOf(page), lines: rowsOf(page), page };
}

async function customer(credit_micros = EUR): Promise<TestOrganization & { browser: Visitor }> {
  const organization = await newOrganization(credit_micros);
  return { ...organization, browser: await visitor(organization) };
}

test("a receipt says who, when, how long, at which rate, and what that comes to", async () => {
  const organization = await customer();
  await call(organization, "long", 83_500, { letTimePass });
  const { facts, lines } = await receiptOf(organization.browser, "long");
  expect(facts).toMatchObject({
    Direction: "Outbound",
    From: "+31201234567",
    To: "+31207654321",
    Status: "Ended",
    Length: "1:24",
    "Ended because": "The caller hung up",
    "Call ID": "long",
  });
  expect(facts.Began).toMatch(/^6 Nov 2030, \d\d:\d\d:\d\d$/);
  expect(lines).toEqual([
    ["Platform fee", "84 seconds at €0.07 a minute (rate voice, increments 1/1)", "€0.098"],
    ["Taken from the balance", "", "€0.098"],
  ]);
});

test("a call at the organization's own rate says its increments and minimum, also after the rate has changed", async () => {
  const organization = await customer();
  const key = await adminKey();
  const put = (price_micros_per_minute: number) =>
    api("PUT", `/api/v1/admin/organizations/${organization.id}/rates/voice`, {
      key,
      body: { price_micros_per_minute, increments: "60/30", minimum_seconds: 60 },
    });
  expect((await put(120_000)).status).toBe(200);
  await call(organization, "dear", 75_000, { letTimePass });
  expect((await put(10_000)).status).toBe(200);
  const { lines } = await receiptOf(organization.browser, "dear");
  expect(lines[0]).toEqual([
    "Platform fee",
    "90 seconds at €0.12 a minute (rate voice, increments 60/30, at least 60 seconds)",
    "€0.18",
  ]);
});

test("a connection fee has a line of its own, and free seconds are said", async () => {
  const organization = await customer();
  const put = await api("PUT", `/api/v1/admin/organizations/${organization.id}/rates/voice`, {
    key: await adminKey(),
    body: {
      ...{ price_micros_per_minute: 60_000, increments: "1/1" },
      ...{ connection_fee_micros: 50_000, free_seconds: 10 },
    },
  });
  expect(put.status).toBe(200);
  await call(organization, "abroad", 40_000, { letTimePass });
  const { lines } = await receiptOf(organization.browser, "abroad");
  expect(lines).toEqual([
    [
      "Platform fee",
      "30 seconds at €0.06 a minute (rate voice, increments 1/1, the first 10 seconds free)",
      "€0.03",
    ],
    ["Connection fee", "", "€0.05"],
    ["Taken from the balance", "", "€0.08"],
  ]);
});

test("what providers ask is passed on, but on own keys is only shown", async () => {
  const organization = await customer();
  await call(organization, "agent", 60_000, {
    letTimePass,
    authorized: { byok: ["llm"], direction: "inbound" },
    settled: {
      provider_costs: [
        { service: "llm", cost_micros: 12_000 },
        { service: "tts", cost_micros: 9_000 },
      ],
    },
  });
  const { lines } = await receiptOf(organization.browser, "agent");
  expect(lines).toEqual([
    ["Platform fee", "60 seconds at €0.07 a minute (rate byok, increments 1/1)", "€0.07"],
    ["Language model", "on your own key: you pay €0.012 to the provider", "€0.00"],
    ["Text to speech", "the provider's price, passed on", "€0.009"],
    ["Taken from the balance", "", "€0.079"],
  ]);
});

test("a live call shows what it has come to so far, and the whole of it when it has ended", async () => {
  const organization = await customer();
  await authorize(organization, "live");
  expect((await receiptOf(organization.browser, "live")).facts).toMatchObject({
    Status: "Ringing",
    Length: "0:00",
  });
  await node(organization, "live/answered");
  letTimePass(50_000);
  await node(organization, "live/renew", {
    request_number: 1,
    elapsed_seconds: 50,
    provider_cost_micros: 5_000,
  });
  const { facts, lines } = await receiptOf(organization.browser, "live");
  expect(facts).toMatchObject({ Status: "Talking", Length: "0:50" });
  expect(facts.Ended).toBeUndefined();
  expect(lines.map(([what, , amount]) => [what, amount])).toEqual([
    ["Platform fee", "€0.058333"],
    ["Provider costs", "€0.005"],
    ["Used so far", "€0.063333"],
  ]);
  await node(organization, "live/settle", { duration_ms: 50_000, end_reason: "callee_hangup" });
  expect((await receiptOf(organization.browser, "live")).facts).toMatchObject({
    Status: "Ended",
    "Ended because": "The called party hung up",
  });
});

test("a call that cost nothing says why", async () => {
  const organization = await customer();
  await authorize(organization, "busy");
  await node(organization, "busy/void", { end_reason: "busy" });
  await adjust(organization, -EUR);
  await authorize(organization, "refused", { direction: "inbound" });
  for (const [call_id, status] of [
    ["busy", "Not connected"],
    ["refused", "Rejected There was no credit left."],
  ] as const) {
    const { facts, lines, page } = await receiptOf(organization.browser, call_id);
    expect(facts.Status).toBe(status);
    expect(lines.at(-1)).toEqual(["Taken from the balance", "", "€0.00"]);
    expect(page).toContain("Calls that are rejected or not connected cost nothing.");
  }
});

test("what a call ran over the time that was granted is not charged, and the receipt says so", async () => {
  const organization = await customer(70_000);
  await call(organization, "late", 61_500, { letTimePass, settled: { end_reason: "credit_exhausted" } });
  await adjust(organization, EUR);
  await call(organization, "in-time", 6_000, { letTimePass, settled: { end_reason: "Q.850;cause=16" } });
  const late = await receiptOf(organization.browser, "late");
  expect(late.facts).toMatchObject({ Length: "1:02", "Ended because": "The credit ran out" });
  expect(late.lines.at(-1)).toEqual(["Taken from the balance", "", "€0.07"]);
  const note = "Up to 2 seconds beyond the granted time are not charged.";
  expect(late.page).toContain(note);
  const in_time = await receiptOf(organization.browser, "in-time");
  expect(in_time.facts["Ended because"]).toBe("Q.850;cause=16");
  expect(in_time.page).not.toContain(note);
});

test("a corrected call shows what it comes to now", async () => {
  const organization = await customer();
  await call(organization, "wrong", 60_000, { letTimePass });
  await node(organization, "wrong/correct", { correction_id: "c1", duration_ms: 30_000, reason: "CDR" });
  const { facts, lines } = await receiptOf(organization.browser, "wrong");
  expect(facts.Length).toBe("0:30");
  expect(lines.at(-1)).toEqual(["Taken from the balance", "", "€0.035"]);
});

const ODD = [
  "a/b/../c",
  "50%",
  "%2F%25",
  "a+b c",
  "node@pbx.example.com:5060;tag=1",
  "...",
  ".hidden",
  "calls.csv",
  "?x=1#y",
  "é😀漢字",
  `"'<b>&amp;`,
  "ä".repeat(128),
];

test("a call of any id is found from the list", async () => {
  const organization = await customer();
  const { browser } = organization;
  await Promise.all(ODD.map((call_id) => call(organization, call_id, 6_000)));
  const receipts = await vi.waitFor(async () => {
    letTimePass(1_000);
    const links = linksOf(await browser.page("/billing/usage")).map(([href]) => href);
    const found = links.filter((href) => href.startsWith("/billing/usage/calls/"));
    expect(found).toHaveLength(ODD.length);
    return found;
  });
  const ids = await Promise.all(receipts.map(async (path) => factsOf(await browser.page(path))["Call ID"]));
  expect(new Set(ids)).toEqual(new Set(ODD));
});

test("a call that there is not, or of another organization, is not found", async () => {
  const [one, other] = [await customer(), await customer()];
  await call(one, "mine", 6_000);
  for (const call_id of ["mine", "nobody's", "%", "\u0000", "x".repeat(5_000)]) {
    const answer = await other.browser.get(receiptPath(call_id));
    expect([call_id, answer.status]).toEqual([call_id, 404]);
    expect(await answer.text()).not.toContain("+31201234567");
  }
  for (const path of ["/billing/usage/calls/%E0%A4%A", "/billing/usage/calls/a%2"])
    expect([path, (await other.browser.get(path)).status]).toEqual([path, 404]);
});

test("a call that has left its ledger is found in the records", async () => {
  const organization = await customer();
  await call(organization, "old", 6_000);
  await vi.waitFor(async () => {
    letTimePass(1_000);
    expect(await organization.browser.page("/billing/usage")).toContain("calls/old");
  });
  letTimePass(500 * 86_400_000);
  const ledger = { stub: () => env.LEDGER.getByName(organization.id) };
  await limitSize(ledger, null);
  for (let turn = 0; turn < 5; turn++) await runAlarm(ledger);
  const known = await ledger.stub().call(null, "old");
  expect(known).toMatchObject({ known: { state: "unknown" }, some_left: true });
  const { lines } = await receiptOf(await visitor(organization), "old");
  expect(lines.at(-1)).toEqual(["Taken from the balance", "", "€0.007"]);
});
