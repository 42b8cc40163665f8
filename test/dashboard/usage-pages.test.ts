import { describe, expect, test, vi } from "vitest";
import { authorize, call, manyCalls, newOrganization, node } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { factsOf, linkOf, linksOf } from "../support/dashboard/html";
import { type Visitor, visitor } from "../support/dashboard/visitor";
import { copyCalls } from "../support/ledger/copy-calls";

const clock = stopClock("2030-11-06T09:00:00.000Z");
const EUR = 1_000_000;
const RECEIPTS = "/billing/usage/calls/";

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}-${at}`);

/** The ids of the calls that a page lists. */
function listed(page: string): string[] {
  const receipts = linksOf(page).filter(([href]) => href.startsWith(RECEIPTS));
  return receipts.map(([href]) => decodeURIComponent(href.slice(RECEIPTS.length)));
}

async function waitForCalls(browser: Visitor, count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      clock.pass(1_000);
      expect(factsOf(await browser.page("/billing/usage")).Calls).toMatch(new RegExp(`^${count} `));
    },
    { timeout: 10_000 },
  );
}

/** The lines of the file of calls, without its heading. */
async function linesOf(browser: Visitor, query = ""): Promise<string[]> {
  const file = await browser.page(`/billing/usage/calls.csv${query}`);
  return file.trimEnd().split("\r\n").slice(1);
}

describe("pages of calls", () => {
  test("show each call exactly once, also while new ones arrive", async () => {
    const organization = await newOrganization(10 * EUR);
    const browser = await visitor(organization);
    const before = ids("before", 120);
    await manyCalls(organization, before, 6_000);
    await waitForCalls(browser, 120);
    const seen: string[] = [];
    let path: string | undefined = "/billing/usage";
    for (let turn = 0; path && turn < 10; turn++) {
      const page = await browser.page(path);
      seen.push(...listed(page));
      path = linkOf(page, "Older");
      clock.pass(1_000);
      await manyCalls(organization, ids(`meanwhile-${turn}`, 20), 6_000);
      await waitForCalls(browser, 120 + 20 * (turn + 1));
    }
    expect(seen).toHaveLength(120);
    expect(new Set(seen)).toEqual(new Set(before));
  });

  test("keep the filter, and lead back to the newest", async () => {
    const organization = await newOrganization(10 * EUR);
    const browser = await visitor(organization);
    await manyCalls(organization, ids("settled", 60), 6_000);
    clock.pass(1_000);
    await manyCalls(organization, ids("unanswered", 60), 0);
    await waitForCalls(browser, 120);
    const first = await browser.page("/billing/usage?status=ended&number=%2B31201234567");
    const second = await browser.page(linkOf(first, "Older") ?? "");
    expect(listed(first)).toHaveLength(50);
    expect(new Set([...listed(first), ...listed(second)])).toEqual(new Set(ids("settled", 60)));
    expect(linkOf(second, "Older")).toBeUndefined();
    expect(listed(await browser.page(linkOf(second, "Newest") ?? ""))).toEqual(listed(first));
    expect(linkOf(first, "Newest")).toBeUndefined();
  });

  test("go on after a call of any id", async () => {
    const organization = await newOrganization(EUR);
    const browser = await visitor(organization);
    const odd = `50% off & more? a=b#c/d+e @${"é".repeat(60)}.…"'<`;
    await manyCalls(organization, ["older"], 6_000);
    clock.pass(1_000);
    await call(organization, odd, 6_000);
    clock.pass(1_000);
    await manyCalls(organization, ids("newer", 49), 6_000);
    await waitForCalls(browser, 51);
    const first = await browser.page("/billing/usage");
    expect(listed(first).at(-1)).toBe(odd);
    expect(listed(await browser.page(linkOf(first, "Older") ?? ""))).toEqual(["older"]);
  });
});

describe("the file of calls", () => {
  test("has every call of the filter, over several pages, however many share an instant", async () => {
    const organization = await newOrganization(EUR);
    const browser = await visitor(organization);
    await call(organization, "first", 6_000);
    await waitForCalls(browser, 1);
    await copyCalls(organization, 2_500);
    const found = (await linesOf(browser)).map((line) => line.split(",", 1)[0]);
    expect(found).toHaveLength(2_501);
    expect(new Set(found).size).toBe(2_501);
    expect(await linesOf(browser, "?direction=inbound")).toEqual([]);
  });

  test("follows the filter of the page and is named by its days", async () => {
    const organization = await newOrganization(EUR);
    const browser = await visitor(organization);
    await call(organization, "charged", 84_000, { letTimePass: clock.pass });
    await authorize(organization, "busy", { direction: "inbound", from: "+4930123456" });
    await node(organization, "busy/void", { end_reason: "busy" });
    await waitForCalls(browser, 2);
    const query = "?from=2030-11-06&to=2030-11-07&status=failed&direction=inbound&number=%2B49+30+123456";
    const answer = await browser.get(`/billing/usage/calls.csv${query}`);
    expect(answer.headers.get("Content-Type")).toBe("text/csv; charset=utf-8; header=present");
    expect(answer.headers.get("Content-Disposition")).toBe(
      'attachment; filename="calls-2030-11-06-2030-11-07.csv"',
    );
    const [heading, line, ...rest] = (await answer.text()).trimEnd().split("\r\n");
    expect(heading).toMatch(/^call_id,created_at,.*,cost_micros,currency$/);
    expect(line).toMatch(/^busy,2030-11-06T.*,inbound,'\+4930123456,.*,failed,busy,0,0,.*,0,0,EUR$/);
    expect(rest).toEqual([]);
    expect((await linesOf(browser)).map((each) => each.split(",", 1)[0])).toEqual(["busy", "charged"]);
  });

  test("has no cell that a spreadsheet would run", async () => {
    const organization = await newOrganization(EUR);
    const browser = await visitor(organization);
    await call(organization, "=1+1", 6_000, {
      authorized: { from: "@SUM(A1)", to: '=HYPERLINK("https://evil.example","x")' },
      settled: { end_reason: "-2+3;=4" },
    });
    await waitForCalls(browser, 1);
    const [line = ""] = await linesOf(browser);
    expect(line).toMatch(/^'=1\+1,/);
    // Dutch and German spreadsheets end a cell at a semicolon.
    expect(line).toContain(
      `,'@SUM(A1),"'=HYPERLINK(""https://evil.example"",""x"")",'@SUM(A1),ended,'-2+3;'=4,`,
    );
  });

  test("of another organization's calls is empty", async () => {
    const [one, other] = [await newOrganization(EUR), await newOrganization(EUR)];
    const [of_one, of_other] = [await visitor(one), await visitor(other)];
    await call(one, "mine", 6_000);
    await waitForCalls(of_one, 1);
    expect(await linesOf(of_one)).toHaveLength(1);
    expect(await linesOf(of_other)).toEqual([]);
  });
});
