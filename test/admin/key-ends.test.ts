import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import worker from "../../src/index";
import { openWebhooks } from "../../src/webhooks/client";
import { OPERATOR_OWNER } from "../../src/webhooks/operator";
import { api, type Json } from "../support/api/api";
import { bindings } from "../support/api/as-operator";
import { adminKey } from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { failD1 } from "../support/failures/failing-d1";
import { failing_kv } from "../support/failures/failing-stores";

const clock = stopClock();
const DAY_MS = 86_400_000;
let endpoint_id: string;
let mend: (() => void) | undefined;

const asOperator = async (method: string, path: string, body?: Json) =>
  (await api(method, `/api/v1/admin${path}`, { key: await adminKey(), body })).body;

const newKey = (stated: Json = {}) => asOperator("POST", "/keys", { kind: "admin", label: "ops", ...stated });

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

/** The cron in which operators are told. */
const run = (with_ = bindings) => worker.scheduled(createScheduledController({ cron: "*/5 * * * *" }), with_);

/** The days before the end of one key on which operators were told of it, the first time first. */
async function toldOf({ id }: Json): Promise<number[]> {
  const all = { endpoint_id, state: null, after: null, limit: 100 };
  const { deliveries } = await openWebhooks(bindings, OPERATOR_OWNER).listDeliveries(all);
  const told = deliveries.map(({ body }) => JSON.parse(body).data).filter(({ key_id }) => key_id === id);
  return told.map(({ days }) => days).toReversed();
}

beforeEach(async () => {
  for (const level of ["warn", "error", "log"] as const)
    vi.spyOn(console, level).mockImplementation(() => {});
  await env.DB.exec("DELETE FROM platform_keys WHERE expires_at_ms IS NOT NULL");
  for (const { id } of (await asOperator("GET", "/webhook_endpoints")).webhook_endpoints)
    await asOperator("DELETE", `/webhook_endpoints/${id}`);
  const events = ["ops.admin_key_ending"];
  const made = await asOperator("POST", "/webhook_endpoints", { url: "https://ops.example.com/", events });
  endpoint_id = made.id;
});

afterEach(() => {
  mend?.();
  mend = undefined;
  vi.restoreAllMocks();
});

describe("operators are told that an admin key ends", () => {
  it("14 days and 1 day ahead, once each, however often the cron runs", async () => {
    const key = await newKey();
    expect(key.expires_at).toBe(inDays(365));
    clock.pass(351 * DAY_MS - 1);
    await run();
    expect(await toldOf(key)).toEqual([]);
    clock.pass(1);
    for (let runs = 0; runs < 3; runs++) await run();
    expect(await toldOf(key)).toEqual([14]);
    clock.pass(13 * DAY_MS - 1);
    await run();
    expect(await toldOf(key)).toEqual([14]);
    clock.pass(1);
    for (let runs = 0; runs < 3; runs++) await run();
    expect(await toldOf(key)).toEqual([14, 1]);
    clock.pass(2 * DAY_MS);
    await run();
    expect(await toldOf(key)).toEqual([14, 1]);
  });

  it("once by two runs at the same time, and by one that was cut off before it noted that", async () => {
    const key = await newKey({ expires_at: inDays(20) });
    clock.pass(6 * DAY_MS);
    await Promise.all([run(), run()]);
    expect(await toldOf(key)).toEqual([14]);
    await env.DB.exec("UPDATE platform_keys SET end_told_days = NULL");
    clock.pass(60_000);
    await run();
    expect(await toldOf(key)).toEqual([14]);
  });

  it("with its name and its end, and nothing that opens anything", async () => {
    const key = await newKey({ label: "month end", expires_at: inDays(20) });
    clock.pass(6 * DAY_MS);
    await run();
    const { deliveries } = await openWebhooks(bindings, OPERATOR_OWNER).listDeliveries({
      ...{ endpoint_id, state: null, after: null, limit: 1 },
    });
    const { type, timestamp, data } = JSON.parse(deliveries[0]?.body ?? "");
    expect({ type, timestamp, data }).toEqual({
      type: "ops.admin_key_ending",
      timestamp: new Date().toISOString(),
      data: { key_id: key.id, label: "month end", expires_at: key.expires_at, days: 14 },
    });
  });

  it("one day ahead only, of one that was made for less than 14 days, and never of one for less than a day", async () => {
    const [short, shorter] = [
      await newKey({ expires_at: inDays(14) }),
      await newKey({ expires_at: inDays(1) }),
    ];
    await run();
    clock.pass(0.9 * DAY_MS);
    await run();
    expect([await toldOf(short), await toldOf(shorter)]).toEqual([[], []]);
    clock.pass(12.5 * DAY_MS);
    await run();
    expect(await toldOf(short)).toEqual([1]);
  });

  it("but not of one that was revoked, of a node's, or of one without an end", async () => {
    const revoked = await newKey({ expires_at: inDays(20) });
    await asOperator("DELETE", `/keys/${revoked.id}`);
    const edge = await newKey({ kind: "edge", expires_at: inDays(20) });
    clock.pass(10 * DAY_MS);
    await run();
    expect([await toldOf(revoked), await toldOf(edge)]).toEqual([[], []]);
  });

  it("late and once, where D1 was away meanwhile", async () => {
    const key = await newKey({ expires_at: inDays(20) });
    clock.pass(6 * DAY_MS);
    mend = failD1();
    await run();
    mend();
    expect(await toldOf(key)).toEqual([]);
    clock.pass(3 * DAY_MS);
    await run();
    await run();
    expect(await toldOf(key)).toEqual([14]);
  });

  it("of the last day alone, where D1 was away until then", async () => {
    const key = await newKey({ expires_at: inDays(20) });
    clock.pass(19.5 * DAY_MS);
    await run();
    await run();
    expect(await toldOf(key)).toEqual([1]);
  });

  it("while KV is away, too", async () => {
    const key = await newKey({ expires_at: inDays(20) });
    clock.pass(6 * DAY_MS);
    await run({ ...bindings, DIRECTORY: failing_kv });
    expect(await toldOf(key)).toEqual([14]);
  });
});
