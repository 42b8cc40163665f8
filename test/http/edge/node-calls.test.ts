import { beforeAll, describe, expect, it, vi } from "vitest";
import { api, type Json } from "../../support/api/api";
import {
  ask,
  authorize,
  call,
  newOrganization,
  newPlatformKey,
  node,
  type TestOrganization,
} from "../../support/api/organizations";
import { stopClock } from "../../support/clock";

const clock = stopClock();

let organization: TestOrganization;
beforeAll(async () => {
  organization = await newOrganization(10_000_000);
});

function callsOf(name: string, query: Json = {}, key = organization.edge_key) {
  const asked = new URLSearchParams({ node: name, organization_id: organization.id, ...query });
  return api("GET", `/api/v1/edge/calls?${asked}`, { key });
}

describe("the live calls of a node", () => {
  it("are those that it was authorized with, with all that it needs to go on with them", async () => {
    await authorize(organization, "mine", { node: "edge-1", parent_call_id: "first-leg" });
    await authorize(organization, "other", { node: "edge-2" });
    await authorize(organization, "nameless");
    await call(organization, "over", 1_000, { authorized: { node: "edge-1" }, letTimePass: clock.pass });
    await node(organization, "mine/renew", { request_number: 7, elapsed_seconds: 1 });
    const { body } = await callsOf("edge-1");
    expect(body).toEqual({
      calls: [
        expect.objectContaining({
          call_id: "mine",
          organization_id: organization.id,
          node: "edge-1",
          status: "in-progress",
          parent_call_id: "first-leg",
          elapsed_seconds: 1,
          request_number: 7,
          granted_seconds: 61,
          final_unit: false,
        }),
      ],
      has_more: false,
      next_cursor: null,
    });
    expect((await callsOf("edge-3")).body.calls).toEqual([]);
  });

  it("come in pages, each once, the oldest first", async () => {
    const ids = ["a.1", "b/2", "c+3", "d", "e"];
    for (const call_id of ids) {
      await authorize(organization, call_id, { node: "paged" });
      if (call_id === "b/2") clock.pass(1_000);
    }
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const { body }: Json = await callsOf("paged", { limit: "2", ...(cursor && { cursor }) });
      seen.push(...body.calls.map(({ call_id }: Json) => call_id));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(ids);
  });

  it("are told to no key that may not speak of the organization, whether there is one or not", async () => {
    const limited = await newPlatformKey("edge", [(await newOrganization()).id]);
    const theirs = await callsOf("edge-1", {}, limited);
    const nobodys = await callsOf("edge-1", { organization_id: "org_01k9z3v8qhe1w9m4c7d2x5n6tp" }, limited);
    const told = ({ status, body: { error } }: Json) => [status, error.code, error.message];
    expect(told(theirs)).toEqual(told(nobodys));
    expect(theirs.status).toBe(403);
    const unknown = await callsOf("edge-1", { organization_id: "org_01k9z3v8qhe1w9m4c7d2x5n6tp" });
    expect(unknown.status).toBe(404);
  });

  it.each([
    [{ node: "" }, "node"],
    [{ organization_id: "nobody" }, "organization_id"],
    [{ cursor: "later" }, "cursor"],
    [{ limit: "1001" }, "limit"],
  ])("asked for with %o are a 400 that names the field", async (query, param) => {
    expect(await callsOf("edge-1", query)).toMatchObject({ status: 400, body: { error: { param } } });
  });
});

describe("a leg of a call", () => {
  it("names the other leg, live and past, and is listed by it", async () => {
    await authorize(organization, "live-leg", { parent_call_id: "parent" });
    await call(organization, "past-leg", 1_000, {
      authorized: { parent_call_id: "parent" },
      letTimePass: clock.pass,
    });
    await node(organization, "unheard-leg/settle", {
      direction: "inbound",
      from: "+31201234567",
      to: "+31207654321",
      duration_ms: 1_000,
      end_reason: "hangup",
      ended_at: new Date().toISOString(),
      parent_call_id: "parent",
    });
    await vi.waitFor(
      async () => {
        clock.pass(1_000);
        const { body } = await ask(organization, "GET", "/calls?parent_call_id=parent");
        expect(body.calls.map(({ call_id }: Json) => call_id).sort()).toEqual([
          "live-leg",
          "past-leg",
          "unheard-leg",
        ]);
        expect(body.pagination.total).toBe(3);
        for (const leg of body.calls) expect(leg.parent_call_id).toBe("parent");
      },
      { timeout: 10_000 },
    );
    expect((await ask(organization, "GET", "/calls/past-leg")).body.parent_call_id).toBe("parent");
    expect((await ask(organization, "GET", "/calls/over")).body.parent_call_id).toBeNull();
  });

  it("is no leg of itself", async () => {
    expect(await authorize(organization, "self", { parent_call_id: "self" })).toMatchObject({
      status: 422,
      body: { error: { param: "parent_call_id" } },
    });
  });
});
