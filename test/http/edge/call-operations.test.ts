import { beforeAll, describe, expect, it } from "vitest";
import { ask, newOrganization, ORIGIN, outbound, platformKey } from "../../support/api/as-operator";
import { fetchWorker } from "../../support/api/worker";

const HOUR_MS = 3_600_000;

let admin: string;
let edge: string;
beforeAll(async () => {
  admin = await platformKey("admin");
  edge = await platformKey("edge");
});

const say = (call_id: string, what: string, body: object) =>
  ask(edge, "POST", `/edge/calls/${encodeURIComponent(call_id)}/${what}`, body);

describe("a call", () => {
  it("is authorized, answered, renewed, settled and corrected", async () => {
    const { id } = await newOrganization(admin, 1_000_000);
    const organization_id = id;
    const call_id = "node/1%20@pbx+é 7";
    const allowed = await ask(edge, "POST", "/edge/calls/authorize", { call_id, ...outbound(id) });
    expect(allowed).toMatchObject({
      status: 200,
      body: {
        decision: "allow",
        call_id,
        organization_id,
        granted_seconds: 60,
        final_unit: false,
        rate: { name: "voice", price_micros_per_minute: 70_000, increments: "1/1", minimum_seconds: 0 },
      },
    });
    expect((await say(call_id, "answered", { organization_id })).body).toEqual(allowed.body);
    const renewed = await say(call_id, "renew", { organization_id, request_number: 1, elapsed_seconds: 50 });
    expect(renewed.body).toMatchObject({ decision: "allow", granted_seconds: 110 });
    const report = { organization_id, duration_sec: 53.5, end_reason: "hangup" };
    const settled = await say(call_id, "settle", report);
    expect(settled).toMatchObject({
      status: 200,
      body: { call_id, duration_ms: 53_500, billable_seconds: 54, fee_micros: 63_000 },
    });
    expect((await say(call_id, "settle", report)).body).toEqual(settled.body);
    const other = await say(call_id, "settle", { ...report, duration_sec: 56 });
    expect(other).toMatchObject({ status: 409, body: { error: { code: "call_already_settled" } } });
    expect(other.body.receipt).toEqual(settled.body);
    const correction = { organization_id, correction_id: "c1", duration_ms: 30_000, reason: "CDR" };
    expect(await say(call_id, "correct", correction)).toMatchObject({
      status: 403,
      body: { error: { code: "forbidden" } },
    });
    edge = await platformKey("edge", { scopes: ["calls", "correct"] });
    expect(await say(call_id, "correct", correction)).toMatchObject({
      status: 200,
      body: { charged_micros: 35_000 },
    });
  });

  it("that nobody answers is voided free of charge", async () => {
    const { id } = await newOrganization(admin, 1_000_000);
    await ask(edge, "POST", "/edge/calls/authorize", { call_id: "unanswered", ...outbound(id) });
    const voided = await say("unanswered", "void", { organization_id: id, end_reason: "busy" });
    expect(voided).toMatchObject({ status: 200, body: { outcome: "voided", charged_micros: 0 } });
  });

  it("is known by the organization's own number", async () => {
    const { id } = await newOrganization(admin, 1_000_000);
    await ask(admin, "PUT", "/admin/numbers/+31201110001", { organization_id: id });
    const allowed = await ask(edge, "POST", "/edge/calls/authorize", {
      call_id: "by-number",
      direction: "inbound",
      number: "+31201110001",
      from: "anonymous",
      to: "+31201110001",
    });
    expect(allowed).toMatchObject({ status: 200, body: { organization_id: id } });
  });

  it("that was never authorized is settled when its report says all, and needs ended_at", async () => {
    const { id } = await newOrganization(admin, 1_000_000);
    const report = { organization_id: id, duration_ms: 60_000, end_reason: "hangup" };
    expect(await say("unheard", "settle", report)).toMatchObject({
      status: 400,
      body: { error: { code: "missing_field", param: "direction" } },
    });
    const full = { ...report, ...outbound(id), ended_at: new Date().toISOString() };
    expect(await say("unheard", "settle", full)).toMatchObject({
      status: 200,
      body: { authorized: false, charged_micros: 70_000 },
    });
  });

  it("that was never authorized and ends ahead of the ledger's clock may be reported again", async () => {
    const { id } = await newOrganization(admin, 1_000_000);
    const ahead = (ms: number) => ({
      ...{ ...outbound(id), duration_ms: 60_000, end_reason: "hangup" },
      ended_at: new Date(Date.now() + ms).toISOString(),
    });
    expect(await say("ahead", "settle", ahead(HOUR_MS))).toMatchObject({
      status: 503,
      body: { error: { code: "ledger_unavailable", param: "ended_at" } },
    });
    expect(await say("ahead", "settle", ahead(25 * HOUR_MS))).toMatchObject({
      status: 422,
      body: { error: { param: "ended_at" } },
    });
  });

  it.each([-HOUR_MS, HOUR_MS])("goes on whatever its node's clock says (%i ms off)", async (skew_ms) => {
    const { id: organization_id } = await newOrganization(admin, 1_000_000);
    const call_id = `skewed ${skew_ms}`;
    await ask(edge, "POST", "/edge/calls/authorize", { call_id, ...outbound(organization_id) });
    const told = () => new Date(Date.now() + skew_ms).toISOString();
    const answered_at = told();
    expect((await say(call_id, "answered", { organization_id, answered_at })).status).toBe(200);
    const ended_at = told();
    const report = { organization_id, duration_ms: 30_000, end_reason: "hangup", answered_at, ended_at };
    expect(await say(call_id, "settle", report)).toMatchObject({
      status: 200,
      body: {
        charged_micros: 35_000,
        reported_answered_at: answered_at,
        reported_ended_at: ended_at,
        flags: ["times_moved"],
      },
    });
  });
});

describe("provider costs that a renewal told", () => {
  const REPORTS: [string, object, number][] = [
    ["says nothing of them", {}, 5_000],
    ["says that there are none", { provider_costs: [] }, 0],
    ["states others", { provider_costs: [{ service: "llm", cost_micros: 7_000 }] }, 7_000],
  ];

  it.each(REPORTS)(
    "are charged by a report that %s as it says, alone and in a batch",
    async (_, costs, due) => {
      const { id: organization_id } = await newOrganization(admin, 1_000_000);
      for (const call_id of ["alone", "in a batch"]) {
        await ask(edge, "POST", "/edge/calls/authorize", { call_id, ...outbound(organization_id) });
        const told = { request_number: 1, elapsed_seconds: 1, provider_cost_micros: 5_000 };
        await say(call_id, "renew", { organization_id, ...told });
      }
      const report = { organization_id, duration_ms: 60_000, end_reason: "hangup", ...costs };
      const alone = await say("alone", "settle", report);
      const operations = [{ op: "settle", call_id: "in a batch", ...report }];
      const batch = await ask(edge, "POST", "/edge/operations", { operations });
      for (const receipt of [alone.body, batch.body.results[0].body])
        expect(receipt).toMatchObject({
          reported_provider_cost_micros: due,
          provider_cost_micros: due,
          charged_micros: 70_000 + due,
        });
    },
  );
});

describe("a refusal for lack of credit", () => {
  it("of an outbound call is a 402 whose error the customer may be shown as it is", async () => {
    const { id } = await newOrganization(admin, 0);
    const refused = await ask(edge, "POST", "/edge/calls/authorize", { call_id: "poor", ...outbound(id) });
    expect(refused.status).toBe(402);
    expect(refused.body).toEqual({
      error: {
        code: "insufficient_credits",
        message: "Insufficient credits to make outbound call. Please add credits in your billing dashboard.",
      },
      decision: "reject",
      call_id: "poor",
      reason: "insufficient_credits",
      sip: { status: 402, reason: 'SIP;cause=402;text="Insufficient credits"' },
      q850_cause: 21,
    });
  });

  it("of an inbound call says what to play, in the organization's language", async () => {
    const { id } = await newOrganization(admin, 0, { language: "nl" });
    const refused = await ask(edge, "POST", "/edge/calls/authorize", {
      call_id: "poor",
      direction: "inbound",
      organization_id: id,
      from: "+31201234567",
      to: "+31207654321",
    });
    expect(refused).toMatchObject({
      status: 200,
      body: {
        decision: "reject",
        organization_id: id,
        reason: "insufficient_credits",
        announcement: {
          language: "nl",
          urls: { wav: expect.stringContaining(`${ORIGIN}/announcements/`) },
          text: "Dit nummer is op dit moment niet bereikbaar. Probeert u het later nog eens.",
        },
        sip: { status: 480, reason: 'Q.850;cause=21;text="Call rejected"' },
        q850_cause: 21,
      },
    });
  });

  it("of a suspended organization is a 403 with the same fields", async () => {
    const { id } = await newOrganization(admin, 1_000_000);
    await ask(admin, "PATCH", `/admin/organizations/${id}`, { state: "suspended" });
    expect(
      await ask(edge, "POST", "/edge/calls/authorize", { call_id: "suspended", ...outbound(id) }),
    ).toMatchObject({
      status: 403,
      body: {
        error: { code: "organization_suspended" },
        decision: "reject",
        reason: "organization_suspended",
        call_id: "suspended",
      },
    });
  });
});

describe("an edge key that asks far too often", () => {
  it("is stopped for the rest of the minute", async () => {
    const body = JSON.stringify({ operations: [{}] });
    const headers = {
      Authorization: `Bearer ${await platformKey("edge")}`,
      "Content-Type": "application/json",
    };
    const request = new Request(`${ORIGIN}/api/v1/edge/operations`, { method: "POST", headers, body });
    const send = () => fetchWorker(request.clone(), { EDGE_REQUESTS_PER_MINUTE: "3" });
    const statuses = new Set<number>();
    let last = await send();
    for (let requests = 1; requests < 8 && last.status === 200; requests++) {
      statuses.add(last.status);
      last = await send();
    }
    expect([...statuses, last.status]).toEqual([200, 429]);
    expect(Number(last.headers.get("Retry-After"))).toBeGreaterThan(0);
  });
});

describe("bad input", () => {
  const cases: [string, string, object, number, string, string][] = [
    [
      "nobody's call",
      "renew",
      { request_number: 1, elapsed_seconds: 1 },
      400,
      "missing_field",
      "organization_id",
    ],
    ["no duration", "settle", { end_reason: "x" }, 400, "missing_field", "duration_ms"],
    [
      "two durations",
      "settle",
      { end_reason: "x", duration_ms: 1_000, duration_sec: 1 },
      400,
      "invalid_request",
      "duration_sec",
    ],
    ["an unknown field", "void", { hello: 1 }, 400, "invalid_request", "hello"],
    [
      "a negative time",
      "renew",
      { request_number: 1, elapsed_seconds: -1 },
      400,
      "invalid_request",
      "elapsed_seconds",
    ],
  ];
  it.each(cases)("%s is refused by name", async (_, what, body, status, code, param) => {
    expect(await say("any", what, body)).toMatchObject({ status, body: { error: { code, param } } });
  });

  it("an unknown number or organization is a 404, another's organization a 403", async () => {
    const { id } = await newOrganization(admin, 0);
    const limited = await platformKey("edge", { organization_ids: [id] });
    const body = { call_id: "x", ...outbound("org_01jdx5zq7rf8q9w6zjk3v2m4nt") };
    expect((await ask(edge, "POST", "/edge/calls/authorize", body)).status).toBe(404);
    expect((await ask(limited, "POST", "/edge/calls/authorize", body)).status).toBe(403);
    const number = { call_id: "x", direction: "inbound", number: "+31999999999", from: "a", to: "b" };
    expect((await ask(edge, "POST", "/edge/calls/authorize", number)).status).toBe(404);
  });
});
