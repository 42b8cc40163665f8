import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { rollUpUsage } from "../../../src/calls/usage/roll-up";
import { project } from "../../../src/storage/calls/projection";
import type { Json } from "../../support/api/api";
import {
  ask,
  authorize,
  call,
  newOrganization,
  node,
  type TestOrganization,
} from "../../support/api/organizations";
import { meterD1 } from "../../support/api/rows-read";
import { stopClock } from "../../support/clock";
import { copyRows } from "../../support/copy-rows";
import { visitor } from "../../support/dashboard/visitor";
import { until } from "../../support/until";

const clock = stopClock("2030-11-04T09:07:00.000Z");
const CALLS = 300_000;
let organization: TestOrganization;

/** One request, with the rows of D1 that it read in all and by its longest query. */
async function read(path: string) {
  const meter = meterD1();
  const answer = await ask(organization, "GET", path, { bindings: { DB: meter.DB } as never });
  const rows = meter.queries.map(({ rows_read }) => rows_read);
  const all = rows.reduce((sum, more) => sum + more, 0);
  console.log(
    `${path} ${answer.status}: ${all} rows in ${rows.length} queries, the longest ${Math.max(...rows)}`,
  );
  return { ...answer, all, longest: Math.max(...rows) };
}

async function rollUpAll(): Promise<void> {
  for (let runs = 0; runs < 40; runs += 1) if ((await rollUpUsage(env, Date.now())).rolled === 0) return;
}

beforeAll(async () => {
  organization = await newOrganization(1_000_000_000);
  await call(organization, "first", 6_000, { letTimePass: clock.pass });
  const of_it = { sql: "organization_id = ?", values: [organization.id] };
  await until(
    "the records",
    async () => (await ask(organization, "GET", "/usage")).body.pagination.total === 1,
  );
  const changes = {
    call_id: "'copy-' || n",
    started_at_ms: "started_at_ms - n * 8640",
    counted: "NULL",
    outcome: "iif(n % 3000 = 0, 'rejected', outcome)",
    charged_at_ms: "iif(n % 3000 = 0, NULL, charged_at_ms)",
    to_number: "'+4930' || (n % 1000)",
  };
  await copyRows("calls", CALLS, changes, of_it);
  clock.pass(2 * 3_600_000);
  await rollUpAll();
}, 400_000);

test("the cron counts what others have written, and again changes nothing", async () => {
  const { body } = await read("/usage?limit=1");
  expect(body.pagination.total).toBe(CALLS + 1 - CALLS / 3_000);
  await rollUpAll();
  expect((await read("/usage?limit=1")).body.summary).toEqual(body.summary);
});

test.each([
  "/usage?limit=1",
  "/usage?limit=1000",
  "/usage?offset=250000&limit=100",
  "/usage?start_date=2030-10-20T11:11:11.111Z&end_date=2030-10-28T07:03:00.017Z",
  "/calls?limit=100",
  "/calls?status=rejected&limit=100",
  "/calls?status=failed",
  "/calls?direction=inbound",
  "/calls?status=ended&offset=200000",
  "/calls?parent_call_id=nobody",
])("%s reads some thousand rows at most", async (path) => {
  const { status, longest, all } = await read(path);
  expect(status).toBe(200);
  expect(longest).toBeLessThanOrEqual(4_500);
  expect(all).toBeLessThanOrEqual(16_000);
});

test("an edge to the millisecond adds up to what the rows do", async () => {
  const { results } = await env.DB.prepare(
    `SELECT count(*) AS calls, sum(charged_micros) AS micros FROM calls WHERE organization_id = ?
     AND charged_at_ms IS NOT NULL AND started_at_ms >= ? AND started_at_ms < ?`,
  )
    .bind(organization.id, Date.parse("2030-10-20T11:11:11.111Z"), Date.parse("2030-10-28T07:03:00.017Z"))
    .all<Json>();
  const { body } = await read("/usage?start_date=2030-10-20T11:11:11.111Z&end_date=2030-10-28T07:03:00.017Z");
  expect([body.summary.total_calls, body.summary.total_cost_micros]).toEqual([
    results[0]?.calls,
    results[0]?.micros,
  ]);
});

test("pages by offset and by cursor are the same", async () => {
  const by_cursor: string[] = [];
  let cursor = "";
  for (let page = 0; page < 4; page += 1) {
    const { body } = await ask(organization, "GET", `/calls?status=rejected&limit=25${cursor}`);
    by_cursor.push(...body.calls.map(({ call_id }: Json) => call_id));
    cursor = `&cursor=${body.next_cursor}`;
  }
  const { body } = await ask(organization, "GET", "/calls?status=rejected&limit=100");
  expect(by_cursor).toEqual(body.calls.map(({ call_id }: Json) => call_id));
  expect(new Set(by_cursor).size).toBe(100);
});

test("a number's page shows its calls from the sums by hour", async () => {
  const browser = await visitor(organization);
  const page = await browser.page("/billing/usage?from=2030-10-01&to=2030-11-04&number=%2B493017");
  expect(page).toContain("+493017");
  expect(page).toMatch(/>300</);
});

test("a call writes a row of D1, and a batch of them one more for their day and one for their hour", async () => {
  const { results } = await env.DB.prepare("SELECT * FROM calls WHERE organization_id = ? LIMIT 1")
    .bind(organization.id)
    .all<Json>();
  const at_ms = Date.parse("2030-11-05T00:00:00Z");
  const calls = Array.from({ length: 200 }, (_, n) => ({
    ...results[0],
    call_id: `new-${n}`,
    started_at_ms: at_ms + n,
  }));
  const written = async (rows: Json[]) => {
    const meter = meterD1();
    await project(meter.DB, { calls: rows as never, entries: [] });
    return meter.queries.reduce((sum, { rows_written }) => sum + rows_written, 0);
  };
  expect([await written(calls), await written(calls)]).toEqual([202, 0]);
  expect(await written([{ ...calls[0], call_id: "lone" }])).toBe(2);
});

test("a call that ends between two pages comes once, and a wrong cursor is refused", async () => {
  const one = await newOrganization(1_000_000);
  for (const id of ["a", "b", "c", "d"]) await authorize(one, id);
  const first = (await ask(one, "GET", "/calls?limit=2")).body;
  for (const id of ["a", "b", "c", "d"])
    await node(one, `${id}/settle`, { duration_ms: 0, end_reason: "hangup" });
  await until(
    "the records",
    async () => (await ask(one, "GET", "/calls?status=failed")).body.pagination.total === 4,
  );
  const ids = first.calls.map(({ call_id }: Json) => call_id);
  for (let { next_cursor } = first; next_cursor; ) {
    const { body } = await ask(one, "GET", `/calls?limit=2&cursor=${next_cursor}`);
    ids.push(...body.calls.map(({ call_id }: Json) => call_id));
    ({ next_cursor } = body);
  }
  expect(ids.toSorted()).toEqual(["a", "b", "c", "d"]);
  for (const query of ["cursor=bad!", "cursor=YWJj", `cursor=${first.next_cursor}&offset=1`])
    for (const path of ["/calls", "/usage"])
      expect(await ask(one, "GET", `${path}?${query}`)).toMatchObject({
        status: 400,
        body: { error: { param: "cursor" } },
      });
});
