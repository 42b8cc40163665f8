import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { dialer } from "../stand-in/dialer";
import {
  ask,
  giveNumber,
  newOrganization,
  outbound,
  platformKey,
  postOnce,
} from "../support/api/as-operator";

let admin: string;
let edge: string;
let standing: ReturnType<typeof dialer>;
beforeAll(async () => {
  admin = await platformKey("admin");
  edge = await platformKey("edge");
  const staff = { price_micros_per_minute: 1_000, increments: "1/1" };
  const all_in = { price_micros_per_minute: 250_000, increments: "60/60" };
  await ask(admin, "PUT", "/admin/rates/staff", staff);
  await ask(admin, "PUT", "/admin/rates/all-in", all_in);
});
beforeEach(() => {
  standing = dialer();
});
afterEach(() => standing.hangUp());

const NUMBER = "+31201234567";

/** An organization and a call that it has placed: held at the voice rate. */
async function placedCall(credit_micros: number, request: object = {}) {
  const { id, api_key } = await newOrganization(admin, credit_micros);
  await giveNumber(admin, id, NUMBER);
  const placed = await place(api_key, request);
  return { id, api_key, call_id: placed.body.call_id as string };
}

const place = (key: string, request: object = {}, idempotency_key = "order-1") => {
  const body = { destination: "+31207654321", ...request };
  return postOnce(key, "/calls/outbound", body, idempotency_key);
};
type Placed = Awaited<ReturnType<typeof placedCall>>;
const authorize = ({ id, call_id }: Placed, terms: object = {}) =>
  ask(edge, "POST", "/edge/calls/authorize", { call_id, ...outbound(id), ...terms });
const say = ({ id, call_id }: Placed, word: string, words: object = {}) =>
  ask(edge, "POST", `/edge/calls/${call_id}/${word}`, { organization_id: id, ...words });
const heldMicros = async ({ api_key }: Placed) =>
  (await ask(api_key, "GET", "/account")).body.balance.held_micros;
const settled = (placed: Placed, words: object = {}) =>
  say(placed, "settle", { duration_ms: 60_000, end_reason: "hangup", ...words });

describe("what a customer may say of its own call", () => {
  it.each([
    ["rate", { rate: "staff" }],
    ["byok", { byok: ["llm"] }],
    ["expected_provider_micros_per_minute", { expected_provider_micros_per_minute: 0 }],
    ["number", { number: NUMBER }],
    ["organization_id", { organization_id: "org_01k9z3v8qhe1w9m4c7d2x5n6tp" }],
  ])("is not %s, which would set its price or its payer", async (param, stated) => {
    const { id, api_key } = await newOrganization(admin, 1_000_000);
    await giveNumber(admin, id, NUMBER);
    expect(await place(api_key, stated)).toMatchObject({
      status: 400,
      body: { error: { code: "invalid_request", param } },
    });
    expect(standing.asked).toEqual([]);
    expect((await ask(api_key, "GET", "/calls")).body.calls).toEqual([]);
  });
});

describe("the first authorize of a call that a customer has placed", () => {
  it("sets its rate, and the hold is what a call of that rate holds", async () => {
    const placed = await placedCall(1_000_000);
    expect(await heldMicros(placed)).toBe(70_000);
    const allowed = await authorize(placed, { rate: "all-in" });
    expect(allowed).toMatchObject({ status: 200, body: { granted_seconds: 60, rate: { name: "all-in" } } });
    expect(await heldMicros(placed)).toBe(250_000);
    expect((await settled(placed)).body).toMatchObject({ charged_micros: 250_000, overrun_micros: 0 });
  });

  it("sets own keys and expected costs, and costs on own keys are not charged", async () => {
    const placed = await placedCall(1_000_000);
    await authorize(placed, { byok: ["llm"], expected_provider_micros_per_minute: 30_000 });
    expect(await heldMicros(placed)).toBe(100_000);
    const costs = [
      { service: "llm", cost_micros: 9_000 },
      { service: "tts", cost_micros: 5_000 },
    ];
    const { body } = await settled(placed, { provider_costs: costs });
    expect(body).toMatchObject({ rate: { name: "byok" }, fee_micros: 70_000, provider_cost_micros: 5_000 });
  });

  it("gives a cheap call what its own credit covers, not what the voice rate did", async () => {
    const placed = await placedCall(35_000);
    const { body } = await authorize(placed, { rate: "staff" });
    expect(body).toMatchObject({ granted_seconds: 60, final_unit: false });
    expect(await heldMicros(placed)).toBe(1_000);
  });

  it("gives a dear call less than was held for it, down to what is covered", async () => {
    const placed = await placedCall(101_000);
    const { body } = await authorize(placed, { expected_provider_micros_per_minute: 530_000 });
    expect(body).toMatchObject({ granted_seconds: 10, final_unit: true });
    expect(await heldMicros(placed)).toBe(100_001);
  });

  it("that makes it a leg of itself is refused and changes nothing", async () => {
    const placed = await placedCall(1_000_000);
    const stated = { rate: "all-in", parent_call_id: placed.call_id };
    const param = "parent_call_id";
    expect(await authorize(placed, stated)).toMatchObject({ status: 422, body: { error: { param } } });
    expect(await heldMicros(placed)).toBe(70_000);
    expect((await authorize(placed)).status).toBe(200);
  });

  it("that the credit does not cover is refused with 402, and the call is void", async () => {
    const placed = await placedCall(100_000);
    const refused = { status: 402, body: { decision: "reject", reason: "insufficient_credits" } };
    expect(await authorize(placed, { rate: "all-in" })).toMatchObject(refused);
    expect(await heldMicros(placed)).toBe(0);
    expect(await authorize(placed, { rate: "all-in" })).toMatchObject(refused);
    expect((await authorize(placed, { rate: "staff" })).status).toBe(409);
    const { body } = await ask(placed.api_key, "GET", `/calls/${placed.call_id}`);
    expect(body).toMatchObject({
      status: "failed",
      outcome: "voided",
      error: "insufficient_credits",
      cost: 0,
    });
    expect((await place(placed.api_key)).body).toMatchObject({ success: true, call_id: placed.call_id });
  });

  it("that only other live calls stand in the way of is told so", async () => {
    const placed = await placedCall(300_000);
    const other = { call_id: "other", ...outbound(placed.id) };
    await ask(edge, "POST", "/edge/calls/authorize", other);
    const refused = await authorize(placed, { rate: "all-in" });
    expect(refused).toMatchObject({ status: 402, body: { reason: "credit_in_use" } });
  });

  it.each([
    ["suspended", "organization_suspended"],
    ["closed", "organization_closed"],
  ])("is refused for an organization that was %s since", async (state, reason) => {
    const placed = await placedCall(1_000_000);
    await ask(admin, "PATCH", `/admin/organizations/${placed.id}`, { state });
    expect(await authorize(placed)).toMatchObject({ status: 403, body: { decision: "reject", reason } });
    expect(await authorize(placed)).toMatchObject({ status: 403, body: { decision: "reject", reason } });
  });

  it("is capped by the customer's longest duration and by the node's, whichever is shorter", async () => {
    const capped = await placedCall(1_000_000, { max_duration_seconds: 20 });
    expect((await authorize(capped, { max_duration_seconds: 40 })).body).toMatchObject({
      granted_seconds: 20,
    });
    const shorter = await placedCall(1_000_000, { max_duration_seconds: 20 });
    expect((await authorize(shorter, { max_duration_seconds: 8 })).body).toMatchObject({
      granted_seconds: 8,
      final_unit: true,
    });
  });

  it("at a rate that is on no card changes nothing", async () => {
    const placed = await placedCall(1_000_000);
    const refused = await authorize(placed, { rate: "none" });
    expect(refused).toMatchObject({ status: 422, body: { error: { param: "rate" } } });
    expect(await heldMicros(placed)).toBe(70_000);
    expect((await authorize(placed, { rate: "staff" })).body.rate.name).toBe("staff");
  });

  it("to somebody else than was asked for is refused, and the call stays as it was", async () => {
    const placed = await placedCall(1_000_000);
    for (const other of [{ to: "+31200000000" }, { from: "+31200000000" }, { direction: "inbound" }])
      expect((await authorize(placed, { ...other, rate: "staff" })).status).toBe(409);
    expect(await heldMicros(placed)).toBe(70_000);
  });

  it("does the same in a batch, where a repeat with other terms is 409 in its place", async () => {
    const placed = await placedCall(1_000_000);
    const said = { op: "authorize", call_id: placed.call_id, ...outbound(placed.id), rate: "all-in" };
    const operations = [said, said, { ...said, rate: "staff" }];
    const { body } = await ask(edge, "POST", "/edge/operations", { operations });
    expect(body.results.map(({ status }: { status: number }) => status)).toEqual([200, 200, 409]);
    expect(body.results[1]).toEqual(body.results[0]);
    expect(await heldMicros(placed)).toBe(250_000);
  });
});

describe("a call that a node has authorized", () => {
  const ways = {
    rate: { rate: "staff" },
    byok: { rate: "all-in", byok: ["tts"] },
    "expected costs": { rate: "all-in", expected_provider_micros_per_minute: 1 },
    "longest duration": { rate: "all-in", max_duration_seconds: 7 },
  };
  it.each(Object.entries(ways))("is not authorized again with other terms: %s", async (_, terms) => {
    const placed = await placedCall(1_000_000);
    const by_node = { ...placed, call_id: "by-node" };
    for (const call of [placed, by_node]) {
      const first = await authorize(call, { rate: "all-in" });
      expect(await authorize(call, terms)).toMatchObject({
        status: 409,
        body: { error: { code: "idempotency_conflict", param: "call_id" } },
      });
      expect((await authorize(call, { rate: "all-in" })).body).toEqual(first.body);
    }
  });

  it("takes own keys in any order for the same", async () => {
    const placed = await placedCall(1_000_000);
    const first = await authorize(placed, { byok: ["stt", "llm"] });
    expect((await authorize(placed, { byok: ["llm", "stt"] })).body).toEqual(first.body);
  });
});

describe("a call whose node speaks before the dialer has answered", () => {
  it("is the node's: the dialer's refusal no longer voids it", async () => {
    const { id, api_key } = await newOrganization(admin, 1_000_000);
    await giveNumber(admin, id, NUMBER);
    standing.hangUp();
    standing = dialer(async () => {
      const { call_id } = JSON.parse(standing.asked[0]?.body ?? "");
      const allowed = await authorize({ id, api_key, call_id }, { rate: "all-in" });
      expect(allowed.status).toBe(200);
      return new Response(null, { status: 400 });
    });
    const answer = await place(api_key);
    expect(answer).toMatchObject({ status: 201, body: { status: "dialing" } });
    const placed = { id, api_key, call_id: answer.body.call_id };
    expect(await heldMicros(placed)).toBe(250_000);
    expect((await settled(placed)).body).toMatchObject({ charged_micros: 250_000 });
  });

  it.each([
    ["rings", "renew", { request_number: 1, elapsed_seconds: 0 }],
    ["was answered", "answered", {}],
  ])("is not voided when all that the node has said is that it %s", async (_, word, words) => {
    const { id, api_key } = await newOrganization(admin, 1_000_000);
    await giveNumber(admin, id, NUMBER);
    standing.hangUp();
    standing = dialer(async () => {
      const { call_id } = JSON.parse(standing.asked[0]?.body ?? "");
      await say({ id, api_key, call_id }, word, words);
      return new Response(null, { status: 404 });
    });
    expect((await place(api_key)).status).toBe(201);
  });
});

describe("a call that was answered before any node said its price", () => {
  it("goes on at the node's price for as long as that is covered", async () => {
    const placed = await placedCall(100_000);
    await say(placed, "answered");
    const { body } = await authorize(placed, { rate: "all-in" });
    expect(body).toMatchObject({ granted_seconds: 0, valid_for_seconds: 0, final_unit: true });
    expect(await heldMicros(placed)).toBe(0);
  });

  it("is charged as its report says when that is the first to say it", async () => {
    const [dear, cheap] = [await placedCall(1_000_000), await placedCall(1_000_000)];
    const parties = { direction: "outbound", from: NUMBER, to: "+31207654321", duration_ms: 1_000 };
    await say(dear, "answered");
    const reported = await settled(dear, { ...parties, rate: "all-in" });
    expect(reported.body).toMatchObject({ rate: { name: "all-in" }, charged_micros: 250_000 });
    expect((await settled(dear, { ...parties, rate: "staff" })).status).toBe(409);
    expect((await settled(dear, { ...parties, rate: "all-in" })).body).toEqual(reported.body);
    await authorize(cheap, { rate: "staff" });
    const agreed = await settled(cheap, { ...parties, rate: "all-in" });
    expect(agreed.body).toMatchObject({ rate: { name: "staff" }, charged_micros: 17 });
  });

  it.each([
    ["before that rate was made", -1],
    ["when it will cost something else", 1],
  ])("is charged by when it began, though its node's clock says %s", async (_, years) => {
    const year_ms = 365 * 86_400_000;
    const next_year = new Date(Date.now() + year_ms / 2).toISOString();
    const dearer = { price_micros_per_minute: 9_000_000, increments: "60/60", effective_from: next_year };
    await ask(admin, "PUT", "/admin/rates/all-in", dearer);
    const placed = await placedCall(1_000_000);
    const ended_at = new Date(Date.now() + years * year_ms).toISOString();
    const parties = { direction: "outbound", from: NUMBER, to: "+31207654321", duration_ms: 1_000 };
    const { body } = await settled(placed, { ...parties, rate: "all-in", ended_at });
    expect(body).toMatchObject({ rate: { name: "all-in" }, charged_micros: 250_000 });
  });
});
