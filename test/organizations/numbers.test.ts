import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { clearDirectoryCache } from "../../src/organizations/directory";
import { ownerAt } from "../../src/organizations/number-owners";
import { assignNumber, listOwners, releaseNumber } from "../../src/storage/accounts/numbers";
import { openDatabase } from "../../src/storage/database";
import { ask, newOrganization, platformKey } from "../support/api/as-operator";
import { countNumbers, move, newNumber, ownerByCall } from "../support/api/numbers";
import { failLedger } from "../support/failures/failing-ledger";

let admin: string;
let edge: string;
beforeAll(async () => {
  admin = await platformKey("admin");
  edge = await platformKey("edge");
});

describe("a number", () => {
  it("moves from one organization to the other, and both know", async () => {
    const [a, b] = [(await newOrganization(admin, 0)).id, (await newOrganization(admin, 0)).id];
    const number = newNumber();
    const first = await move(admin, number, a);
    expect(first).toMatchObject({ status: 200, body: { number, organization_id: a, until: null } });
    expect(await ownerByCall(edge, number, "1")).toBe(a);
    const second = await move(admin, number, b);
    expect(Date.parse(second.body.from)).toBeGreaterThanOrEqual(Date.parse(first.body.from));
    expect(await ownerByCall(edge, number, "2")).toBe(b);
    expect([await countNumbers(admin, a), await countNumbers(admin, b)]).toEqual([0, 1]);
    expect((await ask(admin, "GET", `/admin/organizations/${b}/numbers`)).body.numbers).toEqual([
      { ...second.body, is_default: false },
    ]);
    expect((await ask(admin, "GET", `/admin/organizations/${a}/numbers`)).body.numbers).toEqual([]);
    clearDirectoryCache();
    expect(await ownerByCall(edge, number, "3")).toBe(b);
  });

  it("leaves a live call with the organization that was asked, also for a node that says the number only", async () => {
    const [a, b] = [await newOrganization(admin, 1_000_000), await newOrganization(admin, 1_000_000)];
    const number = newNumber();
    await move(admin, number, a.id);
    expect(await ownerByCall(edge, number, "1")).toBe(a.id);
    expect(await ownerByCall(edge, number, "2")).toBe(a.id);
    await move(admin, number, b.id);
    expect(await ownerByCall(edge, number, "1")).toBe(a.id);
    expect((await ask(edge, "POST", "/edge/calls/1/void", { number })).body.organization_id).toBe(a.id);
    const parties = { direction: "inbound", from: "anonymous", to: number };
    const report = { number, duration_ms: 1_000, end_reason: "hangup", ended_at: new Date().toISOString() };
    const settled = await ask(edge, "POST", "/edge/calls/2/settle", { ...report, ...parties });
    expect(settled.body).toMatchObject({ organization_id: a.id, authorized: true });
    expect(await ownerByCall(edge, number, "3")).toBe(b.id);
  });

  it("that is given to the same organization again stays as it is", async () => {
    const { id } = await newOrganization(admin, 0);
    const number = newNumber();
    const first = await move(admin, number, id);
    expect((await move(admin, number, id)).body).toEqual(first.body);
    expect(await countNumbers(admin, id)).toBe(1);
  });

  it("whose move was cut off before the ledgers were told is put right by a repeat", async () => {
    const [a, b] = [(await newOrganization(admin, 0)).id, (await newOrganization(admin, 0)).id];
    const number = newNumber();
    await move(admin, number, a);
    const mend = failLedger(a);
    expect((await move(admin, number, b)).status).toBe(503);
    mend();
    expect([await countNumbers(admin, a), await countNumbers(admin, b)]).toEqual([1, 0]);
    expect((await move(admin, number, b)).status).toBe(200);
    expect([await countNumbers(admin, a), await countNumbers(admin, b)]).toEqual([0, 1]);
  });

  it("leaves whoever lost it by a move that was cut off, also when the next one goes elsewhere", async () => {
    const [a, b, c] = [
      (await newOrganization(admin, 0)).id,
      (await newOrganization(admin, 0)).id,
      (await newOrganization(admin, 0)).id,
    ];
    const number = newNumber();
    await move(admin, number, a);
    const mend = failLedger(a);
    expect((await move(admin, number, b)).status).toBe(503);
    mend();
    expect((await move(admin, number, c)).status).toBe(200);
    expect([
      await countNumbers(admin, a),
      await countNumbers(admin, b),
      await countNumbers(admin, c),
    ]).toEqual([0, 0, 1]);
  });

  it("is nobody's after it was freed", async () => {
    const { id } = await newOrganization(admin, 0);
    const number = newNumber();
    await move(admin, number, id);
    const freed = await ask(admin, "DELETE", `/admin/numbers/${number}`);
    expect(freed).toMatchObject({ status: 200, body: { organization_id: id, until: expect.any(String) } });
    expect(await countNumbers(admin, id)).toBe(0);
    expect(await ownerByCall(edge, number, "1")).toBeUndefined();
    expect((await ask(admin, "DELETE", `/admin/numbers/${newNumber()}`)).status).toBe(404);
  });

  it("of a call that began before a move is settled with the organization that was asked", async () => {
    const [a, b] = [(await newOrganization(admin, 500_000)).id, (await newOrganization(admin, 500_000)).id];
    const number = newNumber();
    const db = openDatabase(env);
    await assignNumber(db, number, a, { now_ms: Date.now() - 3_600_000 });
    await move(admin, number, b);
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

describe("the history of a number", () => {
  it("has one owner at each instant and no gap between two", async () => {
    const db = openDatabase(env);
    const number = newNumber();
    await assignNumber(db, number, "org_a", { now_ms: 1_000 });
    await assignNumber(db, number, "org_b", { now_ms: 2_000 });
    await assignNumber(db, number, "org_c", { now_ms: 2_000 }); // in the same millisecond
    await assignNumber(db, number, "org_c", { now_ms: 3_000 });
    await releaseNumber(db, number, { now_ms: 4_000 });
    await assignNumber(db, number, "org_a", { now_ms: 5_000 });
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
    await Promise.all(owners.map((owner) => assignNumber(db, number, owner, { now_ms: 1_000 })));
    const { results } = await env.DB.prepare(
      "SELECT count(*) AS present FROM numbers WHERE e164 = ? AND until_ms IS NULL",
    )
      .bind(number)
      .all();
    expect(results).toEqual([{ present: 1 }]);
  });
});
