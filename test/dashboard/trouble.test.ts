import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PORTAL_PAGES } from "../../src/access/portal-sessions";
import { pathOf } from "../../src/dashboard/layout";
import type { Json } from "../support/api/api";
import {
  everythingOf,
  type FullOrganization,
  fullOrganization,
  postsOf,
  send,
} from "../support/dashboard/posts";
import { type Visitor, visitor } from "../support/dashboard/visitor";
import { failD1 } from "../support/failures/failing-d1";
import { failLedger } from "../support/failures/failing-ledger";
import { standInStripeForFile } from "../support/purchases/stripe";

const PAGES = [
  ...PORTAL_PAGES.map(pathOf),
  ...["calls.csv", "calls/a"].map((path) => `${pathOf("usage")}/${path}`),
];

const stripe = standInStripeForFile();
let organization: FullOrganization;
let browser: Visitor;
let before: Json;
let mend = () => {};

beforeAll(async () => {
  organization = await fullOrganization(stripe);
  before = await everythingOf(organization);
});
// One session may not ask that often in ten seconds.
beforeEach(async () => {
  browser = await visitor(organization);
});
afterEach(() => mend());

describe.each([
  ["the records", failD1],
  ["the ledger", () => failLedger(organization.id)],
])("while %s cannot be reached", (_, fail) => {
  test("every page says so, tells nothing of how, and may be tried again", async () => {
    mend = fail();
    for (const path of PAGES) {
      const answer = await browser.get(path);
      const page = await answer.text();
      expect([path, answer.status]).toEqual([path, 503]);
      expect(page).toContain("Your credit and your calls are not affected.");
      expect(page).toContain(`href="${path}"`);
      expect(page).not.toMatch(/D1_|made by the test|failed by the test|Error:/);
    }
    mend();
    for (const path of PAGES.filter((each) => !each.endsWith("/a")))
      expect([path, (await browser.get(path)).status]).toEqual([path, 200]);
  });

  test("nothing that is sent is done, and everything is as it was afterwards", async () => {
    mend = fail();
    for (const post of postsOf(organization)) {
      const answer = await send(browser, post);
      expect([post.path, answer.status]).toEqual([post.path, 503]);
    }
    mend();
    expect(await everythingOf(organization)).toEqual(before);
    expect((await browser.get("/billing")).status).toBe(200);
  });
});
