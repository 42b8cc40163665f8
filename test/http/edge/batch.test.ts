import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { clearDirectoryCache } from "../../../src/organizations/directory";
import { newId } from "../../../src/units/id";
import { ask, newOrganization, outbound, platformKey } from "../../support/api/as-operator";
import { failD1 } from "../../support/failures/failing-d1";
import { failLedger } from "../../support/failures/failing-ledger";

let admin: string;
let edge: string;
beforeAll(async () => {
  admin = await platformKey("admin");
  edge = await platformKey("edge");
});

let mend: (() => void) | undefined;
afterEach(() => {
  mend?.();
  mend = undefined;
});

const batch = (operations: unknown[], key = edge) => ask(key, "POST", "/edge/operations", { operations });
const authorize = (call_id: string, id: string) => ({ op: "authorize", call_id, ...outbound(id) });

interface Result {
  status: number;
  body: Record<string, unknown>;
}
const statuses = ({ results }: { results: Result[] }) => results.map(({ status }) => status);

describe("a batch", () => {
  it("answers each operation in order, as its own route would, whatever organization it is of", async () => {
    const rich = (await newOrganization(admin, 1_000_000)).id;
    const poor = (await newOrganization(admin, 0)).id;
    const answer = await batch([
      authorize("a", rich),
      authorize("b", poor),
      { ...authorize("c", poor), direction: "inbound" },
      { op: "renew", call_id: "a", organization_id: rich, request_number: 1, elapsed_seconds: 10 },
      { op: "renew", call_id: "nobody", organization_id: rich, request_number: 1, elapsed_seconds: 10 },
      { op: "settle", call_id: "a", organization_id: rich, duration_ms: 20_000, end_reason: "hangup" },
      { op: "answered", call_id: "a", organization_id: rich },
    ]);
    expect(answer.status).toBe(200);
    expect(statuses(answer.body)).toEqual([200, 402, 200, 200, 404, 200, 409]);
    const alone = await ask(edge, "POST", "/edge/calls/authorize", { call_id: "b", ...outbound(poor) });
    expect(answer.body.results[1]).toEqual({ status: alone.status, body: alone.body });
    expect(answer.body.results[2].body).toMatchObject({ decision: "reject", organization_id: poor });
    expect(answer.body.results[5].body).toMatchObject({ call_id: "a", billable_seconds: 20 });
    expect(answer.body.results[6].body.receipt).toEqual(answer.body.results[5].body);
  });

  it("answers a malformed operation in its place and carries out the others", async () => {
    const { id } = await newOrganization(admin, 1_000_000);
    const answer = await batch([
      authorize("a", id),
      null,
      { op: "correct", call_id: "a" },
      { op: "renew", call_id: "a", organization_id: id, request_number: 1, elapsed_seconds: "soon" },
      { ...authorize("b", id), organization_id: undefined },
      { ...authorize("c", newId("org")) },
      authorize("d", id),
    ]);
    expect(statuses(answer.body)).toEqual([200, 400, 400, 400, 400, 404, 200]);
    const params = answer.body.results.map(
      ({ body }: { body: { error?: { param?: string } } }) => body.error?.param,
    );
    expect(params).toEqual([
      undefined,
      "op",
      "op",
      "elapsed_seconds",
      "organization_id",
      undefined,
      undefined,
    ]);
  });

  it.each(["throws", "hangs"] as const)("loses only the operations of a ledger that %s", async (how) => {
    const [well, ill] = [
      (await newOrganization(admin, 1_000_000)).id,
      (await newOrganization(admin, 1_000_000)).id,
    ];
    mend = failLedger(ill, how);
    const answer = await batch([authorize("a", ill), authorize("b", well), authorize("c", ill)]);
    expect(statuses(answer.body)).toEqual([503, 200, 503]);
    expect(answer.body.results[0].body.error.code).toBe("ledger_unavailable");
  });

  it("may speak only of the organizations that its key may", async () => {
    const [own, other] = [
      (await newOrganization(admin, 1_000_000)).id,
      (await newOrganization(admin, 1_000_000)).id,
    ];
    const limited = await platformKey("edge", { organization_ids: [own] });
    const answer = await batch([authorize("a", own), authorize("b", other)], limited);
    expect(statuses(answer.body)).toEqual([200, 403]);
  });

  it("is refused as a whole when it is too long, too wide or too large", async () => {
    const { id } = await newOrganization(admin, 1_000_000);
    const many = Array.from({ length: 501 }, (_, place) => authorize(`many-${place}`, id));
    expect(await batch(many)).toMatchObject({ status: 400, body: { error: { param: "operations" } } });
    expect(await batch([])).toMatchObject({ status: 400, body: { error: { param: "operations" } } });
    expect(await batch(["x".repeat(1_048_577)])).toMatchObject({ status: 413 });
    const ids = await Promise.all(
      Array.from({ length: 41 }, async () => (await newOrganization(admin, 0)).id),
    );
    expect(await batch(ids.map((each) => authorize("wide", each)))).toMatchObject({
      status: 400,
      body: { error: { param: "operations" } },
    });
    expect((await batch(ids.slice(1).map((each) => authorize("wide", each)))).status).toBe(200);
  });

  it("that names too many organizations or numbers is refused before any of them is looked up", async () => {
    const read = vi.spyOn(Object.getPrototypeOf(env.DIRECTORY), "get");
    const looked_up = () =>
      read.mock.calls.filter(([key]) => /^(organization|number):/.test(String(key))).length;
    const of_number = (place: number) => {
      const { organization_id: _, ...call } = authorize("wide", "");
      return { ...call, number: `+3120555${1_000 + place}` };
    };
    const ids = Array.from({ length: 41 }, () => authorize("wide", newId("org")));
    const numbers = Array.from({ length: 41 }, (_, place) => of_number(place));
    const both = [...ids.slice(20), ...numbers.slice(21)];
    for (const wide of [ids, numbers, both])
      expect(await batch(wide)).toMatchObject({ status: 400, body: { error: { param: "operations" } } });
    expect(looked_up()).toBe(0);
    // One that names nobody, and ten more of one that is named, are no look-up.
    const fits = [...both.slice(1), { ...both[1], organization_id: undefined }, ...Array(10).fill(both[40])];
    expect((await batch(fits)).status).toBe(200);
    expect(looked_up()).toBe(40);
    read.mockRestore();
  });

  it("of 500 operations is carried out in one go", async () => {
    const { id } = await newOrganization(admin, 100_000_000);
    const answer = await batch(Array.from({ length: 500 }, (_, place) => authorize(`call-${place}`, id)));
    expect(new Set(statuses(answer.body))).toEqual(new Set([200]));
  });
});

describe("calls that were never authorized", () => {
  it("are parked above the cap of their key and hour, until an operator releases them", async () => {
    const { id } = await newOrganization(admin, 1_000_000);
    const ended_at = new Date().toISOString();
    const report = { op: "settle", ...outbound(id), duration_ms: 1_000, end_reason: "hangup", ended_at };
    const answers = await batch(
      Array.from({ length: 500 }, (_, place) => ({ ...report, call_id: `1-${place}` })),
    );
    await batch(Array.from({ length: 500 }, (_, place) => ({ ...report, call_id: `2-${place}` })));
    expect(new Set(statuses(answers.body))).toEqual(new Set([200]));
    const parked = await batch([{ ...report, call_id: "one too many/1" }]);
    expect(parked.body.results[0]).toMatchObject({
      status: 202,
      body: { outcome: "parked", charged_micros: 0 },
    });
    const waiting = `/admin/organizations/${id}/parked_calls`;
    await vi.waitFor(async () => {
      const { calls } = (await ask(admin, "GET", waiting)).body;
      expect(calls).toMatchObject([{ call_id: "one too many/1", cost_micros: 0 }]);
    });
    const path = `/admin/organizations/${id}/calls/${encodeURIComponent("one too many/1")}/release`;
    const released = await ask(admin, "POST", path);
    expect(released).toMatchObject({ status: 200, body: { outcome: "settled", charged_micros: 1_167 } });
    expect((await ask(admin, "POST", path)).body).toEqual(released.body);
    await vi.waitFor(async () => {
      expect((await ask(admin, "GET", waiting)).body).toEqual({ calls: [], next_cursor: null });
    });
  });
});

describe("with D1 away and the isolate restarted", () => {
  it("calls go on", async () => {
    const { id, api_key } = await newOrganization(admin, 1_000_000);
    await ask(admin, "PUT", "/admin/numbers/+31201110002", { organization_id: id });
    const made = await ask(admin, "POST", "/admin/keys", { kind: "edge" });
    clearDirectoryCache();
    mend = failD1();
    const number = { direction: "inbound", number: "+31201110002", from: "anonymous", to: "+31201110002" };
    const answer = await batch(
      [
        { op: "authorize", call_id: "a", ...number },
        { op: "renew", call_id: "a", organization_id: id, request_number: 1, elapsed_seconds: 5 },
        { op: "settle", call_id: "a", organization_id: id, duration_ms: 6_000, end_reason: "hangup" },
      ],
      made.body.key,
    );
    expect(statuses(answer.body)).toEqual([200, 200, 200]);
    expect((await ask(api_key, "GET", "/account")).body.balance.posted_micros).toBe(993_000);
  });

  it("what nobody can know is answered as unavailable, never as unknown", async () => {
    mend = failD1();
    const answer = await batch([authorize("a", newId("org"))]);
    expect(statuses(answer.body)).toEqual([503]);
  });
});
