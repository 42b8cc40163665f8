import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Json } from "../support/api/api";
import { ask, newOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { visitor } from "../support/dashboard/visitor";
import { rowsUpTo } from "../support/ledger/fill-ledger";
import { meterObjects } from "../support/ledger/rows-read";

const clock = stopClock("2030-11-04T09:07:00.000Z");
const OTHERS = 10_000;
const MOST_ROWS = 5_000;

test("one endpoint's deliveries among many of another are found, a bounded look at a time", async () => {
  const organization = await newOrganization();
  const made = async (path: string) =>
    (
      await ask(organization, "POST", "/webhook_endpoints", {
        body: { url: `https://hooks.example.com${path}` },
      })
    ).body.id;
  const [busy, quiet] = [await made("/busy"), await made("/quiet")];
  const webhooks = env.WEBHOOKS.getByName(organization.id);
  await runInDurableObject(webhooks, (_, { storage }) => {
    const row = (id: string, endpoint: string, state: string) =>
      `INSERT INTO delivery (event_id, endpoint_id, type, body, state, next_try_at_ms, tries, attempts, created_at_ms)
       SELECT ${id}, '${endpoint}', 'credits.added', '{}', '${state}', NULL, 1, '[]', 1`;
    storage.sql.exec(
      `${rowsUpTo(OTHERS)} ${row("'evt_01k9z3v8qhe1w9m4c7d2x' || printf('%05d', i)", busy, "delivered")} FROM n`,
    );
    storage.sql.exec(row("'evt_01k9z3v8qhe1w9m4c7d2w00001'", quiet, "failed"));
  });
  const meter = await meterObjects(webhooks);
  const found: Json[] = [];
  let pages = 0;
  for (let cursor: string | null = ""; cursor !== null; pages += 1) {
    clock.pass(1_000);
    meter.rowsRead();
    const query: string = cursor && `&cursor=${cursor}`;
    const { body } = await ask(organization, "GET", `/webhook_deliveries?endpoint_id=${quiet}${query}`);
    expect(meter.rowsRead().rows).toBeLessThanOrEqual(MOST_ROWS);
    found.push(...body.deliveries);
    cursor = body.next_cursor;
  }
  expect(found.map(({ event_id }) => event_id)).toEqual(["evt_01k9z3v8qhe1w9m4c7d2w00001"]);
  expect(pages).toBeGreaterThan(2);
  const failed = await ask(organization, "GET", `/webhook_deliveries?endpoint_id=${quiet}&state=failed`);
  expect(failed.body).toMatchObject({ deliveries: found, next_cursor: null });
  expect(meter.rowsRead().rows).toBeLessThanOrEqual(100);
  const deep = await ask(organization, "GET", `/webhook_deliveries?limit=100`);
  meter.rowsRead();
  await ask(organization, "GET", `/webhook_deliveries?limit=100&cursor=${deep.body.next_cursor}`);
  expect(meter.rowsRead().rows).toBeLessThanOrEqual(250);
  const browser = await visitor(organization);
  const at = `/billing/webhooks/${quiet}`;
  let page = await browser.page(at);
  for (let n = 0; !page.includes("credits.added</code>") && n < 10; n += 1) {
    const older = /href="(\?before=[^"]+)"/.exec(page)?.[1] ?? "";
    page = await browser.page(at + older);
  }
  expect(page).toContain("credits.added</code>");
  meter.stop();
});
