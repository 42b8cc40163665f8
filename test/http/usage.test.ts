import { describe, expect, it, vi } from "vitest";
import type { Json } from "../support/api/api";
import {
  ask,
  authorize,
  call,
  newOrganization,
  node,
  type TestOrganization,
} from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { copyCalls } from "../support/ledger/copy-calls";

const clock = stopClock();
const letTimePass = clock.pass;
const EUR = 1_000_000;

/** Usage as soon as that many calls have reached the records. */
async function usageOf(organization: TestOrganization, calls: number, query = ""): Promise<Json> {
  return vi.waitFor(
    async () => {
      letTimePass(1_000);
      const { body } = await ask(organization, "GET", `/usage${query}`);
      expect(body.pagination.total).toBe(calls);
      return body;
    },
    { timeout: 10_000 },
  );
}

describe("usage", () => {
  it("charges EUR 0.098 for 84 seconds", async () => {
    const organization = await newOrganization(EUR);
    await call(organization, "84-seconds", 84_000, { letTimePass });
    const { usage, logs, summary, pagination } = await usageOf(organization, 1);
    expect(usage[0]).toMatchObject({
      id: "84-seconds",
      call_id: "84-seconds",
      duration_sec: 84,
      duration_seconds: 84,
      cost: 0.098,
      cost_micros: 98_000,
      fee_micros: 98_000,
      direction: "outbound",
      number_id: "+31201234567",
      phone_number: "+31201234567",
      byok_stt: false,
      byok_llm: false,
      byok_tts: false,
      status: "ended",
    });
    expect(logs).toEqual(usage);
    expect(pagination).toEqual({ total: 1, limit: 100, offset: 0 });
    expect(summary).toEqual({
      total_calls: 1,
      total_seconds: 84,
      total_duration_seconds: 84,
      total_minutes: 1.4,
      total_duration_minutes: 1.4,
      total_billable_seconds: 84,
      total_billable_minutes: 1.4,
      total_cost: 0.098,
      total_cost_micros: 98_000,
      total_fee_micros: 98_000,
      total_provider_cost_micros: 0,
      currency: "EUR",
    });
  });

  it("charges EUR 8.40 for 120 minutes", async () => {
    const organization = await newOrganization(10 * EUR);
    await call(organization, "two-hours", 120 * 60_000, { letTimePass });
    const { usage, summary } = await usageOf(organization, 1);
    expect(usage[0].cost).toBe(8.4);
    expect(summary).toMatchObject({ total_cost: 8.4, total_minutes: 120 });
  });

  it("shows the platform's fee and provider costs apart, and never charges those on own keys", async () => {
    const organization = await newOrganization(EUR);
    await call(organization, "own-keys", 60_000, {
      letTimePass,
      authorized: { byok: ["llm"], expected_provider_micros_per_minute: 10_000 },
      settled: {
        provider_costs: [
          { service: "llm", cost_micros: 12_000 },
          { service: "tts", cost_micros: 9_000 },
        ],
      },
    });
    const { usage, summary } = await usageOf(organization, 1);
    expect(usage[0]).toMatchObject({
      fee_micros: 70_000,
      provider_cost_micros: 9_000,
      cost_micros: 79_000,
      byok_llm: true,
      provider_costs: [
        { service: "llm", cost_micros: 12_000, own_key: true },
        { service: "tts", cost_micros: 9_000, own_key: false },
      ],
    });
    expect(summary).toMatchObject({ total_fee_micros: 70_000, total_provider_cost_micros: 9_000 });
  });

  it("has neither rejected calls nor calls that were not answered", async () => {
    const organization = await newOrganization(10_000);
    await authorize(organization, "unanswered");
    await node(organization, "unanswered/void");
    await authorize(organization, "too-dear", {
      rate: "voice",
      expected_provider_micros_per_minute: 900_000_000,
    });
    await call(organization, "answered", 1_000, { letTimePass });
    const { usage } = await usageOf(organization, 1);
    expect(usage.map(({ call_id }: Json) => call_id)).toEqual(["answered"]);
  });

  it("is paged, the newest first, and its summary covers the whole range", async () => {
    const organization = await newOrganization(EUR);
    for (const call_id of ["1", "2", "3", "4", "5"]) {
      await call(organization, call_id, 6_000, { letTimePass });
      letTimePass(1_000);
    }
    const { usage, pagination, summary } = await usageOf(organization, 5, "?limit=2&offset=1");
    expect(usage.map(({ call_id }: Json) => call_id)).toEqual(["4", "3"]);
    expect(pagination).toEqual({ total: 5, limit: 2, offset: 1 });
    expect(summary).toMatchObject({ total_calls: 5, total_seconds: 30, total_cost: 0.035 });
  });

  it("takes half-open ranges, in which a bare end date includes its day", async () => {
    const organization = await newOrganization(EUR);
    for (const day of ["10", "11", "12"]) {
      clock.set(`2031-03-${day}T12:00:00.000Z`);
      await call(organization, day, 6_000, { letTimePass });
    }
    clock.set("2031-03-13T00:00:00.000Z");
    await usageOf(organization, 3);
    const days = async (query: string) => {
      const { body } = await ask(organization, "GET", `/usage?${query}`);
      return body.usage.map(({ call_id }: Json) => call_id);
    };
    expect(await days("start_date=2031-03-11&end_date=2031-03-11")).toEqual(["11"]);
    expect(await days("start_date=2031-03-11")).toEqual(["12", "11"]);
    expect(await days("end_date=2031-03-11T12:00:00.000Z")).toEqual(["10"]);
    expect(await days("start_date=2031-03-11T14:00:00%2B02:00&end_date=2031-03-12")).toEqual(["12", "11"]);
    const backwards = await ask(organization, "GET", "/usage?start_date=2031-03-12&end_date=2031-03-10");
    expect(backwards).toMatchObject({ status: 400, body: { error: { param: "start_date" } } });
  });

  it("belongs to one organization only", async () => {
    const [one, other] = [await newOrganization(EUR), await newOrganization(EUR)];
    await call(one, "mine", 6_000, { letTimePass });
    await usageOf(one, 1);
    await usageOf(other, 0);
    expect((await ask(other, "GET", "/calls/mine")).status).toBe(404);
  });
});

describe("usage as CSV", () => {
  it("is asked for by Accept or format, and no cell can be a formula", async () => {
    const organization = await newOrganization(EUR);
    const authorized = { from: "+31201234567", to: '=HYPERLINK("https://evil.test")' };
    await call(organization, "csv", 84_000, { letTimePass, authorized, settled: { end_reason: "@SUM(1)" } });
    await usageOf(organization, 1);
    const file = await ask(organization, "GET", "/usage?format=csv");
    const accepted = await ask(organization, "GET", "/usage", { headers: { Accept: "text/csv" } });
    expect(accepted.body).toBe(file.body);
    expect((await ask(organization, "GET", "/usage.csv")).body).toBe(file.body);
    const before = await ask(organization, "GET", "/usage.csv?end_date=2000-01-01");
    expect(before.body).toMatch(/^call_id,created_at,[^\r]*\r\n$/);
    expect(file.headers.get("content-disposition")).toContain("usage.csv");
    const [heading, row, ...rest] = file.body.split("\r\n");
    expect(heading).toMatch(/^call_id,created_at,/);
    expect(row).toContain(",'+31201234567,");
    expect(row).toContain(`,"'=HYPERLINK(""https://evil.test"")",`);
    expect(row).toContain(",'@SUM(1),84,84,");
    expect(row).toContain(",0.098,98000,EUR");
    expect(rest).toEqual([""]);
  });

  it("has the whole range, however many pages it takes", async () => {
    const organization = await newOrganization(EUR);
    await call(organization, "first", 6_000, { letTimePass });
    await usageOf(organization, 1);
    await copyCalls(organization, 2_500);
    const { body } = await ask(organization, "GET", "/usage.csv");
    const ids = body
      .trimEnd()
      .split("\r\n")
      .slice(1)
      .map((line: string) => line.split(",", 1)[0]);
    expect(ids).toHaveLength(2_501);
    expect(new Set(ids).size).toBe(2_501);
  });
});
