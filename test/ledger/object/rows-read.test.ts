import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { api, type Json } from "../../support/api/api";
import {
  adminKey,
  ask,
  authorize,
  call,
  give,
  newOrganization,
  node,
  type TestOrganization,
} from "../../support/api/organizations";
import { stopClock } from "../../support/clock";
import { type Visitor, visitor } from "../../support/dashboard/visitor";
import { fillLedger, rowsUpTo } from "../../support/ledger/fill-ledger";
import { meterObjects } from "../../support/ledger/rows-read";

const clock = stopClock("2030-11-04T09:07:00.000Z");
const LIVE = 5_000;
const PAST = 20_000;
/** What one request may read in an object beside the rows of its page. */
const MOST_ROWS = 30;

let organization: TestOrganization;
let browser: Visitor;
let meter: Awaited<ReturnType<typeof meterObjects>>;
const ledger = () => env.LEDGER.getByName(organization.id);

beforeAll(async () => {
  organization = await newOrganization(1_000_000_000);
  await give(organization, "+31201234567");
  await call(organization, "over", 6_000, { letTimePass: clock.pass });
  await authorize(organization, "live", { node: "edge-1" });
  await node(organization, "live/answered", {});
  await fillLedger(
    organization,
    `${rowsUpTo(LIVE - 1)} INSERT INTO hold (hold_id, held_micros, facts) SELECT 1000 + i, held_micros,
       json_set(facts, '$.call_id', 'live-' || i, '$.authorized_at_ms', facts ->> '$.authorized_at_ms' + i / 10)
     FROM hold, n WHERE facts ->> '$.call_id' = 'live'`,
    `${rowsUpTo(PAST)} INSERT INTO call (call_id, resolved_at_ms, facts) SELECT 'over-' || i, resolved_at_ms,
       json_set(facts, '$.call_id', 'over-' || i) FROM call, n WHERE call_id = 'over'`,
    `${rowsUpTo(PAST)} INSERT INTO entry SELECT 100000 + i, epoch, kind, currency, 0, balance_after_micros,
       month_seconds_after, call_id, key, reason, posted_at_ms
       ${await laterColumns()} FROM (SELECT * FROM entry ORDER BY seq DESC LIMIT 1), n`,
    "UPDATE left_until SET resolved_until_ms = 1",
  );
  browser = await visitor(organization);
  meter = await meterObjects(ledger());
  await ask(organization, "GET", "/account");
  await browser.page("/billing");
}, 60_000);
afterAll(() => meter.stop());

/** Columns of an entry that came to the table after the first version, empty. */
async function laterColumns(): Promise<string> {
  const { runInDurableObject } = await import("cloudflare:test");
  const columns = await runInDurableObject(ledger(), (_, { storage }) =>
    storage.sql.exec<{ name: string }>("SELECT name FROM pragma_table_info('entry')").toArray(),
  );
  return columns
    .slice(11)
    .map(() => ", NULL")
    .join("");
}

describe("with 5,000 live calls and 20,000 that are over, an object reads few rows for", () => {
  test.each([
    ["GET /account", 0],
    ["GET /calls?limit=100", 0],
    ["GET /calls?limit=100&offset=4000", 0],
    ["GET /calls?status=in-progress", 0],
    ["GET /calls/nobody", 0],
    ["GET /calls/live-17", 0],
    ["GET /calls/over-17", 0],
    ["GET /ledger?limit=50", 50],
    ["GET /numbers", 0],
    ["GET /api_keys", 0],
    ["GET /webhook_endpoints", 0],
  ])("%s", async (what, page) => {
    clock.pass(1_000);
    meter.rowsRead();
    const [method = "", path = ""] = what.split(" ");
    expect((await ask(organization, method, path)).status).toBeLessThan(500);
    const { rows, by } = meter.rowsRead();
    expect([rows <= MOST_ROWS + page, by]).toEqual([true, by]);
  });

  test("a call that the records are asked for, too", async () => {
    meter.rowsRead();
    expect((await ask(organization, "GET", "/calls/nobody")).status).toBe(404);
    expect(meter.rowsRead().rows).toBeLessThanOrEqual(MOST_ROWS);
  });

  test.each(["/billing", "/billing/ledger", "/billing/usage", "/billing/keys"])(
    "the page %s",
    async (path) => {
      meter.rowsRead();
      await browser.page(path);
      expect(meter.rowsRead().rows).toBeLessThanOrEqual(MOST_ROWS + 60);
    },
  );

  test("a node's list of its calls, which comes in pages", async () => {
    meter.rowsRead();
    const path = `/api/v1/edge/calls?node=edge-1&organization_id=${organization.id}&limit=10`;
    const { body } = await api("GET", path, { key: organization.edge_key });
    expect([body.calls.length, body.has_more]).toEqual([10, true]);
    expect(meter.rowsRead().rows).toBeLessThanOrEqual(MOST_ROWS);
  });

  test("the operator's view of it", async () => {
    meter.rowsRead();
    await api("GET", `/api/v1/admin/organizations/${organization.id}`, { key: await adminKey() });
    expect(meter.rowsRead().rows).toBeLessThanOrEqual(MOST_ROWS);
  });
});

test("live calls cross to the Worker a page at a time, in order, with how many there are", async () => {
  const page = async (asked: Json): Promise<Json> =>
    ledger().calls(null, { order: "newest", after: null, offset: 0, limit: 100, ...asked });
  const first = await page({});
  expect([first.live.length, first.total, first.left]).toEqual([100, LIVE, LIVE]);
  const last = first.live.at(-1);
  const second = await page({ after: last, limit: 1 });
  expect(second).toMatchObject({ total: LIVE, left: LIVE - 100 });
  const both = await page({ offset: 100, limit: 1 });
  expect(second.live).toEqual(both.live);
  expect((await page({ is_answered: false })).total).toBe(0);
  expect((await page({ direction: "inbound" })).total).toBe(0);
  expect((await page({ parent_call_id: "none" })).total).toBe(0);
  expect((await page({ until_ms: last.authorized_at_ms })).total).toBeLessThan(LIVE);
  const seen = new Set<string>();
  for (let after: Json = null; ; ) {
    const { live } = await page({ after, limit: 1_000 });
    if (live.length === 0) break;
    for (const { call_id } of live) seen.add(call_id);
    after = live.at(-1);
  }
  expect(seen.size).toBe(LIVE);
});

test("the Overview shows ten of them, and says how many more there are", async () => {
  const page = await browser.page("/billing");
  expect(page).toMatch(/4,?990/);
});
