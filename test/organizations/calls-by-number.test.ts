import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { clearDirectoryCache } from "../../src/organizations/directory";
import { assignNumber, releaseNumber } from "../../src/storage/accounts/numbers";
import { openDatabase } from "../../src/storage/database";
import { ask, newOrganization, platformKey } from "../support/api/as-operator";
import { move, newNumber, ownerByCall } from "../support/api/numbers";
import { failD1 } from "../support/failures/failing-d1";
import { failLedger } from "../support/failures/failing-ledger";

let admin: string;
let edge: string;
beforeAll(async () => {
  admin = await platformKey("admin");
  edge = await platformKey("edge");
});

describe("a call by number, of a number that has another owner or none by now", () => {
  const HOUR_MS = 3_600_000;
  const db = openDatabase(env);
  const parties = (number: string) => ({ direction: "inbound", from: "anonymous", to: number });

  /** A number that went from one organization to the next an hour apart each, the last one of all to nobody. */
  async function movedNumber(owners: string[], freed = false): Promise<string> {
    const number = newNumber();
    for (const [place, owner] of owners.entries())
      await assignNumber(db, number, owner, { now_ms: Date.now() - (owners.length - place) * HOUR_MS });
    if (freed) await releaseNumber(db, number, { now_ms: Date.now() - HOUR_MS / 2 });
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
    await move(admin, number, a);
    expect(await ownerByCall(edge, number, "call")).toBe(a);
    expect(await ownerByCall(edge, number, "ringing")).toBe(a);
    if (moves) {
      await move(admin, number, b);
      await move(admin, number, c);
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
    await move(admin, number, a);
    await ownerByCall(edge, number, "call");
    await move(admin, number, b);
    await move(admin, number, c);
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
    await move(admin, number, a);
    const copy = (await env.DIRECTORY.get(`number:${number}`)) ?? "";
    await move(admin, number, b);
    expect(await ownerByCall(edge, number, "call")).toBe(b);
    expect(await ownerByCall(edge, number, "ringing")).toBe(b);
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
    await move(admin, number, a);
    await ownerByCall(edge, number, "call");
    await move(admin, number, b);
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
    await move(admin, number, a);
    await ownerByCall(edge, number, "call");
    await move(admin, number, b);
    const mend = failLedger(a ?? "");
    expect((await say(number, "call/renew", { request_number: 1, elapsed_seconds: 0 })).status).toBe(503);
    mend();
    expect((await say(number, "call/renew", { request_number: 1, elapsed_seconds: 0 })).status).toBe(200);
  });
});
