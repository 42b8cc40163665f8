import { beforeAll, describe, expect, test, vi } from "vitest";
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
import { stopClock } from "../support/clock";
import { enteredIn, errorsOf, factsOf, linkOf, rowsOf, wrongFieldsOf } from "../support/dashboard/html";
import { type Visitor, visitor } from "../support/dashboard/visitor";

const clock = stopClock("2030-11-04T09:00:00.000Z");
const letTimePass = clock.pass;
const EUR = 1_000_000;

let organization: TestOrganization;
let browser: Visitor;

/** The calls of a page's list: direction, from, to, status, length, cost. */
async function callsOf(query = ""): Promise<string[][]> {
  const page = await browser.page(`/billing/usage${query}`);
  return rowsOf(page.slice(page.indexOf(">Calls</h2>"))).map(([, ...cells]) => cells);
}

/** A day's calls of every kind, which all the tests look at. */
beforeAll(async () => {
  organization = await newOrganization(EUR);
  const begin = (call_id: string, body: Json = {}) => authorize(organization, call_id, body);
  await call(organization, "long", 84_000, { letTimePass });
  letTimePass(60_000);
  await call(organization, "inbound", 30_000, {
    letTimePass,
    authorized: { direction: "inbound", from: "+4930123456", to: "+31207654321", byok: ["llm"] },
    settled: {
      provider_costs: [
        { service: "llm", cost_micros: 12_000 },
        { service: "tts", cost_micros: 9_000 },
      ],
    },
  });
  letTimePass(60_000);
  await begin("busy", { to: "+31301112222" });
  await node(organization, "busy/void", { end_reason: "busy" });
  letTimePass(60_000);
  await begin("lost", { from: "anonymous" });
  await node(organization, "lost/answered");
  await node(organization, "lost/renew", { request_number: 1, elapsed_seconds: 50 });
  await node(organization, "lost/settle", { duration_ms: 50_000, end_reason: "lost" });
  letTimePass(60_000);
  await adjust(organization, -EUR);
  await begin("refused");
  await adjust(organization, EUR);
  browser = await visitor(organization);
  await vi.waitFor(
    async () => {
      letTimePass(1_000);
      expect(await callsOf()).toHaveLength(5);
    },
    { timeout: 10_000 },
  );
});

test("lists every call that has ended, the newest first, also those that cost nothing", async () => {
  expect(await callsOf()).toEqual([
    ["Outbound", "+31201234567", "+31207654321", "Rejected", "0:00", "€0.00"],
    ["Outbound", "anonymous", "+31207654321", "Ended", "0:50", "€0.058333"],
    ["Outbound", "+31201234567", "+31301112222", "Not connected", "0:00", "€0.00"],
    ["Inbound", "+4930123456", "+31207654321", "Ended", "0:30", "€0.044"],
    ["Outbound", "+31201234567", "+31207654321", "Ended", "1:24", "€0.098"],
  ]);
});

test("adds up to what the API's summary says of the same days", async () => {
  const range = "start_date=2030-11-03T23:00:00Z&end_date=2030-11-04T23:00:00Z";
  const { summary } = (await ask(organization, "GET", `/usage?${range}`)).body;
  const facts = factsOf(await browser.page("/billing/usage?from=2030-11-04&to=2030-11-04"));
  expect(summary.total_cost_micros).toBe(98_000 + 44_000 + 58_333);
  expect(facts).toMatchObject({
    Charged: "€0.20 for the calls shown here",
    Minutes: `${Math.round(summary.total_billable_seconds / 6) / 10} as charged`,
    Calls: "5 1 of them rejected",
    "Platform fee": "€0.19 per minute",
    "Provider costs": "€0.01 passed on",
  });
});

describe("a filter", () => {
  const cases: [what: string, query: string, costs: string[]][] = [
    ["direction", "direction=inbound", ["€0.044"]],
    ["status", "status=ended", ["€0.058333", "€0.044", "€0.098"]],
    ["another status", "status=failed", ["€0.00"]],
    ["calls that were rejected", "status=rejected", ["€0.00"]],
    ["direction and status", "direction=outbound&status=ended", ["€0.058333", "€0.098"]],
    ["the number that called", "number=%2B4930123456", ["€0.044"]],
    ["the number that was called", "number=%2B31301112222", ["€0.00"]],
    ["a number as people write it", "number=%2B49+30+123-456", ["€0.044"]],
    ["a number with the zero that is dialled at home", "number=%2B31+(0)30+111+22+22", ["€0.00"]],
    ["a number as it is dialled from abroad", "number=0049%2F30%2F123456", ["€0.044"]],
    ["a caller without a number", "number=anonymous", ["€0.058333"]],
    ["a name that might be a number", "number=000", []],
    ["what is left empty", "direction=&status=&number=&from=&to=&before=", Array(5).fill(expect.anything())],
    ["days before there was anything", "from=2030-11-01&to=2030-11-03", []],
  ];

  test.each(cases)("by %s shows those calls", async (_, query, costs) => {
    expect((await callsOf(`?${query}`)).map((cells) => cells.at(-1))).toEqual(costs);
  });

  test("is what the totals follow", async () => {
    const of = async (query: string) => {
      const { Charged, Calls } = factsOf(await browser.page(`/billing/usage?${query}`));
      return [Charged?.split(" ")[0], Calls?.split(" ")[0]];
    };
    expect(await of("direction=outbound")).toEqual(["€0.16", "4"]);
    expect(await of("status=rejected")).toEqual(["€0.00", "1"]);
    expect(await of("number=%2B31207654321&direction=outbound")).toEqual(["€0.16", "3"]);
    expect(await of("number=%2B31301112222")).toEqual(["€0.00", "1"]);
  });

  test("stays in the form and in the address of the file", async () => {
    const query = "from=2030-11-01&to=2030-11-30&direction=outbound&status=ended&number=%2B31+20-765+4321";
    const page = await browser.page(`/billing/usage?${query}`);
    const kept = ["from", "to", "direction", "status", "number"].map((name) => enteredIn(page, name));
    expect(kept).toEqual(["2030-11-01", "2030-11-30", "outbound", "ended", "+31207654321"]);
    expect(linkOf(page, "Download as CSV")).toBe(
      "/billing/usage/calls.csv?from=2030-11-01&to=2030-11-30&direction=outbound&status=ended&number=%2B31207654321",
    );
  });

  const wrong: [field: string, query: string][] = [
    ["from", "from=yesterday"],
    ["from", "from=2030-02-30"],
    ["from", "from=2030-11-04T00:00:00Z"],
    ["to", "to=0"],
    ["to", "to=2030-13-01"],
    ["to", "from=2030-11-05&to=2030-11-04"],
    ["to", "from=2029-11-03&to=2030-11-04"],
    ["to", "to=9999-12-31"],
    ["to", "to=0000-01-01"],
    ["direction", "direction=sideways"],
    ["status", "status=parked"],
    ["number", `number=${"1".repeat(129)}`],
    ["number", "number=()"],
    ["before", "before=soon"],
    ["before", `before=${"9".repeat(16)}.a`],
  ];

  test.each(wrong)("with a wrong %s says so at that field and shows no calls: %s", async (field, query) => {
    for (const path of ["/billing/usage", "/billing/usage/calls.csv"]) {
      const answer = await browser.get(`${path}?${query}`);
      const page = await answer.text();
      expect([answer.status, rowsOf(page)]).toEqual([400, []]);
      expect(wrongFieldsOf(page)).toEqual([field]);
      if (field !== "before") expect(Object.keys(errorsOf(page))).toEqual([field]);
    }
  });

  test("that is wrong keeps what was written, to be mended", async () => {
    const page = await (await browser.get("/billing/usage?from=04-11-2030&number=%2B31&direction=x")).text();
    expect([enteredIn(page, "from"), enteredIn(page, "number")]).toEqual(["04-11-2030", "+31"]);
    expect(Object.keys(errorsOf(page))).toEqual(["from", "direction"]);
  });
});

test("a day is one of the time zone that the page names, also around midnight and when clocks change", async () => {
  const other = await newOrganization(EUR);
  for (const at of ["2030-11-04T22:59:59.000Z", "2030-11-04T23:00:00.000Z", "2031-03-30T21:59:59.000Z"]) {
    clock.set(at);
    await call(other, at, 0);
    letTimePass(2_000);
  }
  const of_other = await visitor(other);
  const count = async (day: string) => {
    const page = await of_other.page(`/billing/usage?from=${day}&to=${day}`);
    expect(page).toContain("All times, days and months: Europe/Amsterdam");
    return factsOf(page).Calls?.split(" ")[0] ?? "0";
  };
  await vi.waitFor(async () => {
    letTimePass(1_000);
    expect(await count("2031-03-30")).toBe("1");
  });
  expect(await Promise.all(["2030-11-04", "2030-11-05", "2031-03-29", "2031-03-31"].map(count))).toEqual([
    "1",
    "1",
    "0",
    "0",
  ]);
});
