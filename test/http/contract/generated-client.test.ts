import { exports } from "cloudflare:workers";
import createClient, { type Client } from "openapi-fetch";
import { describe, expect, it } from "vitest";
import type { components, paths, webhooks } from "../../../.wrangler/openapi";
import { adminKey, newOrganization, newPlatformKey } from "../../support/api/organizations";

// The client that anybody can generate from the document (openapi-typescript, openapi-fetch), against the Worker itself. That
// this file compiles is half of the test: `npm run typecheck` makes the types anew from the document.

const EUR = 1_000_000;
const PARTIES = { from: "+31201234567", to: "+31207654321" };

function clientWith(key: string): Client<paths> {
  return createClient<paths>({
    baseUrl: "https://ringfence.test",
    headers: { Authorization: `Bearer ${key}` },
    fetch: (request) => exports.default.fetch(request),
  });
}

/** What a client has got, or a failure of the test with the error's code. */
function got<Data>({ data, error }: { data?: Data; error?: unknown }): Data {
  if (data === undefined) throw new Error(`No data: ${JSON.stringify(error)}`);
  return data;
}

async function threeClients() {
  const { id, key, edge_key } = await newOrganization(EUR);
  return {
    organization_id: id,
    organization: clientWith(key),
    node: clientWith(edge_key),
    operator: clientWith(await adminKey()),
  };
}

describe("a generated client", () => {
  it("makes an organization, gives it credit, and reads both back", async () => {
    const operator = clientWith(await adminKey());
    const made = got(
      await operator.POST("/api/v1/admin/organizations", { body: { company_name: "Example Voice B.V." } }),
    );
    const given = await operator.POST("/api/v1/admin/organizations/{organization_id}/adjustments", {
      params: { path: { organization_id: made.id }, header: { "Idempotency-Key": "generated-client-1" } },
      body: { amount_micros: EUR, kind: "adjustment", reason: "Test" },
    });
    expect(given.response.status).toBe(201);
    const account = got(await clientWith(made.api_key).GET("/api/v1/account"));
    expect(account.balance.posted_micros).toBe(EUR);
  });

  it("carries a call from authorize to its receipt, told apart by `decision`", async () => {
    const { organization_id, organization, node } = await threeClients();
    const call_id = "generated/1+a@b";
    const decision = got(
      await node.POST("/api/v1/edge/calls/authorize", {
        body: { call_id, organization_id, direction: "outbound", ...PARTIES },
      }),
    );
    if (decision.decision !== "allow") throw new Error(decision.reason);
    expect(decision.granted_seconds).toBe(60);
    const about = { params: { path: { call_id } } };
    const renewal = { organization_id, request_number: 1, elapsed_seconds: 1 };
    const grant = got(await node.POST("/api/v1/edge/calls/{call_id}/renew", { ...about, body: renewal }));
    expect(grant.final_unit).toBe(false);
    const report = { organization_id, duration_ms: 1_500, end_reason: "caller_hangup" };
    const receipt = got(await node.POST("/api/v1/edge/calls/{call_id}/settle", { ...about, body: report }));
    expect(receipt).toMatchObject({ call_id, billable_seconds: 2, outcome: "settled" });
    const call = got(await organization.GET("/api/v1/calls/{call_id}", about));
    expect(call.cost_micros).toBe(receipt.charged_micros);
  });

  it("sends many operations at once, told apart by `op`", async () => {
    const { organization_id, node } = await threeClients();
    const begin: components["schemas"]["Operation"] = {
      op: "authorize",
      call_id: "batch-1",
      organization_id,
      direction: "inbound",
      ...PARTIES,
    };
    const end: components["schemas"]["Operation"] = {
      op: "void",
      call_id: "batch-1",
      organization_id,
      end_reason: "busy",
    };
    const { results } = got(
      await node.POST("/api/v1/edge/operations", { body: { operations: [begin, end] } }),
    );
    expect(results.map(({ status }) => status)).toEqual([200, 200]);
  });

  it("goes through a list by its cursor", async () => {
    const { organization_id, node, organization } = await threeClients();
    for (const call_id of ["one", "two", "three"]) {
      const about = { params: { path: { call_id } } };
      const began = { call_id, organization_id, direction: "outbound" as const, ...PARTIES };
      await node.POST("/api/v1/edge/calls/authorize", { body: began });
      const report = { organization_id, duration_ms: 0, end_reason: "caller_hangup" };
      await node.POST("/api/v1/edge/calls/{call_id}/settle", { ...about, body: report });
    }
    const keys: string[] = [];
    let cursor: string | null | undefined;
    do {
      const query = cursor ? { limit: 1, cursor } : { limit: 1 };
      const page = got(await organization.GET("/api/v1/ledger", { params: { query } }));
      keys.push(...page.entries.map(({ id }) => id));
      cursor = page.next_cursor;
    } while (cursor);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("reads errors by their codes, which are one closed list", async () => {
    const stranger = clientWith("nonsense");
    const { error, response } = await stranger.GET("/api/v1/account");
    expect(response.status).toBe(401);
    const code: components["schemas"]["ErrorCode"] | undefined = error?.error.code;
    expect(code).toBe("unauthorized");
    const node = clientWith(await newPlatformKey("edge"));
    const wrong = await node.POST("/api/v1/edge/calls/authorize", {
      // @ts-expect-error: a direction that there is not
      body: { call_id: "x", direction: "sideways", ...PARTIES },
    });
    expect(wrong.error).toMatchObject({ error: { code: "invalid_request", param: "direction" } });
  });

  it("has the types of what webhooks bring", () => {
    type Settled = webhooks["call.settled"]["post"]["requestBody"]["content"]["application/json"];
    const seconds = (event: Settled) => ("data" in event ? event.data.billable_seconds : null);
    expect(seconds({ message: {} } as Settled)).toBeNull();
  });
});
