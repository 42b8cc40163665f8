import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type RunningServer, serve } from "../../support/node/serve.ts";
import { type Client, expectStatus, openClient } from "../demo/client.ts";
import { Receiver } from "./receiver.ts";

const { values } = parseArgs({ options: { events: { type: "string", default: "5000" } } });
const EVENTS = Number(values.events);
const ALERTS = 20;
const ALERT_LIMIT_MS = 1_000;
const SAMPLES = 60;
const DEAD_BACKLOG = 500;
const RATIO_LIMIT = 1.2;
const KILLS = 3;
const CALLS_A_REQUEST = 200;
/** The second wait of the schedule is five minutes, and some more by chance. */
const PATIENCE_MS = 8 * 60_000;

const SETTINGS = {
  WEBHOOK_LOCALHOST: "true",
  WEBHOOK_RESOLVER_URL: "",
  NODE_TIME_TOLERANCE_SECONDS: "86400",
  CUSTOMER_REQUESTS_PER_MINUTE: "1000000",
  EDGE_REQUESTS_PER_MINUTE: "1000000",
};

interface Customer {
  id: string;
  client: Client;
  receiver: Receiver;
}

let failed = 0;

function promise(name: string, kept: boolean): void {
  if (!kept) failed += 1;
  console.log(`${kept ? "ok  " : "FAIL"} ${name}`);
}

async function main(): Promise<void> {
  const persistTo = mkdtempSync(`${tmpdir()}/ringfence-events-`);
  let server = await serve({ persistTo, quiet: true, settings: SETTINGS });
  try {
    await alertsInTime(server);
    await deadEndpointApart(server);
    server = await everythingArrives(server, () => serve({ persistTo, quiet: true, settings: SETTINGS }));
  } finally {
    await server.stop();
    rmSync(persistTo, { recursive: true, force: true });
  }
  process.exit(failed === 0 ? 0 : 1);
}

/** From the renewal that crosses a threshold to the event at the customer's. */
async function alertsInTime(server: RunningServer): Promise<void> {
  const edge = openClient(server.base_url, server.edge_key);
  const delays_ms: number[] = [];
  for (let n = 0; n < ALERTS; n++) {
    const customer = await newCustomer(server, ["balance.low"], 700_000);
    const { id: organization_id, client, receiver } = customer;
    expectStatus(await client.put("/alerts", { alerts: [{ amount_micros: 695_000 }] }), 200, "PUT /alerts");
    const call = {
      call_id: "live",
      organization_id,
      direction: "outbound",
      from: "+31201234567",
      to: "+31207654321",
    };
    expectStatus(await edge.post("/edge/calls/authorize", call), 200, "authorize");
    await edge.post("/edge/calls/live/answered", { organization_id });
    const began_ms = Date.now();
    await edge.post("/edge/calls/live/renew", { organization_id, request_number: 1, elapsed_seconds: 5 });
    await until("the alert", () => receiver.taken.size > 0, 10_000);
    delays_ms.push(([...receiver.taken.values()][0] ?? 0) - began_ms);
    receiver.stop();
  }
  const slowest_ms = Math.max(...delays_ms);
  promise(
    `an alert is there after the renewal that crosses it: median ${median(delays_ms)} ms, slowest ${slowest_ms} ms of ${ALERTS}`,
    slowest_ms < ALERT_LIMIT_MS,
  );
}

/** How long credit takes to be told, with nobody else about and beside an endpoint that never answers. */
async function deadEndpointApart(server: RunningServer): Promise<void> {
  const healthy = await newCustomer(server, ["credits.added"]);
  const dead = await newCustomer(server, ["call.settled"], 1_000_000_000);
  await deliveryTimes(server, healthy, 10);
  const alone_ms = median(await deliveryTimes(server, healthy, SAMPLES));
  dead.receiver.mood = () => "silent";
  await playCalls(server, dead, "dead", DEAD_BACKLOG);
  await until("the dead endpoint's tries", () => dead.receiver.requests >= 24, 20_000);
  const beside_ms = median(await deliveryTimes(server, healthy, SAMPLES));
  const ratio = beside_ms / alone_ms;
  promise(
    `beside a dead endpoint with ${DEAD_BACKLOG} events waiting delivery takes ${ratio.toFixed(2)} of the time alone (${beside_ms} and ${alone_ms} ms)`,
    ratio < RATIO_LIMIT,
  );
  healthy.receiver.stop();
  dead.receiver.stop();
}

/** A receiver that fails, falls silent, is away for a while and comes back, while the server is killed. */
async function everythingArrives(
  server: RunningServer,
  restart: () => Promise<RunningServer>,
): Promise<RunningServer> {
  const customer = await newCustomer(server, ["call.settled"], 1_000_000_000_000);
  const { receiver } = customer;
  const began_ms = Date.now();
  receiver.mood = () => {
    const away = Date.now() - began_ms > 15_000 && Date.now() - began_ms < 35_000;
    if (away) return 500;
    if (Date.now() - began_ms > 90_000) return 204;
    const chance = Math.random();
    return chance < 0.005 ? "silent" : chance < 0.3 ? 503 : 204;
  };
  let running = server;
  for (let kill = 1; kill <= KILLS; kill++) {
    await playCalls(running, customer, `part${kill}`, Math.ceil(EVENTS / KILLS));
    await pause(Math.random() * 1_500);
    await running.kill();
    running = await restart();
    console.log(`     killed and started again, ${receiver.taken.size} events there`);
  }
  const all = Math.ceil(EVENTS / KILLS) * KILLS;
  await until(
    "all events",
    () => receiver.taken.size >= all,
    PATIENCE_MS,
    () => `${receiver.taken.size} of ${all}`,
  );
  const { requests, repeats } = receiver;
  promise(
    `all ${all} events arrived over ${KILLS} kills and a failing receiver, ${((Date.now() - began_ms) / 1_000).toFixed(0)} s: ${requests} requests, ${repeats} recognised repeats`,
    receiver.taken.size === all,
  );
  receiver.stop();
  return running;
}

async function deliveryTimes(
  server: RunningServer,
  { id, receiver }: Customer,
  count: number,
): Promise<number[]> {
  const times_ms: number[] = [];
  for (let n = 0; n < count; n++) {
    const before = receiver.taken.size;
    const began_ms = performance.now();
    await addCredit(server, id, 1_000_000);
    await until("the event", () => receiver.taken.size > before, 30_000);
    times_ms.push(performance.now() - began_ms);
  }
  return times_ms;
}

async function newCustomer(server: RunningServer, events: string[], credit_micros = 0): Promise<Customer> {
  const admin = openClient(server.base_url, server.admin_key);
  const made = await admin.post<{ id: string; api_key: string }>("/admin/organizations", {
    company_name: "Events",
  });
  const { id, api_key } = expectStatus(made, 201, "POST /admin/organizations");
  if (credit_micros > 0) await addCredit(server, id, credit_micros);
  const client = openClient(server.base_url, api_key);
  const receiver = await Receiver.start();
  expectStatus(
    await client.post("/webhook_endpoints", { url: receiver.url, events }),
    201,
    "POST /webhook_endpoints",
  );
  return { id, client, receiver };
}

let adjustments = 0;

async function addCredit(
  { base_url, admin_key }: RunningServer,
  id: string,
  amount_micros: number,
): Promise<void> {
  const body = { amount_micros, reason: "Events", kind: "adjustment" };
  const headers = { "Idempotency-Key": `events-${process.pid}-${++adjustments}` };
  const path = `/admin/organizations/${id}/adjustments`;
  const { status } = await openClient(base_url, admin_key).post(path, body, headers);
  if (status >= 300) throw new Error(`POST ${path} answered ${status}.`);
}

/** Settles calls: each is an event. Safe to ask again, so that none is missing and none is twice. */
async function playCalls(
  server: RunningServer,
  { id: organization_id }: Customer,
  name: string,
  count: number,
) {
  const edge = openClient(server.base_url, server.edge_key);
  const parties = { direction: "outbound", from: "+31201234567", to: "+31207654321" };
  for (let start = 0; start < count; start += CALLS_A_REQUEST) {
    const call_ids = Array.from(
      { length: Math.min(CALLS_A_REQUEST, count - start) },
      (_, n) => `${name}-${start + n}`,
    );
    const operations = call_ids.flatMap((call_id) => [
      { op: "authorize", call_id, organization_id, ...parties },
      { op: "settle", call_id, organization_id, duration_ms: 1_000, end_reason: "hangup" },
    ]);
    expectStatus(await edge.post("/edge/operations", { operations }), 200, "POST /edge/operations");
  }
}

async function until(
  what: string,
  is: () => boolean,
  limit_ms: number,
  progress?: () => string,
): Promise<void> {
  const end_ms = Date.now() + limit_ms;
  let shown_ms = Date.now();
  while (!is()) {
    if (Date.now() > end_ms)
      throw new Error(`Waited ${limit_ms / 1_000} s for ${what}: ${progress?.() ?? "nothing"}.`);
    if (progress && Date.now() - shown_ms > 15_000) {
      shown_ms = Date.now();
      console.log(`     ${progress()}`);
    }
    await pause(2);
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? 0) * 10) / 10;
}

await main();
