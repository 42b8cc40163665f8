import { describe, expect, test } from "vitest";
import type { Json } from "../support/api/api";
import { adjust, ask, newOrganization, type TestOrganization } from "../support/api/organizations";
import { enteredIn, errorsOf, rowsOf, submit, wrongFieldsOf } from "../support/dashboard/html";
import { type Visitor, visitor } from "../support/dashboard/visitor";

const ALERTS = "/billing/alerts";

async function customer(): Promise<TestOrganization & { browser: Visitor }> {
  const organization = await newOrganization(100_000_000);
  return { ...organization, browser: await visitor(organization) };
}

const add = (browser: Visitor, kind: string, amount: string) =>
  submit(browser, ALERTS, "Add alert", { kind, amount });

async function alertsOf(organization: TestOrganization): Promise<Json[]> {
  return (await ask(organization, "GET", "/alerts")).body.alerts;
}

describe("alerts", () => {
  test("are added in minutes, euros and runway, and listed as the API has them", async () => {
    const { browser, ...organization } = await customer();
    for (const [kind, amount] of [
      ["minutes", "30"],
      ["euros", "12,50"],
      ["runway", "15"],
    ] as const)
      expect((await add(browser, kind, amount)).headers.get("Location")).toBe(`${ALERTS}?done=added`);
    expect(rowsOf(await browser.page(ALERTS)).map((row) => row.slice(0, 2))).toEqual([
      ["60 minutes of calls", "Active"],
      ["30 minutes of calls", "Active"],
      ["€12.50", "Active"],
      ["15 minutes at the present pace", "Active"],
    ]);
    expect(await alertsOf(organization)).toMatchObject([
      ...[{ minutes: 60 }, { minutes: 30 }, { amount_micros: 12_500_000 }, { runway_minutes: 15 }],
    ]);
  });

  test("that have gone off say so, and stay so when others are changed", async () => {
    const { browser, ...organization } = await customer();
    await adjust(organization, -98_000_000);
    const [first] = rowsOf(await browser.page(ALERTS));
    expect(first?.slice(0, 2)).toEqual(["60 minutes of calls", "Triggered"]);
    await add(browser, "euros", "1");
    expect(rowsOf(await browser.page(ALERTS)).map(([, state]) => state)).toEqual(["Triggered", "Active"]);
  });

  test("are removed one by one; removing one that is gone removes nothing more", async () => {
    const { browser, ...organization } = await customer();
    await add(browser, "minutes", "30");
    for (const _ of [1, 2])
      expect((await browser.post(`${ALERTS}/remove`, { key: "minutes:60" })).headers.get("Location")).toBe(
        `${ALERTS}?done=removed`,
      );
    expect(await alertsOf(organization)).toMatchObject([{ minutes: 30 }]);
    expect((await submit(browser, ALERTS, "Remove")).status).toBe(303);
    expect(await browser.page(ALERTS)).toContain("You are still notified when your credit is used up.");
  });

  test("that are no thresholds are refused at the field, and what was typed stays", async () => {
    const { browser, ...organization } = await customer();
    const wrong = [
      ["minutes", "0"],
      ["minutes", "12.5"],
      ["minutes", "-1"],
      ["minutes", "999999999"],
      ["minutes", "1.000"],
      ["euros", "5.000"],
      ["euros", "0"],
      ["euros", "1.2345"],
      ["euros", "9.999.999.999.999"],
      ["runway", "1000000"],
      ["runway", "soon"],
      ["dollars", "5"],
      ["minutes", ""],
      ["minutes", "60"],
    ] as const;
    for (const [kind, amount] of wrong) {
      const answer = await browser.post(ALERTS, { kind, amount });
      const page = await answer.text();
      expect([kind, amount, answer.status, wrongFieldsOf(page)]).toEqual([kind, amount, 422, ["amount"]]);
      expect(Object.keys(errorsOf(page))).toEqual(["amount"]);
      expect(enteredIn(page, "amount")).toBe(amount);
    }
    expect(await alertsOf(organization)).toMatchObject([{ minutes: 60 }]);
  });

  test("are ten at most", async () => {
    const { browser, ...organization } = await customer();
    for (let minutes = 1; minutes <= 9; minutes++) await add(browser, "minutes", String(minutes));
    const answer = await add(browser, "minutes", "10");
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("You already have ten alerts. Remove one first.");
    expect(await alertsOf(organization)).toHaveLength(10);
  });

  test("that nobody hears of are said to be so, until an endpoint listens", async () => {
    const { browser, ...organization } = await customer();
    expect(await browser.page(ALERTS)).toContain("No one is notified yet");
    const endpoint = (events: string[]) =>
      ask(organization, "POST", "/webhook_endpoints", {
        body: { url: "https://hooks.example.com/ringfence", events },
      });
    await endpoint(["call.lost"]);
    expect(await browser.page(ALERTS)).toContain("No one is notified yet");
    await endpoint(["balance.low"]);
    expect(await browser.page(ALERTS)).not.toContain("No one is notified yet");
  });

  test("added by two people at the same time are both there", async () => {
    const { browser, ...organization } = await customer();
    const other = await visitor(organization, "billing");
    await Promise.all([
      browser.post(ALERTS, { kind: "minutes", amount: "30" }),
      other.post(ALERTS, { kind: "minutes", amount: "20" }),
    ]);
    expect((await alertsOf(organization)).map(({ minutes }) => minutes).sort()).toEqual([20, 30, 60]);
  });
});
