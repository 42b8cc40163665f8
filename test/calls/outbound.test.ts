import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { LedgerHandle, LedgerUnavailable } from "../../src/ledger/client";
import { hmacSha256, importHmacKey, toHex } from "../../src/units/digest";
import {
  ask,
  bindings,
  giveNumber,
  newOrganization,
  outbound,
  platformKey,
  postOnce,
} from "../support/api/as-operator";

let admin: string;
let edge: string;
beforeAll(async () => {
  admin = await platformKey("admin");
  edge = await platformKey("edge");
});
afterEach(() => vi.restoreAllMocks());

interface Handed {
  url: string;
  init: RequestInit & { headers: Record<string, string>; body: string };
}

/** Stands in for the operator's dialer, at the network: answers as told and keeps what it was handed. */
function dialer(answer: () => Response | Promise<Response>): Handed[] {
  const handed: Handed[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    handed.push({ url: String(url), init: init as Handed["init"] });
    return answer();
  });
  return handed;
}

const request = { destination: "+31207654321" };
const NUMBER = "+31201234567";

/** An organization with a number to call from. */
async function newCaller(credit_micros: number) {
  const organization = await newOrganization(admin, credit_micros);
  await giveNumber(admin, organization.id, NUMBER);
  return organization;
}

const place = (key: string, idempotency_key?: string, body: object = request) =>
  idempotency_key
    ? postOnce(key, "/calls/outbound", body, idempotency_key)
    : ask(key, "POST", "/calls/outbound", body);
const heldMicros = async (key: string) => (await ask(key, "GET", "/account")).body.balance.held_micros;

describe("an outbound call", () => {
  it("is held, handed over with a signature, and is the node's to authorize", async () => {
    const { id, api_key } = await newCaller(1_000_000);
    const handed = dialer(() => new Response(null, { status: 202 }));
    const placed = await place(api_key);
    expect(placed).toMatchObject({ status: 201, body: { success: true, status: "dialing" } });
    const { call_id } = placed.body;
    const [{ url, init } = { url: "", init: { headers: {}, body: "" } as Handed["init"] }] = handed;
    expect(url).toBe(bindings.DIALER_URL);
    expect(JSON.parse(init.body)).toMatchObject({
      call_id,
      organization_id: id,
      from: NUMBER,
      to: request.destination,
      granted_seconds: 60,
    });
    expect(init.headers).toMatchObject({ "idempotency-key": call_id, "webhook-id": call_id });
    const timestamp = init.headers["x-webhook-timestamp"] ?? "";
    expect(Math.abs(Number(timestamp) - Date.now() / 1_000)).toBeLessThan(60);
    const secret = await importHmacKey(bindings.DIALER_SECRET ?? "");
    expect(init.headers["x-webhook-signature"]).toBe(
      `sha256=${toHex(await hmacSha256(secret, `${timestamp}.${init.body}`))}`,
    );
    const standard = await hmacSha256(secret, `${call_id}.${timestamp}.${init.body}`);
    expect(init.headers["webhook-signature"]).toBe(
      `v1,${btoa(String.fromCharCode(...new Uint8Array(standard)))}`,
    );
    const held = await heldMicros(api_key);
    const allowed = await ask(edge, "POST", "/edge/calls/authorize", { call_id, ...outbound(id) });
    expect(allowed).toMatchObject({ status: 200, body: { granted_seconds: 60 } });
    expect(await heldMicros(api_key)).toBe(held);
  });

  it("rings once however often it is asked for with one Idempotency-Key, also at the same time", async () => {
    const { api_key } = await newCaller(1_000_000);
    const handed = dialer(() => new Response());
    const answers = await Promise.all([1, 2, 3, 4].map(() => place(api_key, "once")));
    const later = await place(api_key, "once");
    expect(new Set([...answers, later].map(({ body }) => body.call_id)).size).toBe(1);
    expect([...answers, later].map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(handed).toHaveLength(1);
    await place(api_key, "twice");
    expect(handed).toHaveLength(2);
  });

  it("whose authorization was answered too late is taken back, and a repeat is not told that it is dialing", async () => {
    const { api_key } = await newCaller(1_000_000);
    const handed = dialer(() => new Response(null, { status: 202 }));
    const ask_ledger = LedgerHandle.prototype.ask;
    vi.spyOn(LedgerHandle.prototype, "ask")
      .mockImplementationOnce(ask_ledger)
      .mockImplementationOnce(async function (this: LedgerHandle, request) {
        await ask_ledger.call(this, request);
        throw new LedgerUnavailable("late");
      } as LedgerHandle["ask"]);
    expect((await place(api_key, "late")).status).toBe(503);
    expect(await heldMicros(api_key)).toBe(0);
    expect(await place(api_key, "late")).toMatchObject({
      status: 503,
      body: { error: { code: "dialer_unavailable" } },
    });
    expect(handed).toEqual([]);
  });

  it("that is already dialing is not taken back by a repeat that was answered too late", async () => {
    const { api_key } = await newCaller(1_000_000);
    const handed = dialer(() => new Response(null, { status: 202 }));
    const first = await place(api_key, "twice");
    const ask_ledger = LedgerHandle.prototype.ask;
    vi.spyOn(LedgerHandle.prototype, "ask")
      .mockImplementationOnce(ask_ledger)
      .mockRejectedValueOnce(new LedgerUnavailable("late"));
    expect((await place(api_key, "twice")).status).toBe(503);
    expect(await heldMicros(api_key)).toBe(70_000);
    expect((await place(api_key, "twice")).body).toEqual(first.body);
    expect(handed.length).toBe(1);
  });

  it("is refused under an Idempotency-Key that was used for another call", async () => {
    const { api_key } = await newCaller(1_000_000);
    dialer(() => new Response());
    await place(api_key, "mine");
    expect(await place(api_key, "mine", { destination: "+31207654399" })).toMatchObject({
      status: 409,
      body: { error: { code: "idempotency_conflict", param: "Idempotency-Key" } },
    });
  });

  describe.each([
    ["is dialing", 1_000_000, async () => {}],
    [
      "is over",
      1_000_000,
      async (organization_id: string, call_id: string) => {
        const report = { organization_id, duration_ms: 1_000, end_reason: "hangup" };
        await ask(edge, "POST", `/edge/calls/${call_id}/settle`, report);
      },
    ],
    ["was refused for lack of credit", 0, async () => {}],
  ])("that %s", (_, credit_micros, then) => {
    it.each([
      {},
      { max_duration_seconds: 61, assistant_id: "asst_1" },
      { max_duration_seconds: 60, assistant_id: "asst_2" },
      { max_duration_seconds: 60, assistant_id: "asst_1", from: "anonymous" },
      { max_duration_seconds: 60, assistant_id: "asst_1", assistant_override: { metadata: { order: 8 } } },
      { max_duration_seconds: 60, assistant_id: "asst_1", first_message: "Hello" },
    ])("is not answered to a repeat that asks for something else: %o", async (otherwise) => {
      const { id, api_key } = await newCaller(credit_micros);
      const handed = dialer(() => new Response());
      const assistant_override = { metadata: { order: 7, urgent: true } };
      const asked = { ...request, max_duration_seconds: 60, assistant_id: "asst_1", assistant_override };
      const first = await place(api_key, "mine", asked);
      await then(id, first.body.call_id);
      expect(await place(api_key, "mine", { ...request, ...otherwise })).toMatchObject({
        status: 409,
        body: { error: { code: "idempotency_conflict", param: "Idempotency-Key" } },
      });
      const { destination: to, ...rest } = asked;
      const in_other_words = { ...rest, to, assistant_override: { metadata: { urgent: true, order: 7 } } };
      const again = await place(api_key, "mine", in_other_words);
      expect([again.status, again.body]).toEqual([first.status, first.body]);
      expect(handed.length).toBe(credit_micros === 0 ? 0 : 1);
    });
  });

  it.each([
    [400, 422, "unprocessable"],
    [422, 422, "unprocessable"],
    [401, 503, "dialer_unavailable"],
    [404, 503, "dialer_unavailable"],
    [429, 503, "dialer_unavailable"],
  ])(
    "that the dialer refuses with %i is void and answered %i, also to a repeat",
    async (told, status, code) => {
      const { api_key } = await newCaller(1_000_000);
      const handed = dialer(() => new Response("no", { status: told }));
      const refused = { status, body: { error: { code } } };
      expect(await place(api_key, "refused")).toMatchObject(refused);
      expect(await place(api_key, "refused")).toMatchObject(refused);
      expect(handed).toHaveLength(1);
      expect(await heldMicros(api_key)).toBe(0);
    },
  );

  it.each([
    ["answers 500", () => new Response("oh", { status: 500 })],
    ["is timed out by a proxy", () => new Response(null, { status: 408 })],
    [
      "answers with a redirect",
      () => new Response(null, { status: 302, headers: { Location: "https://x.test" } }),
    ],
    ["cannot be reached", () => Promise.reject(new TypeError("Network connection lost."))],
    ["does not answer in time", () => Promise.reject(new DOMException("timed out", "TimeoutError"))],
  ])("counts as dialing when the dialer %s: nobody knows whether it rings", async (_, answer) => {
    const { api_key } = await newCaller(1_000_000);
    const handed = dialer(answer);
    expect(await place(api_key, "unknown")).toMatchObject({ status: 201, body: { status: "dialing" } });
    expect(await place(api_key, "unknown")).toMatchObject({ status: 201 });
    expect(handed).toHaveLength(1);
    expect(await heldMicros(api_key)).toBeGreaterThan(0);
  });

  it("that has ended in the meantime answers a repeat as before", async () => {
    const { id, api_key } = await newCaller(1_000_000);
    const handed = dialer(() => new Response());
    const placed = await place(api_key, "over");
    await ask(edge, "POST", `/edge/calls/${placed.body.call_id}/settle`, {
      organization_id: id,
      duration_ms: 1_000,
      end_reason: "hangup",
    });
    expect((await place(api_key, "over")).body).toEqual(placed.body);
    expect(handed).toHaveLength(1);
  });

  it("without credit is refused with the published body and handed to nobody", async () => {
    const { api_key } = await newCaller(0);
    const handed = dialer(() => new Response());
    const refused = await place(api_key);
    expect(refused.status).toBe(402);
    expect(refused.body).toEqual({
      error: {
        code: "insufficient_credits",
        message: "Insufficient credits to make outbound call. Please add credits in your billing dashboard.",
      },
    });
    expect(handed).toEqual([]);
  });
});
