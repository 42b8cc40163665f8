import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { dialer } from "../stand-in/dialer";
import type { Json } from "../support/api/api";
import { api } from "../support/api/api";
import {
  adminKey,
  ask,
  authorize,
  call,
  give,
  newOrganization,
  node,
  type TestOrganization,
} from "../support/api/organizations";
import { stopClock } from "../support/clock";
import { failD1 } from "../support/failures/failing-d1";
import { limitSize, runAlarm } from "../support/ledger/retention";
import { everyRow } from "./contract/traces";

const { pass: letTimePass } = stopClock();
const EUR = 1_000_000;

const REFUSAL = {
  error: {
    code: "insufficient_credits",
    message: "Insufficient credits to make outbound call. Please add credits in your billing dashboard.",
  },
};

/** The calls list as soon as it has that many. */
async function callsOf(organization: TestOrganization, total: number, query = ""): Promise<Json[]> {
  return vi.waitFor(
    async () => {
      letTimePass(1_000);
      const { body } = await ask(organization, "GET", `/calls${query}`);
      expect(body.pagination.total).toBe(total);
      return body.calls;
    },
    { timeout: 10_000 },
  );
}

describe("the calls list", () => {
  it("has a status for every way that a call can go", async () => {
    const organization = await newOrganization(EUR);
    await call(organization, "ended", 6_000, { letTimePass });
    await authorize(organization, "voided");
    await node(organization, "voided/void");
    await call(organization, "silent", 0);
    await authorize(organization, "rejected", { expected_provider_micros_per_minute: 900_000_000 });
    await authorize(organization, "ringing-out");
    await authorize(organization, "ringing-in", { direction: "inbound" });
    await authorize(organization, "in-progress");
    await node(organization, "in-progress/answered");
    const calls = await callsOf(organization, 7);
    expect(Object.fromEntries(calls.map(({ call_id, status }) => [call_id, status]))).toEqual({
      ended: "ended",
      voided: "failed",
      silent: "failed",
      rejected: "rejected",
      "ringing-out": "connecting",
      "ringing-in": "connecting",
      "in-progress": "in-progress",
    });
    const rejected = calls.find(({ call_id }) => call_id === "rejected");
    expect(rejected).toMatchObject({ reject_reason: "insufficient_credits", cost: 0, outcome: "rejected" });
  });

  it("has live calls first and counts through both", async () => {
    const organization = await newOrganization(EUR);
    for (const call_id of ["past-1", "past-2", "past-3"]) {
      await call(organization, call_id, 6_000, { letTimePass });
      letTimePass(1_000);
    }
    await authorize(organization, "live-1");
    letTimePass(1_000);
    await authorize(organization, "live-2");
    const all = ["live-2", "live-1", "past-3", "past-2", "past-1"];
    await callsOf(organization, 5);
    for (let offset = 0; offset < 6; offset++) {
      const { body } = await ask(organization, "GET", `/calls?limit=2&offset=${offset}`);
      expect(body.calls.map(({ call_id }: Json) => call_id)).toEqual(all.slice(offset, offset + 2));
      expect(body.pagination).toEqual({ total: 5, limit: 2, offset });
    }
  });

  it("is filtered by status, direction and time, live calls too", async () => {
    const organization = await newOrganization(EUR);
    await call(organization, "out", 6_000, { letTimePass });
    await call(organization, "in", 6_000, { letTimePass, authorized: { direction: "inbound" } });
    await authorize(organization, "live-in", { direction: "inbound" });
    await callsOf(organization, 3);
    const ids = async (query: string) => {
      const { body } = await ask(organization, "GET", `/calls?${query}`);
      expect(body.pagination.total).toBe(body.calls.length);
      return body.calls.map(({ call_id }: Json) => call_id);
    };
    expect(await ids("status=ended")).toEqual(["in", "out"]);
    expect(await ids("status=connecting")).toEqual(["live-in"]);
    expect(await ids("status=rejected")).toEqual([]);
    expect(await ids("direction=inbound")).toEqual(["live-in", "in"]);
    expect(await ids("end_date=2030-11-03")).toEqual([]);
    expect(await ids("start_date=2030-11-04&end_date=2030-11-04")).toEqual(["live-in", "in", "out"]);
  });
});

describe("one call", () => {
  it.each(["a/b", "50%", "a+b_c", "node@pbx;tag=1", "naïve 🙂"])("is found by the id %j", async (call_id) => {
    const organization = await newOrganization(EUR);
    await call(organization, call_id, 6_000, { letTimePass });
    const { body } = await ask(organization, "GET", `/calls/${encodeURIComponent(call_id)}`);
    expect(body).toMatchObject({ call_id, status: "ended", cost: 0.007 });
  });

  it("is read from the ledger, so that it is right at once", async () => {
    const organization = await newOrganization(EUR);
    await authorize(organization, "live");
    await node(organization, "live/answered");
    letTimePass(30_000);
    await node(organization, "live/renew", { request_number: 1, elapsed_seconds: 30 });
    const live = await ask(organization, "GET", "/calls/live");
    expect(live.body).toMatchObject({ status: "in-progress", duration_sec: 30, cost: 0.035, ended_at: null });
    letTimePass(30_000);
    await node(organization, "live/settle", { duration_ms: 60_000, end_reason: "hangup" });
    const ended = await ask(organization, "GET", "/calls/live");
    expect(ended.body).toMatchObject({ status: "ended", duration_sec: 60, cost: 0.07, end_reason: "hangup" });
  });
});

describe("one call that its ledger no longer keeps", () => {
  it("is shown as before, from the records", async () => {
    const { organization, before } = await withArchivedCall();
    expect((await ask(organization, "GET", "/calls/left")).body).toEqual(before);
    expect(await ask(organization, "GET", "/calls/nobody")).toMatchObject({ status: 404 });
  });

  it("is not known to be missing while the records cannot be read", async () => {
    const { organization } = await withArchivedCall();
    const repair = failD1();
    const answer = await ask(organization, "GET", "/calls/left");
    repair();
    expect(answer).toMatchObject({ status: 503, body: { error: { code: "records_unavailable" } } });
  });

  it("needs no records in a ledger that has kept everything", async () => {
    const organization = await newOrganization(EUR);
    await call(organization, "kept", 6_000, { letTimePass });
    const repair = failD1();
    const kept = await ask(organization, "GET", "/calls/kept");
    const unknown = await ask(organization, "GET", "/calls/nobody");
    repair();
    expect([kept.status, unknown.status]).toEqual([200, 404]);
  });
});

/** An organization whose one call has left its ledger, and how the call was shown before that. */
async function withArchivedCall() {
  const organization = await newOrganization(EUR);
  await call(organization, "left", 6_000, { letTimePass });
  const before = (await ask(organization, "GET", "/calls/left")).body;
  const ledger = { stub: () => env.LEDGER.getByName(organization.id) };
  await limitSize(ledger, 1);
  await runAlarm(ledger);
  return { organization, before };
}

describe("placing an outbound call", () => {
  let standing: ReturnType<typeof dialer> | undefined;
  afterEach(() => standing?.hangUp());
  const number = { to: "+31207654321", from: "+31201234567" };
  const newCaller = async (credit_micros = 0) => {
    const organization = await newOrganization(credit_micros);
    await give(organization, number.from);
    return organization;
  };

  it("answers dialing and tells the dialer, once for each Idempotency-Key", async () => {
    standing = dialer();
    const organization = await newCaller(EUR);
    const request = { body: number, headers: { "Idempotency-Key": "order-1" } };
    const first = await ask(organization, "POST", "/calls/outbound", request);
    const again = await ask(organization, "POST", "/calls/outbound", request);
    expect(first.status).toBe(201);
    expect(first.body).toEqual({ success: true, call_id: expect.any(String), status: "dialing" });
    expect(again.body).toEqual(first.body);
    expect(standing.asked).toHaveLength(1);
    const { body } = await ask(organization, "GET", `/calls/${first.body.call_id}`);
    expect(body).toMatchObject({ status: "connecting", direction: "outbound", ...number });
  });

  it("is refused without credit in the published words, and recorded as rejected", async () => {
    standing = dialer();
    const organization = await newCaller();
    const answer = await ask(organization, "POST", "/calls/outbound", { body: number });
    expect(answer.status).toBe(402);
    expect(answer.body).toEqual(REFUSAL);
    expect(standing.asked).toHaveLength(0);
    const [rejected] = await callsOf(organization, 1);
    expect(rejected).toMatchObject({ status: "rejected", reject_reason: "insufficient_credits" });
  });

  it("is refused in the same words while live calls hold the credit; the record says so", async () => {
    standing = dialer();
    const organization = await newCaller(70_000);
    await authorize(organization, "live");
    const answer = await ask(organization, "POST", "/calls/outbound", { body: number });
    expect(answer.body).toEqual(REFUSAL);
    const calls = await callsOf(organization, 2);
    expect(calls[1]).toMatchObject({ status: "rejected", reject_reason: "credit_in_use" });
  });

  it.each(["suspended", "closed"])("is refused to an organization that is %s", async (state) => {
    standing = dialer();
    const organization = await newCaller(EUR);
    const path = `/api/v1/admin/organizations/${organization.id}`;
    await api("PATCH", path, { key: await adminKey(), body: { state } });
    const answer = await ask(organization, "POST", "/calls/outbound", { body: number });
    expect(answer).toMatchObject({ status: 403, body: { error: { code: `organization_${state}` } } });
  });

  it("is void when the dialer refuses it", async () => {
    standing = dialer(() => new Response(null, { status: 422 }));
    const organization = await newCaller(EUR);
    const answer = await ask(organization, "POST", "/calls/outbound", { body: number });
    expect(answer).toMatchObject({ status: 422, body: { error: { code: "unprocessable" } } });
    const [failed] = await callsOf(organization, 1);
    expect(failed).toMatchObject({ status: "failed", cost: 0, error: "dialer_invalid" });
  });

  it("counts as dialing when nobody can tell", async () => {
    standing = dialer(() => Promise.reject(new Error("connection lost")));
    const organization = await newCaller(EUR);
    const answer = await ask(organization, "POST", "/calls/outbound", { body: number });
    expect(answer).toMatchObject({ status: 201, body: { status: "dialing" } });
  });

  describe("where there is no dialer", () => {
    const bindings = { DIALER_URL: "" };
    const headers = { "Idempotency-Key": "order-1" };

    it.each([
      ["402 without credit", 0, 402, "insufficient_credits"],
      ["503 with it", EUR, 503, "dialer_unavailable"],
    ])("is answered %s, and nothing is held or recorded", async (_, credit_micros, status, code) => {
      const organization = await newCaller(credit_micros);
      await ask(organization, "GET", "/account");
      const before = await everyRow(organization);
      for (const request of [{ body: number }, { body: number, headers }, { body: number, headers }]) {
        const answer = await ask(organization, "POST", "/calls/outbound", { ...request, bindings });
        expect(answer).toMatchObject({ status, body: { error: { code } } });
      }
      expect(await everyRow(organization)).toBe(before);
      const account = await ask(organization, "GET", "/account");
      expect(account.body).toMatchObject({ active_calls: 0, balance: { held_micros: 0 } });
    });

    it("is told of a number that is not its own, or that it has none", async () => {
      const organization = await newOrganization(EUR);
      const place = (body: Json) => ask(organization, "POST", "/calls/outbound", { body, bindings });
      expect((await place({ destination: number.to })).body.error).toMatchObject({ code: "missing_field" });
      expect((await place(number)).body.error).toMatchObject({ code: "unprocessable", param: "from" });
    });

    it("answers a repeat of a call that was placed while there was one as before", async () => {
      standing = dialer();
      const organization = await newCaller(EUR);
      const first = await ask(organization, "POST", "/calls/outbound", { body: number, headers });
      const again = await ask(organization, "POST", "/calls/outbound", { body: number, headers, bindings });
      expect([again.status, again.body]).toEqual([201, first.body]);
    });
  });
});
