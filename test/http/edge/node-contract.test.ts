/// <reference types="vite/client" />
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import readme from "../../../README.md?raw";
import { NODE_CONTRACT } from "../../../src/http/document/node-contract";
import { dialer } from "../../stand-in/dialer";
import { api, type Json } from "../../support/api/api";
import {
  adjust,
  ask,
  authorize,
  give,
  newOrganization,
  node,
  type TestOrganization,
} from "../../support/api/organizations";
import { stopClock } from "../../support/clock";

const clock = stopClock();
const EUR = 1_000_000;
/** EUR 0.07 a minute, by the second. */
const MINUTE_MICROS = 70_000;
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const PARTIES = { direction: "outbound", from: "+31201234567", to: "+31207654321" };

let organization: TestOrganization;
let made = 0;
/** A call_id that was not used before. */
const fresh = () => `contract-${++made}`;
beforeAll(async () => {
  organization = await newOrganization(100 * EUR);
});

const renew = (call_id: string, request_number: number, elapsed_seconds: number, of = organization) =>
  node(of, `${call_id}/renew`, { request_number, elapsed_seconds });

const settle = (call_id: string, duration_ms: number, more: Json = {}, of = organization) =>
  node(of, `${call_id}/settle`, { duration_ms, end_reason: "caller_hangup", ...more });

const heldMicros = async () => (await ask(organization, "GET", "/account")).body.balance.held_micros;

/** Rings the ledger's alarm, as the runtime does in time. */
const ring = () => runDurableObjectAlarm(env.LEDGER.getByName(organization.id));

async function liveCalls(name: string): Promise<Json[]> {
  const query = new URLSearchParams({ node: name, organization_id: organization.id });
  return (await api("GET", `/api/v1/edge/calls?${query}`, { key: organization.edge_key })).body.calls;
}

const refusal = (status: number, code: string, param?: string) => ({
  status,
  body: { error: { code, ...(param === undefined ? {} : { param }) } },
});

/** What shows each sentence, by its name. */
const SHOWN: Record<keyof typeof NODE_CONTRACT, () => Promise<void>> = {
  async in_time() {
    const call_id = fresh();
    const { body: first } = await authorize(organization, call_id);
    expect(first).toMatchObject({ granted_seconds: 60, renew_before_seconds: 50 });
    clock.pass(50 * SECOND_MS);
    expect((await renew(call_id, 1, 50)).body).toMatchObject({ granted_seconds: 110, final_unit: false });
    clock.pass(50 * SECOND_MS);
    expect((await renew(call_id, 5, 100)).status).toBe(200);
  },

  async unanswered() {
    const call_id = fresh();
    const said = await authorize(organization, call_id);
    const held = await heldMicros();
    expect((await authorize(organization, call_id)).body).toEqual(said.body);
    clock.pass(10 * SECOND_MS);
    const grant = await renew(call_id, 1, 10);
    const held_then = await heldMicros();
    expect((await renew(call_id, 1, 10)).body).toEqual(grant.body);
    expect(await heldMicros()).toBe(held_then);
    expect(held_then).toBeGreaterThan(held);
    const receipt = await settle(call_id, 10_000);
    expect((await settle(call_id, 10_000)).body).toEqual(receipt.body);
  },

  async end_of_quota() {
    const poor = await newOrganization(MINUTE_MICROS);
    const { body } = await authorize(poor, "overrun");
    expect(body).toMatchObject({ granted_seconds: 60 });
    clock.pass(90 * SECOND_MS);
    const { body: receipt } = await settle("overrun", 90_000, {}, poor);
    expect(receipt).toMatchObject({
      charged_micros: 1.5 * MINUTE_MICROS,
      overrun_micros: 0.5 * MINUTE_MICROS,
      balance_after_micros: -0.5 * MINUTE_MICROS,
    });
  },

  async silence() {
    const call_id = fresh();
    await authorize(organization, call_id);
    await node(organization, `${call_id}/answered`);
    clock.pass(40 * SECOND_MS);
    const { body: grant } = await renew(call_id, 1, 40);
    clock.pass((2 * grant.valid_for_seconds - 1) * SECOND_MS);
    await ring();
    expect((await ask(organization, "GET", `/calls/${call_id}`)).body.status).toBe("in-progress");
    clock.pass(2 * SECOND_MS);
    await ring();
    const { body: lost } = await ask(organization, "GET", `/calls/${call_id}`);
    expect(lost).toMatchObject({ outcome: "lost", billable_seconds: 40 });
    expect((await settle(call_id, 55_000)).body).toMatchObject({ outcome: "settled", billable_seconds: 55 });
  },

  async final_unit() {
    const poor = await newOrganization(MINUTE_MICROS);
    const { body: last } = await authorize(poor, "last");
    expect(last).toMatchObject({ granted_seconds: 60, final_unit: true, renew_before_seconds: 50 });
    clock.pass(50 * SECOND_MS);
    expect((await renew("last", 1, 50, poor)).body).toMatchObject({ granted_seconds: 60, final_unit: true });
    await adjust(poor, EUR);
    const { body: extended } = await renew("last", 2, 50, poor);
    expect(extended.granted_seconds).toBeGreaterThan(60);
    expect(extended.final_unit).toBe(false);
  },

  async lost_alive() {
    const call_id = fresh();
    await authorize(organization, call_id);
    await renew(call_id, 1, 10);
    // The first time the alarm is late, and gives the node's word time to arrive.
    for (let rings = 0; rings < 2; rings++) {
      clock.pass(300 * SECOND_MS);
      await ring();
    }
    expect(await renew(call_id, 2, 600)).toMatchObject(refusal(409, "call_already_settled"));
    expect(await authorize(organization, call_id)).toMatchObject(refusal(409, "call_already_settled"));
    const { body: receipt } = await settle(call_id, 600_000);
    expect(receipt).toMatchObject({ outcome: "settled", billable_seconds: 600 });
    expect(await settle(call_id, 650_000)).toMatchObject(refusal(409, "call_already_settled"));
  },

  async unknown_alive() {
    const call_id = fresh();
    expect(await renew(call_id, 1, 10)).toMatchObject(refusal(404, "not_found"));
    expect(await settle(call_id, 10_000)).toMatchObject(refusal(400, "missing_field", "direction"));
    const ended_at = new Date().toISOString();
    const { body } = await settle(call_id, 10_000, { ...PARTIES, ended_at });
    expect(body).toMatchObject({ authorized: false, billable_seconds: 10 });
  },

  async number_used() {
    const call_id = fresh();
    await authorize(organization, call_id);
    clock.pass(20 * SECOND_MS);
    await renew(call_id, 1, 10);
    expect(await renew(call_id, 1, 11)).toMatchObject(refusal(409, "idempotency_conflict", "request_number"));
    expect((await renew(call_id, 2, 11)).status).toBe(200);
  },

  async number_passed() {
    const call_id = fresh();
    await authorize(organization, call_id, { node: "number-passed" });
    clock.pass(20 * SECOND_MS);
    await renew(call_id, 7, 10);
    expect(await renew(call_id, 6, 11)).toMatchObject(refusal(409, "stale_request"));
    const [listed] = await liveCalls("number-passed");
    expect(listed).toMatchObject({ call_id, request_number: 7 });
    expect((await renew(call_id, 8, 11)).status).toBe(200);
  },

  async answered_void() {
    const call_id = fresh();
    await authorize(organization, call_id);
    await node(organization, `${call_id}/answered`);
    expect(await node(organization, `${call_id}/void`)).toMatchObject(refusal(409, "call_answered"));
    expect((await settle(call_id, 0)).status).toBe(200);
  },

  async take_over() {
    const call_id = fresh();
    await authorize(organization, call_id, { node: "take-over" });
    clock.pass(30 * SECOND_MS);
    await renew(call_id, 3, 30);
    const [listed] = await liveCalls("take-over");
    expect(listed).toMatchObject({ call_id, request_number: 3, elapsed_seconds: 30 });
    const taken = await renew(call_id, listed.request_number + 1, 25);
    expect(taken.body.granted_seconds).toBeGreaterThanOrEqual(listed.granted_seconds);
    expect((await liveCalls("take-over"))[0]).toMatchObject({ request_number: 4, elapsed_seconds: 30 });
    expect(await renew(call_id, 3, 30)).toMatchObject(refusal(409, "stale_request"));
  },

  async take_over_placed() {
    const standing = dialer();
    await give(organization, PARTIES.from);
    const order = { destination: PARTIES.to, assistant_id: "asst_1" };
    const { body: placed } = await ask(organization, "POST", "/calls/outbound", { body: order });
    standing.hangUp();
    const { call_id } = placed;
    const other = await authorize(organization, call_id, { ...PARTIES, to: "+31207654322" });
    expect(other).toMatchObject(refusal(409, "idempotency_conflict", "call_id"));
    const { body: grant } = await authorize(organization, call_id, { byok: ["llm"] });
    expect(grant).toMatchObject({ decision: "allow", rate: { name: "byok" } });
    clock.pass(10 * SECOND_MS);
    expect((await renew(call_id, 1, 10)).status).toBe(200);
  },

  async times() {
    const call_id = fresh();
    await authorize(organization, call_id);
    clock.pass(30 * SECOND_MS);
    const answered_at = new Date(Date.now() - 365 * DAY_MS).toISOString();
    const ended_at = new Date(Date.now() + 365 * DAY_MS).toISOString();
    const { status, body } = await settle(call_id, 20_000, { answered_at, ended_at });
    expect(status).toBe(200);
    expect(body).toMatchObject({ reported_answered_at: answered_at, reported_ended_at: ended_at });
    expect(body.flags).toContain("times_moved");
    expect(body.billable_seconds).toBe(20);
  },

  async too_long() {
    const call_id = fresh();
    await authorize(organization, call_id);
    clock.pass(10 * SECOND_MS);
    const held = await heldMicros();
    expect(await renew(call_id, 1, 71)).toMatchObject(refusal(422, "unprocessable", "elapsed_seconds"));
    expect(await settle(call_id, 71_000)).toMatchObject(refusal(422, "unprocessable", "duration_ms"));
    expect(await heldMicros()).toBe(held);
    expect((await settle(call_id, 70_000)).status).toBe(200);
  },

  async unauthorized_times() {
    const reported = (ms: number) => {
      const ended_at = new Date(Date.now() + ms).toISOString();
      return settle(fresh(), 1_000, { ...PARTIES, ended_at });
    };
    expect((await reported(60 * SECOND_MS)).status).toBe(200);
    expect((await reported(61 * SECOND_MS)).status).toBe(503);
    expect((await reported(DAY_MS)).status).toBe(503);
    expect(await reported(DAY_MS + 1)).toMatchObject(refusal(422, "unprocessable", "ended_at"));
    expect((await reported(-30 * DAY_MS)).status).toBe(200);
    expect(await reported(-30 * DAY_MS - 1)).toMatchObject(refusal(422, "unprocessable", "ended_at"));
  },

  async id_form() {
    for (const call_id of ["", ".", "..", "x".repeat(129), "a\nb", "a\u202eb"])
      expect(await authorize(organization, call_id)).toMatchObject(
        refusal(400, "invalid_request", "call_id"),
      );
    const call_id = "a/b % c+d@é";
    expect((await authorize(organization, call_id)).status).toBe(200);
    expect((await settle(encodeURIComponent(call_id), 0)).body.call_id).toBe(call_id);
  },

  async id_taken() {
    const call_id = fresh();
    await authorize(organization, call_id);
    const conflict = refusal(409, "idempotency_conflict", "call_id");
    expect(await authorize(organization, call_id, { to: "+31207654399" })).toMatchObject(conflict);
    expect(await authorize(organization, call_id, { byok: ["stt"] })).toMatchObject(conflict);
  },

  async id_refused() {
    const poor = await newOrganization();
    const refused = await authorize(poor, "refused");
    expect(refused).toMatchObject(refusal(402, "insufficient_credits"));
    await adjust(poor, EUR);
    expect(await authorize(poor, "refused")).toMatchObject({ status: 402, body: refused.body });
    expect((await authorize(poor, "new-attempt")).body.decision).toBe("allow");
  },

  async id_over() {
    const call_id = fresh();
    await authorize(organization, call_id);
    await settle(call_id, 0);
    const { status, body } = await authorize(organization, call_id);
    expect({ status, code: body.error.code }).toEqual({ status: 409, code: "call_already_settled" });
    expect(body.receipt).toMatchObject({ call_id, outcome: "settled" });
  },

  async id_elsewhere() {
    const call_id = fresh();
    const other = await newOrganization(EUR);
    await authorize(organization, call_id);
    const { body } = await authorize(other, call_id, { to: "+31207654399" });
    expect(body).toMatchObject({ decision: "allow", organization_id: other.id });
  },
};

describe("what a node does", () => {
  it.each(Object.keys(NODE_CONTRACT) as (keyof typeof NODE_CONTRACT)[])("%s", (name) => SHOWN[name]());

  it("stands in the OpenAPI document and in the README, word for word", async () => {
    const { tags } = (await api("GET", "/api/openapi.json")).body;
    const edge = tags.find(({ name }: Json) => name === "Edge").description;
    for (const sentence of Object.values(NODE_CONTRACT)) {
      expect(edge).toContain(sentence);
      expect(readme).toContain(sentence);
    }
  });
});
