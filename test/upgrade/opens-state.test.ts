import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { rollUpUsage } from "../../src/calls/usage/roll-up";
import { api, type Json } from "../support/api/api";
import { stopClock } from "../support/clock";
import before from "./state-before-rooms.json";

type Row = Record<string, string | number | null>;

interface ObjectState {
  schema: string[];
  rows: Record<string, Row[]>;
}

const { organization, account, now_ms } = before;
const LEDGER = env.LEDGER.getByName(organization.id);
const WEBHOOKS = env.WEBHOOKS.getByName(organization.id);

/** Gives an object that is still empty the tables and rows of another one, and starts it anew on them. */
async function restore(stub: DurableObjectStub, { schema, rows }: ObjectState): Promise<void> {
  await runInDurableObject(stub, (_instance, { storage }) => {
    for (const statement of schema) storage.sql.exec(statement);
    for (const [table, each] of Object.entries(rows))
      for (const row of each)
        storage.sql.exec(
          `INSERT INTO "${table}" (${Object.keys(row)}) VALUES (${Object.keys(row).map(() => "?")})`,
          ...Object.values(row),
        );
  });
  await evictDurableObject(stub);
}

async function restoreD1(tables: Record<string, Row[]>): Promise<void> {
  const insert = (table: string, row: Row) =>
    env.DB.prepare(
      `INSERT INTO "${table}" (${Object.keys(row)}) VALUES (${Object.keys(row).map(() => "?")})`,
    ).bind(...Object.values(row));
  for (const [table, rows] of Object.entries(tables))
    await env.DB.batch(rows.map((row) => insert(table, row)));
}

const asCustomer = (path: string) => api("GET", `/api/v1${path}`, { key: organization.key });
const asNode = (what: string, body: Json) =>
  api("POST", `/api/v1/edge/calls/${what}`, {
    key: organization.edge_key,
    body: { organization_id: organization.id, ...body },
  });

// The files of one release are opened by the next: `state-before-rooms.json` is what the release of 29 November 2026, before
// its code was put in rooms, left behind while calls were live, a copy to D1 lagged and deliveries were waiting.
describe("state that the release before has written", () => {
  const clock = stopClock(now_ms);

  beforeAll(async () => {
    await restoreD1(before.d1 as unknown as Record<string, Row[]>);
    for (const [key, entry] of Object.entries(before.kv)) await env.DIRECTORY.put(key, JSON.stringify(entry));
    await restore(LEDGER, before.ledger as unknown as ObjectState);
    await restore(WEBHOOKS, before.webhooks as unknown as ObjectState);
  });

  test("gives the same account, by the customer's own key", async () => {
    const { body, status } = await asCustomer("/account");
    expect({ status, body }).toEqual({ status: 200, body: account });
  });

  test("proves itself", async () => {
    const { openLedger } = await import("../../src/ledger/client");
    const ref = { organization_id: organization.id, jurisdiction: null };
    expect(await openLedger(env, ref, 10_000).verify()).toMatchObject({ ok: true, entries: 7 });
  });

  test("answers repeats of what was said before with the same receipt, and of other content with a conflict", async () => {
    const settle = { duration_ms: 125_000, end_reason: "caller_hangup" };
    const repeat = await asNode("settled/settle", settle);
    expect(repeat).toMatchObject({ status: 200, body: { outcome: "settled", billable_seconds: 125 } });
    expect(await asNode("settled/settle", { ...settle, duration_ms: 300_000 })).toMatchObject({
      status: 409,
    });
    const correction = { correction_id: "c1", duration_ms: 59_000, reason: "CDR" };
    expect(await asNode("corrected/correct", correction)).toMatchObject({ status: 200 });
  });

  test("goes on with its live calls: renewed, answered, settled", async () => {
    clock.pass(30_000);
    const renewed = { request_number: 2, elapsed_seconds: 70 };
    expect(await asNode("live/renew", renewed)).toMatchObject({ status: 200, body: { decision: "allow" } });
    expect(await asNode("ringing/answered", {})).toMatchObject({ status: 200 });
    const end = { duration_ms: 70_000, end_reason: "caller_hangup" };
    const live = await asNode("live/settle", end);
    expect(live).toMatchObject({ status: 200, body: { billable_seconds: 120, fee_micros: 280_000 } });
    expect(await asNode("big-0/void", { end_reason: "busy" })).toMatchObject({ status: 200 });
  });

  test("brings to D1 what had not been copied", async () => {
    await vi.waitFor(async () => {
      const { body } = await asCustomer("/calls");
      const ids = body.calls.map(({ call_id }: Json) => call_id);
      expect(ids).toEqual(expect.arrayContaining(["settled", "corrected", "voided", "outage", "live"]));
    });
    // The release before counts no days: the cron adds up what it has written.
    await rollUpUsage(env);
    const { body } = await asCustomer("/usage");
    expect(body.summary.total_calls).toBe(4);
  });

  test("keeps purchases, card, auto top-up, alerts, numbers and keys", async () => {
    expect((await asCustomer("/purchases")).body.purchases).toMatchObject([{ status: "credited" }]);
    const auto_top_up = (await asCustomer("/auto_top_up")).body;
    expect(auto_top_up).toMatchObject({ enabled: true, status: "paused", paused_because: "refund" });
    expect((await asCustomer("/alerts")).body.alerts).toHaveLength(2);
    expect((await asCustomer("/numbers")).body.numbers).toHaveLength(2);
    expect((await asCustomer("/api_keys")).body.api_keys).toHaveLength(2);
  });

  test("still has the endpoint and the deliveries that wait for it", async () => {
    const { body } = await asCustomer("/webhook_endpoints");
    expect(body.webhook_endpoints).toMatchObject([{ url: "https://hooks.customer-a.com/ringfence" }]);
    const { body: page } = await asCustomer("/webhook_deliveries?limit=100");
    expect(page.deliveries.length).toBeGreaterThanOrEqual(before.webhooks.rows.delivery.length);
  });
});
