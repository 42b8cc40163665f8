import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { clearDirectoryCache } from "../../src/organizations/directory";
import { ownerAt } from "../../src/organizations/number-owners";
import { openDatabase } from "../../src/storage/database";
import { assignNumber, listOwners, releaseNumber } from "../../src/storage/numbers";
import { ask, newOrganization, platformKey } from "../support/api/as-operator";
import { failD1 } from "../support/failures/failing-d1";
import { failLedger } from "../support/failures/failing-ledger";

let admin: string;
let edge: string;
beforeAll(async () => {
  admin = await platformKey("admin");
  edge = await platformKey("edge");
});

let last = 0;
const newNumber = () => `+31202${String(++last).padStart(6, "0")}`;
const move = (number: string, organization_id: string | undefined) =>
  ask(admin, "PUT", `/admin/numbers/${number}`, { organization_id });
const numbersOf = async (id: string) =>
  (await ask(admin, "GET", `/admin/organizations/${id}`)).body.active_numbers;
const ownerByCall = async (number: string, call_id: string) =>
  (
    await ask(edge, "POST", "/edge/calls/authorize", {
      call_id,
      direction: "inbound",
      number,
      from: "anonymous",
      to: number,
    })
  ).body.organization_id;

describe("a number", () => {
  it("moves from one organization to the other, and both know", async () => {
    const [a, b] = [(await newOrganization(admin, 0)).id, (await newOrganization(admin, 0)).id];
    const number = newNumber();
    const first = await move(number, a);
    expect(first).toMatchObject({ status: 200, body: { number, organization_id: a, until: null } });
    expect(await ownerByCall(number, "1")).toBe(a);
    const second = await move(number, b);
    expect(Date.parse(second.body.from)).toBeGreaterThanOrEqual(Date.parse(first.body.from));
    expect(await ownerByCall(number, "2")).toBe(b);
    expect([await numbersOf(a), await numbersOf(b)]).toEqual([0, 1]);
    expect((await ask(admin, "GET", `/admin/organizations/${b}/numbers`)).body.numbers).toEqual([
      { ...second.body, is_default: false },
    ]);
    expect((await ask(admin, "GET", `/admin/organizations/${a}/numbers`)).body.numbers).toEqual([]);
    clearDirectoryCache();
    expect(await ownerByCall(number, "3")).toBe(b);
  });

  it("leaves a live call with the organization that was asked, also for a node that says the number only", async () => {
    const [a, b] = [await newOrganization(admin, 1_000_000), await newOrganization(admin, 1_000_000)];
    const number = newNumber();
    await move(number, a.id);
    expect(await ownerByCall(number, "1")).toBe(a.id);
    expect(await ownerByCall(number, "2")).toBe(a.id);
    await move(number, b.id);
    expect(await ownerByCall(number, "1")).toBe(a.id);
    expect((await ask(edge, "POST", "/edge/calls/1/void", { number })).body.organization_id).toBe(a.id);
    const parties = { direction: "inbound", from: "anonymous", to: number };
    const report = { number, duration_ms: 1_000, end_reason: "hangup", ended_at: new Date().toISOString() };
    const settled = await ask(edge, "POST", "/edge/calls/2/settle", { ...report, ...parties });
    expect(settled.body).toMatchObject({ organization_id: a.id, authorized: true });
    expect(await ownerByCall(number, "3")).toBe(b.id);
  });

  it("that is given to the same organization again stays as it is", async () => {
    const { id } = await newOrganization(admin, 0);
    const number = newNumber();
    const first = await move(number, id);
    expect((await move(number, id)).body).toEqual(first.body);
    expect(await numbersOf(id)).toBe(1);
  });

  it("whose move was cut off before the ledgers were told is put right by a repeat", async () => {
    const [a, b] = [(await newOrganization(admin, 0)).id, (await newOrganization(admin, 0)).id];
    const number = newNumber();
    await move(number, a);
    const mend = failLedger(a);
    expect((await move(number, b)).status).toBe(503);
    mend();
    expect([await numbersOf(a), await numbersOf(b)]).toEqual([1, 0]);
    expect((await move(number, b)).status).toBe(200);
    expect([await numbersOf(a), await numbersOf(b)]).toEqual([0, 1]);
  });

  it("leaves whoever lost it by a move that was cut off, also when the next one goes elsewhere", async () => {
    const [a, b, c] = [
      (await newOrganization(admin, 0)).id,
      (await newOrganization(admin, 0)).id,
      (await newOrganization(admin, 0)).id,
    ];
    const number = newNumber();
    await move(number, a);
    const mend = failLedger(a);
    expect((await move(number, b)).status).toBe(503);
    mend();
    expect((await move(number, c)).status).toBe(200);
    expect([await numbersOf(a), await numbersOf(b), await numbersOf(c)]).toEqual([0, 0, 1]);
  });

  it("is nobody's after it was freed", async () => {
    const { id } = await newOrganization(admin, 0);
    const number = newNumber();
    await move(number, id);
    const freed = await ask(admin, "DELETE", `/admin/numbers/${number}`);
    expect(freed).toMatchObject({ status: 200, body: { organization_id: id, until: expect.any(String) } });
    expect(await numbersOf(id)).toBe(0);
    expect(await ownerByCall(number, "1")).toBeUndefined();
    expect((await ask(admin, "DELETE", `/admin/numbers/${newNumber()}`)).status).toBe(404);
  });

  it("of a call that began before a move is settled with the organization that was asked", async () => {
    const [a, b] = [(await newOrganization(admin, 500_000)).id, (await newOrganization(admin, 500_000)).id];
    const number = newNumber();
    const db = openDatabase(env);
    await assignNumber(db, number, a, Date.now() - 3_600_000);
    await move(number, b);
    const ended_at = new Date(Date.now() - 600_000).toISOString();
    const report = { number, direction: "inbound", from: "anonymous", to: number, ended_at };
    const settled = await ask(edge, "POST", "/edge/calls/outage/settle", {
      ...report,
      duration_ms: 60_000,
      end_reason: "hangup",
    });
    expect(settled).toMatchObject({ status: 200, body: { organization_id: a, authorized: false } });
  });
});

describe("a call by number, of a number that has another owner or none by now", () => {
  const HOUR_MS = 3_600_000;
  const db = openDatabase(env);
  const parties = (number: string) => ({ direction: "inbound", from: "anonymous", to: number });

  /** A number that went from one organization to the next an hour apart each, the last one of all to nobody. */
  async function movedNumber(owners: string[], freed = false): Promise<string> {
    const number = newNumber();
    for (const [place, owner] of owners.entries())
      await assignNumber(db, number, owner, Date.now() - (owners.length - place) * HOUR_MS);
    if (freed) await releaseNumber(db, number, Date.now() - HOUR_MS / 2);
    clearDirectoryCache();
    return number;
  }

  const organizations = (count: number) =>
    Promise.all(Array.from({ length: count }, async () => (await newOrganization(admin, 1_000_000)).id));

  const say = async (number: string, path: string, body: object = {}, key = edge) =>
    ask(key, "POST", `/edge/calls/${path}`, { number, ...body });

  /** Everything that can be said of a live call, and whose call the answers say that it is. */
  async function sayAll(number: string, call_id: string) {
    const corrector = await platformKey("edge", { scopes: ["calls", "correct"] });
    return [
      await say(number, "authorize", { call_id, ...parties(number) }),
      await say(number, `${call_id}/answered`),
      await say(number, `${call_id}/renew`, { request_number: 1, elapsed_seconds: 1 }),
      await say(number, `${call_id}/settle`, { duration_ms: 2_000, end_reason: "hangup" }),
      await say(
        number,
        `${call_id}/correct`,
        { correction_id: "1", duration_ms: 1_000, reason: "CDR" },
        corrector,
      ),
    ].map(({ status, body }) => `${status} ${body.organization_id}`);
  }

  it.each([
    ["moved twice", true],
    ["was taken away", false],
  ])("whatever is said of one that rang when it %s stays with whom it was begun", async (_, moves) => {
    const [a, b, c] = await organizations(3);
    const number = newNumber();
    await move(number, a);
    expect(await ownerByCall(number, "call")).toBe(a);
    expect(await ownerByCall(number, "ringing")).toBe(a);
    if (moves) {
      await move(number, b);
      await move(number, c);
    } else await ask(admin, "DELETE", `/admin/numbers/${number}`);
    expect(await sayAll(number, "call")).toEqual(Array(5).fill(`200 ${a}`));
    const voided = { op: "void", call_id: "ringing", number };
    const fresh = { op: "authorize", call_id: "fresh", number, ...parties(number) };
    const batch = await ask(edge, "POST", "/edge/operations", { operations: [voided, fresh] });
    expect(batch.body.results[0]).toMatchObject({ status: 200, body: { organization_id: a } });
    expect(batch.body.results[1].body.organization_id).toBe(moves ? c : undefined);
    expect(batch.body.results[1].status).toBe(moves ? 200 : 404);
  });

  it("stays so without D1, to an isolate that knows nothing yet", async () => {
    const [a, b, c] = await organizations(3);
    const number = newNumber();
    await move(number, a);
    await ownerByCall(number, "call");
    await move(number, b);
    await move(number, c);
    clearDirectoryCache();
    const mend = failD1();
    expect((await say(number, "call/renew", { request_number: 1, elapsed_seconds: 0 })).body).toMatchObject({
      organization_id: a,
    });
    mend();
  });

  it("is found where an isolate and its copy of the directory do not show the move yet", async () => {
    const [a, b] = await organizations(2);
    const number = newNumber();
    await move(number, a);
    const copy = (await env.DIRECTORY.get(`number:${number}`)) ?? "";
    await move(number, b);
    expect(await ownerByCall(number, "call")).toBe(b);
    expect(await ownerByCall(number, "ringing")).toBe(b);
    await env.DIRECTORY.put(`number:${number}`, copy);
    clearDirectoryCache();
    const voided = { op: "void", call_id: "ringing", number };
    const batch = await ask(edge, "POST", "/edge/operations", { operations: [voided] });
    expect(batch.body.results).toMatchObject([{ status: 200, body: { organization_id: b } }]);
    clearDirectoryCache();
    const ended_at = new Date().toISOString();
    const report = { ...parties(number), duration_ms: 1_000, end_reason: "hangup", ended_at };
    const settled = await say(number, "call/settle", report);
    expect(settled.body).toMatchObject({ organization_id: b, authorized: true });
  });

  it("of one that was never authorized, whoever had the number when it was answered pays, and nobody for nobody's", async () => {
    const [a, b] = await organizations(2);
    const number = await movedNumber([a ?? "", b ?? ""], true);
    const now_ms = Date.now();
    const settledAt = async (call_id: string, hours_ago: number) => {
      const ended_at = new Date(now_ms - hours_ago * HOUR_MS).toISOString();
      const report = { ...parties(number), duration_ms: 60_000, end_reason: "hangup", ended_at };
      const { status, body } = await say(number, `${call_id}/settle`, report);
      return [status, body.organization_id];
    };
    expect(await settledAt("first", 1.5)).toEqual([200, a]);
    expect(await settledAt("second", 0.75)).toEqual([200, b]);
    expect(await settledAt("third", 0.1)).toEqual([404, undefined]);
    // Repeats, and what comes later of it, find it again.
    expect(await settledAt("first", 1.5)).toEqual([200, a]);
  });

  it("a key of the new owner's node learns nothing of the calls of those before", async () => {
    const [a, b] = await organizations(2);
    const number = newNumber();
    await move(number, a);
    await ownerByCall(number, "call");
    await move(number, b);
    const limited = await platformKey("edge", { organization_ids: [b ?? ""] });
    const said = async (call_id: string) => {
      const renewed = await say(
        number,
        `${call_id}/renew`,
        { request_number: 1, elapsed_seconds: 0 },
        limited,
      );
      return { status: renewed.status, error: { ...renewed.body.error, request_id: "" } };
    };
    expect(await said("call")).toEqual(await said("nobodys"));
    expect(
      (await say(number, "authorize", { call_id: "call", ...parties(number) }, limited)).body,
    ).toMatchObject({
      organization_id: b,
    });
  });

  it("an owner that cannot be asked makes it unknown, not somebody else's", async () => {
    const [a, b] = await organizations(2);
    const number = newNumber();
    await move(number, a);
    await ownerByCall(number, "call");
    await move(number, b);
    const mend = failLedger(a ?? "");
    expect((await say(number, "call/renew", { request_number: 1, elapsed_seconds: 0 })).status).toBe(503);
    mend();
    expect((await say(number, "call/renew", { request_number: 1, elapsed_seconds: 0 })).status).toBe(200);
  });
});

describe("the history of a number", () => {
  it("has one owner at each instant and no gap between two", async () => {
    const db = openDatabase(env);
    const number = newNumber();
    await assignNumber(db, number, "org_a", 1_000);
    await assignNumber(db, number, "org_b", 2_000);
    await assignNumber(db, number, "org_c", 2_000); // in the same millisecond
    await assignNumber(db, number, "org_c", 3_000);
    await releaseNumber(db, number, 4_000);
    await assignNumber(db, number, "org_a", 5_000);
    const owners = await listOwners(db, number);
    const at = (at_ms: number) => ownerAt(owners, at_ms, 0);
    // Before anybody had it, it was its first owner's, who is only known since.
    expect([999, 1_000, 1_999, 2_000, 2_001, 3_999, 4_000, 4_999, 5_000].map(at)).toEqual([
      "org_a",
      "org_a",
      "org_a",
      "org_b",
      "org_c",
      "org_c",
      null,
      null,
      "org_a",
    ]);
  });

  it("has one present owner when two moves come at once", async () => {
    const db = openDatabase(env);
    const number = newNumber();
    const owners = Array.from({ length: 8 }, (_, place) => `org_${place}`);
    await Promise.all(owners.map((owner) => assignNumber(db, number, owner, 1_000)));
    const { results } = await env.DB.prepare(
      "SELECT count(*) AS present FROM numbers WHERE e164 = ? AND until_ms IS NULL",
    )
      .bind(number)
      .all();
    expect(results).toEqual([{ present: 1 }]);
  });
});
