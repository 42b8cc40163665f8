import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import {
  authorize,
  call,
  newOrganization,
  newPlatformKey,
  node,
  type TestOrganization,
} from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { factsOf, rowsOf } from "../support/dashboard/html";
import { type Visitor, visitor } from "../support/dashboard/visitor";
import { runAlarm } from "../support/ledger/retention";

const clock = stopClock("2030-11-04T09:00:00.000Z");
const letTimePass = clock.pass;
const EUR = 1_000_000;
const MONTH = "from=2030-11-01&to=2030-11-30";

/** All that the page adds up, by day and in all. Whoever asks for a number has the calls themselves added up. */
async function sumsOf(browser: Visitor, query: string) {
  const page = await browser.page(`/billing/usage?${query}`);
  return { facts: factsOf(page), days: rowsOf(page.slice(0, page.indexOf("Download as CSV"))) };
}

/** Waits until the records have come to this, and compares what is kept by the hour with the calls. */
async function expectSums(browser: Visitor, charged: string, calls: string): Promise<void> {
  await vi.waitFor(
    async () => {
      letTimePass(1_000);
      const kept = await sumsOf(browser, MONTH);
      expect([kept.facts.Charged?.split(" ")[0], kept.facts.Calls]).toEqual([charged, calls]);
      expect(kept.days.length).toBeGreaterThan(0);
      expect(kept).toEqual(await sumsOf(browser, `${MONTH}&number=%2B31201234567`));
      for (const status of ["ended", "failed", "rejected"])
        expect(await sumsOf(browser, `${MONTH}&status=${status}`)).toEqual(
          await sumsOf(browser, `${MONTH}&status=${status}&number=%2B31201234567`),
        );
    },
    { timeout: 10_000 },
  );
}

function lateAlarm({ id }: TestOrganization): Promise<number | null> {
  return runAlarm({ stub: () => env.LEDGER.getByName(id) });
}

test("what is added up stays what the calls are, through corrections, late reports and repeats", async () => {
  const organization = await newOrganization(10 * EUR);
  const browser = await visitor(organization);
  await call(organization, "one", 60_000, { letTimePass });
  await expectSums(browser, "€0.07", "1 0 of them rejected");

  const correct = (correction_id: string, duration_ms: number) =>
    node(organization, "one/correct", { correction_id, duration_ms, reason: "CDR" });
  expect((await correct("c1", 120_000)).status).toBe(200);
  await expectSums(browser, "€0.14", "1 0 of them rejected");
  for (const _ of [1, 2]) expect((await correct("c1", 120_000)).status).toBe(200);
  await expectSums(browser, "€0.14", "1 0 of them rejected");
  // A call that was not one after all counts with those that were not connected.
  expect((await correct("c2", 0)).status).toBe(200);
  await expectSums(browser, "€0.00", "1 0 of them rejected");
  expect((await correct("c3", 30_000)).status).toBe(200);
  await expectSums(browser, "€0.04", "1 0 of them rejected");
});

test("a lost call is added up once, and again as its late report says", async () => {
  const organization = await newOrganization(10 * EUR);
  const browser = await visitor(organization);
  await authorize(organization, "lost");
  await node(organization, "lost/answered");
  letTimePass(50_000);
  await node(organization, "lost/renew", { request_number: 1, elapsed_seconds: 50 });
  letTimePass(600_000);
  await lateAlarm(organization);
  letTimePass(600_000);
  await lateAlarm(organization);
  await expectSums(browser, "€0.06", "1 0 of them rejected");
  letTimePass(3_600_000);
  const settled = await node(organization, "lost/settle", {
    duration_ms: 300_000,
    end_reason: "caller_hangup",
  });
  expect(settled.status).toBe(200);
  // The session before was not used for an hour.
  await expectSums(await visitor(organization), "€0.35", "1 0 of them rejected");
});

test("a call that was never authorized is added up in the hour in which it was", async () => {
  const organization = await newOrganization(10 * EUR);
  const browser = await visitor(organization);
  const report = {
    duration_ms: 60_000,
    end_reason: "caller_hangup",
    direction: "outbound",
    from: "+31201234567",
    to: "+31207654321",
    ended_at: "2030-11-02T22:59:30.000Z",
  };
  for (const _ of [1, 2]) expect((await node(organization, "outage/settle", report)).status).toBe(200);
  await expectSums(browser, "€0.07", "1 0 of them rejected");
  const { days } = await sumsOf(browser, MONTH);
  expect(days).toEqual([["Sat 2 Nov", "1", "0", "1", "€0.07"]]);
});

test("calls that are reported by two nodes at the same time are added up once each", async () => {
  const organization = await newOrganization(10 * EUR);
  const browser = await visitor(organization);
  const others = { ...organization, edge_key: await newPlatformKey("edge") };
  const all = ["a", "b", "c", "d", "e", "f"];
  await Promise.all(all.map((call_id) => authorize(organization, call_id)));
  letTimePass(60_000);
  const report = { duration_ms: 60_000, end_reason: "caller_hangup" };
  const answers = await Promise.all(
    all.flatMap((id) => [organization, others].map((from) => node(from, `${id}/settle`, report))),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
  await expectSums(browser, "€0.42", "6 0 of them rejected");
});
