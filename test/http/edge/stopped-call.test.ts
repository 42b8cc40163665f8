import { beforeAll, expect, it, vi } from "vitest";
import { ask, newOrganization, outbound, platformKey } from "../../support/api/as-operator";
import { auditCopied } from "../../support/api/audit-copied";
import { spoilChanges } from "../../support/ledger/spoil";

let admin: string;
let edge: string;
beforeAll(async () => {
  admin = await platformKey("admin");
  edge = await platformKey("edge");
});

it("a settle that would break its ledger is 503 until an operator releases it, which is audited and named by verify", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const { id } = await newOrganization(admin, 1_000_000);
  const settle = { organization_id: id, duration_ms: 30_000, end_reason: "hangup" };
  for (const call_id of ["good", "bad"])
    await ask(edge, "POST", "/edge/calls/authorize", { call_id, ...outbound(id) });
  spoilChanges("bad", ({ resolved }) => resolved && { resolved: { ...resolved, version: 9 } });
  const answer = await ask(edge, "POST", "/edge/operations", {
    operations: ["bad", "good"].map((call_id) => ({ op: "settle", call_id, ...settle })),
  });
  expect(answer.body.results.map(({ status }: { status: number }) => status)).toEqual([503, 200]);
  expect(answer.body.results[0].body.error).toMatchObject({ code: "ledger_unavailable" });
  const path = `/admin/organizations/${id}/calls/bad/release`;
  const released = await ask(admin, "POST", path);
  expect(released).toMatchObject({ status: 200, body: { outcome: "settled", charged_micros: 35_000 } });
  expect((await ask(admin, "POST", path)).body).toEqual(released.body);
  expect((await ask(edge, "POST", "/edge/calls/bad/settle", settle)).status).toBe(200);
  vi.restoreAllMocks();
  expect((await ask(admin, "GET", `/admin/organizations/${id}/verify`)).body).toMatchObject({
    ok: true,
    entries: 3,
    released_calls: [{ call_id: "bad", entry_seq: 3, invariant: "call_version" }],
  });
  await auditCopied();
  const { body } = await ask(admin, "GET", `/admin/organizations/${id}/audit`);
  expect(JSON.stringify(body)).toContain("call.release");
});
