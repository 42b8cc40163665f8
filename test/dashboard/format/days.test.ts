import { describe, expect, test, vi } from "vitest";
import { PORTAL_PAGES } from "../../../src/access/portal-sessions";
import { addDays, dayIn, startOfDay } from "../../../src/dashboard/format/days";
import { pathOf } from "../../../src/dashboard/layout";
import { call, newOrganization } from "../../support/api/organizations";
import { visitor } from "../../support/dashboard/visitor";

const ZONES = ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham"];

describe.each(ZONES)("in %s", (TIME_ZONE) => {
  test("a day begins with its first instant, on every day of a year", () => {
    for (let day = "2026-01-01"; day < "2027-01-01"; day = addDays(day, 1)) {
      const at_ms = startOfDay(TIME_ZONE, day);
      expect([dayIn(TIME_ZONE, at_ms), dayIn(TIME_ZONE, at_ms - 1)]).toEqual([day, addDays(day, -1)]);
    }
  });

  test("every page is there, says the zone, and counts a call on its day", async () => {
    const organization = await newOrganization(1_000_000);
    await call(organization, "a-call", 6_000);
    const browser = (await visitor(organization)).with({ TIME_ZONE });
    for (const page of PORTAL_PAGES)
      expect([page, (await browser.get(pathOf(page))).status]).toEqual([page, 200]);
    const today = dayIn(TIME_ZONE, Date.now());
    const of_today = `${pathOf("usage")}?from=${today}&to=${today}`;
    await vi.waitFor(async () => expect(await browser.page(of_today)).toContain("calls/a-call"));
    expect(await browser.page(of_today)).toContain(TIME_ZONE);
    const yesterday = addDays(today, -1);
    const of_yesterday = `${pathOf("usage")}?from=${yesterday}&to=${yesterday}`;
    expect(await browser.page(of_yesterday)).not.toContain("calls/a-call");
  });
});
