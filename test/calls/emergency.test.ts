import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clearDirectoryCache } from "../../src/organizations/directory";
import { type Answer, type ApiRequest, api, type Json } from "../support/api/api";
import {
  adjust,
  adminKey,
  ask,
  authorize,
  give,
  newOrganization,
  newPlatformKey,
  node,
  type TestOrganization,
} from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { failD1 } from "../support/failures/failing-d1";
import { failing, hanging, tooLate, troubleLedger } from "../support/failures/failing-ledger";
import { emptyKv, failing_kv } from "../support/failures/failing-stores";
import { save } from "../support/purchases/billing-profile";
import { until } from "../support/until";

const HOUR_MS = 3_600_000;
const ALLOWED = {
  decision: "allow",
  granted_seconds: 86_400,
  renew_before_seconds: 86_400,
  valid_for_seconds: 86_400,
  final_unit: false,
  rate: { name: "emergency", price_micros_per_minute: 0, increments: "1/1", minimum_seconds: 0 },
};

const clock = stopClock();
let mend = () => {};
beforeEach(() => {
  for (const level of ["warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => {});
});
afterEach(() => {
  mend();
  mend = () => {};
  vi.restoreAllMocks();
});

let calls = 0;
const newCall = () => `help-${++calls}`;

/** A call to a number, as the node asks for it. */
function callFor(organization: TestOrganization, to: string, request: ApiRequest = {}, body: Json = {}) {
  return api("POST", "/api/v1/edge/calls/authorize", {
    key: organization.edge_key,
    body: {
      ...{ call_id: newCall(), organization_id: organization.id, direction: "outbound" },
      ...{ from: "+31201234567", to, ...body },
    },
    ...request,
  });
}

const setState = async (organization: TestOrganization, state: string) =>
  api("PATCH", `/api/v1/admin/organizations/${organization.id}`, { key: await adminKey(), body: { state } });

/** The organization's calls, as it sees them. */
const callsOf = async (organization: TestOrganization): Promise<Json[]> =>
  (await ask(organization, "GET", "/calls")).body.calls;

/** The same once so many have ended and been copied to the lists. */
async function endedCallsOf(organization: TestOrganization, count: number): Promise<Json[]> {
  await until("the copies of the calls", async () => {
    const query = env.DB.prepare("SELECT count(*) AS copied FROM calls WHERE organization_id = ?");
    return (await query.bind(organization.id).first("copied")) === count;
  });
  return callsOf(organization);
}

const isProven = async ({ id }: TestOrganization) =>
  (await api("GET", `/api/v1/admin/organizations/${id}/verify`, { key: await adminKey() })).body.ok;

function expectAllowed({ status, body }: Answer, organization_id?: string): void {
  expect({ status, body }).toMatchObject({ status: 200, body: ALLOWED });
  expect(body.organization_id).toBe(organization_id);
}

describe("a call for help is allowed", () => {
  it.each([
    "112",
    "+31112",
    "0031112",
    "tel:112;phone-context=+31",
    "sip:112@pbx.example.com",
    "urn:service:sos",
  ])("without credit, dialled as %s", async (to) => {
    const organization = await newOrganization(0);
    expect((await callFor(organization, "+31207654321")).status).toBe(402);
    expectAllowed(await callFor(organization, to), organization.id);
  });

  it("with a balance below zero, whatever it asks for besides", async () => {
    const organization = await newOrganization(0);
    await adjust(organization, -5_000_000);
    const wishes = {
      ...{ call_id: "own-leg", parent_call_id: "own-leg", rate: "no-such-rate", max_duration_seconds: 60 },
      expected_provider_micros_per_minute: 1_000_000,
    };
    expectAllowed(await callFor(organization, "112", {}, wishes), organization.id);
    expectAllowed(await callFor(organization, "112", {}, wishes), organization.id);
  });

  it.each(["suspended", "closed"])("of an organization that is %s", async (state) => {
    const organization = await newOrganization(1_000_000);
    await setState(organization, state);
    expect((await callFor(organization, "+31207654321")).status).toBe(403);
    expectAllowed(await callFor(organization, "112"), organization.id);
  });

  it.each([
    ["fails", failing("The object is away.")],
    ["hangs", hanging],
    ["answers too late", tooLate(hanging)],
  ])("when its ledger %s", async (_, trouble) => {
    const organization = await newOrganization(1_000_000);
    ({ mend } = troubleLedger(organization.id, trouble));
    expect((await callFor(organization, "+31207654321")).status).toBe(503);
    expectAllowed(await callFor(organization, "112"), organization.id);
  });

  it("by a new isolate with D1 and KV away", async () => {
    const organization = await newOrganization(1_000_000);
    clearDirectoryCache();
    mend = failD1();
    const bindings = { DIRECTORY: failing_kv };
    expect((await callFor(organization, "+31207654321", { bindings })).status).toBe(503);
    expectAllowed(await callFor(organization, "112", { bindings }), organization.id);
    expectAllowed(await callFor(organization, "999", { bindings }), organization.id);
    const forged = { bindings, key: `${organization.edge_key.slice(0, -2)}xx` };
    expect((await callFor(organization, "112", forged)).status).toBe(401);
  });

  it("by a new isolate with D1 away and KV empty", async () => {
    const organization = await newOrganization(1_000_000);
    clearDirectoryCache();
    await emptyKv();
    mend = failD1();
    expect((await callFor(organization, "+31207654321")).status).toBe(503);
    expectAllowed(await callFor(organization, "112"), organization.id);
    mend();
    clearDirectoryCache();
  });

  it("over the limit of the node's key", async () => {
    const organization = await newOrganization(1_000_000);
    const request = { bindings: { EDGE_REQUESTS_PER_MINUTE: "1" } };
    await callFor(organization, "+31207654321", request);
    expect((await callFor(organization, "+31207654321", request)).status).toBe(429);
    expectAllowed(await callFor(organization, "112", request), organization.id);
  });

  it("of a number that is nobody's, and to a key that may not speak of its organization", async () => {
    const organization = await newOrganization(1_000_000);
    const about = { organization_id: undefined, number: "+31209999999" };
    expectAllowed(await callFor(organization, "112", {}, about));
    const key = await newPlatformKey("edge", ["org_01k9z3v8qhe1w9m4c7d2x5n6tp"]);
    expectAllowed(await callFor(organization, "112", { key }), organization.id);
    expect((await callFor(organization, "+31207654321", { key })).status).toBe(403);
  });

  it("among other operations of a batch, each with its own answer", async () => {
    const organization = await newOrganization(0);
    ({ mend } = troubleLedger(organization.id, failing("The object is away.")));
    const about = {
      op: "authorize",
      organization_id: organization.id,
      direction: "outbound",
      from: "+31201234567",
    };
    const operations = [
      { ...about, call_id: newCall(), to: "+31207654321" },
      { ...about, call_id: newCall(), to: "112" },
    ];
    const { body } = await api("POST", "/api/v1/edge/operations", {
      key: organization.edge_key,
      body: { operations },
    });
    expect(body.results).toMatchObject([{ status: 503 }, { status: 200, body: ALLOWED }]);
  });

  it("to the numbers of its own country, of the country of its number, and of any where neither is known", async () => {
    const organization = await newOrganization(0);
    expectAllowed(await callFor(organization, "999"), organization.id);
    await save(organization, {}, { bindings: { STRIPE_SECRET_KEY: "" } });
    expect((await callFor(organization, "999")).status).toBe(402);
    expectAllowed(await callFor(organization, "110"), organization.id);
    expectAllowed(await callFor(organization, "999", {}, { from: "+442079460000" }), organization.id);
  });

  it("and no call that comes in", async () => {
    const organization = await newOrganization(0);
    const { body } = await callFor(organization, "112", {}, { direction: "inbound" });
    expect(body.decision).toBe("reject");
  });
});

describe("a call for help is free", () => {
  it("never renewed and ended after an hour: one row", async () => {
    const organization = await newOrganization(0);
    await authorize(organization, "hour", { to: "112" });
    clock.pass(5_000);
    await node(organization, "hour/answered");
    clock.pass(HOUR_MS);
    await runDurableObjectAlarm(env.LEDGER.getByName(organization.id));
    const costs = [{ service: "telephony", cost_micros: 90_000 }];
    const report = { duration_ms: HOUR_MS, end_reason: "caller_hangup", provider_costs: costs };
    const settled = await node(organization, "hour/settle", report);
    expect(settled).toMatchObject({
      status: 200,
      body: { outcome: "settled", charged_micros: 0, authorized: true },
    });
    expect((await node(organization, "hour/settle", report)).body).toEqual(settled.body);
    expect(await endedCallsOf(organization, 1)).toMatchObject([
      { call_id: "hour", status: "ended", to: "112", duration_seconds: 3_600, cost_micros: 0 },
    ]);
    expect((await ask(organization, "GET", "/account")).body).toMatchObject({
      balance: { posted_micros: 0, held_micros: 0 },
      active_calls: 0,
    });
    expect(await isProven(organization)).toBe(true);
    expect(await callsOf(organization)).toHaveLength(1);
  });

  it("reported alone, after the ledger was away: one row, and never parked", async () => {
    const organization = await newOrganization(0);
    const bindings = { UNAUTHORIZED_SETTLES_PER_HOUR: "1" };
    const ended_at = new Date(Date.now()).toISOString();
    const about = { direction: "outbound", from: "+31201234567", to: "tel:112", end_reason: "caller_hangup" };
    for (const call_id of ["alone-1", "alone-2"]) {
      const { mend } = troubleLedger(organization.id, failing("The object is away."));
      expectAllowed(await authorize(organization, call_id, { to: "tel:112" }), organization.id);
      mend();
      const settled = await api("POST", `/api/v1/edge/calls/${call_id}/settle`, {
        key: organization.edge_key,
        body: { organization_id: organization.id, ...about, ended_at, duration_ms: 60_000 },
        bindings,
      });
      expect(settled).toMatchObject({ status: 200, body: { outcome: "settled", charged_micros: 0 } });
    }
    const rows = await endedCallsOf(organization, 2);
    expect(rows.map(({ call_id, cost_micros }) => [call_id, cost_micros]).sort()).toEqual([
      ["alone-1", 0],
      ["alone-2", 0],
    ]);
  });

  it("when it rings for longer than any other call, and its organization is suspended meanwhile", async () => {
    const organization = await newOrganization(1_000_000);
    await authorize(organization, "rings", { to: "112" });
    clock.pass(600_000);
    await runDurableObjectAlarm(env.LEDGER.getByName(organization.id));
    await setState(organization, "suspended");
    const renewed = await node(organization, "rings/renew", { request_number: 1, elapsed_seconds: 30 });
    expect(renewed).toMatchObject({ status: 200, body: { ...ALLOWED, valid_for_seconds: 86_370 } });
    clock.pass(HOUR_MS);
    await runDurableObjectAlarm(env.LEDGER.getByName(organization.id));
    const report = { duration_ms: HOUR_MS, end_reason: "caller_hangup" };
    const { body } = await node(organization, "rings/settle", report);
    expect(body).toMatchObject({ outcome: "settled", charged_micros: 0, balance_after_micros: 1_000_000 });
  });

  it("and lost only when it can last no longer", async () => {
    const organization = await newOrganization(0);
    await authorize(organization, "lost", { to: "112" });
    await node(organization, "lost/answered");
    const alarm = () => runDurableObjectAlarm(env.LEDGER.getByName(organization.id));
    clock.pass(23 * HOUR_MS);
    await alarm();
    expect(await callsOf(organization)).toMatchObject([{ status: "in-progress" }]);
    clock.pass(2 * HOUR_MS);
    // Late as it is, the alarm lets reports that wait outside come first.
    await alarm();
    clock.pass(HOUR_MS);
    await alarm();
    expect(await endedCallsOf(organization, 1)).toMatchObject([
      { call_id: "lost", outcome: "lost", cost_micros: 0 },
    ]);
  });
});

it("customers cannot place one by the API: that is refused, and nothing is written", async () => {
  const organization = await newOrganization(1_000_000);
  await give(organization, "+31205559911");
  for (const destination of ["112", "+31 112", "tel:112;phone-context=+31", "999"]) {
    const answer = await ask(organization, "POST", "/calls/outbound", { body: { destination } });
    expect([answer.status, answer.body.error.param]).toEqual([400, "destination"]);
  }
  expect(await callsOf(organization)).toEqual([]);
});
