import { strict as assert } from "node:assert";
import { until } from "../../support/until.ts";

/** Where the Worker is, and the keys to it. */
export interface Server {
  base_url: string;
  admin_key: string;
  edge_key: string;
}

interface Usage {
  call_id: string;
  cost_micros: number;
  duration_seconds: number;
}

/** A customer of the platform, seen through the API. */
export type Organization = Awaited<ReturnType<typeof createOrganization>>;

/** Sends JSON with a key and answers the JSON of any 2xx. */
export async function request<T>(
  server: Server,
  key: string,
  { method, path, body }: { method: string; path: string; body?: object | undefined },
): Promise<T> {
  const response = await fetch(`${server.base_url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body && { "content-type": "application/json", "idempotency-key": crypto.randomUUID() }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}

/** Creates an organization with credit, whose calls come from `address`. */
export async function createOrganization(server: Server, address: string, credit_micros: number) {
  const admin = <T>(method: string, path: string, body?: object) =>
    request<T>(server, server.admin_key, { method, path: `/admin${path}`, body });
  const { id, api_key } = await admin<{ id: string; api_key: string }>("POST", "/organizations", {
    company_name: `Calls from ${address}`,
  });
  if (credit_micros > 0)
    await admin("POST", `/organizations/${id}/adjustments`, {
      amount_micros: credit_micros,
      reason: "Credit for the SIP test",
      kind: "adjustment",
    });
  const get = <T>(path: string) => request<T>(server, api_key, { method: "GET", path });
  return {
    id,
    address,
    credit_micros,
    ownNumber: (number: string) => admin("PUT", `/numbers/${number}`, { organization_id: id }),
    balance: async () =>
      (await get<{ balance: { posted_micros: number; held_micros: number } }>("/account")).balance,
    usage: async () => (await get<{ usage: Usage[] }>("/usage")).usage,
    calls: async () =>
      (await get<{ calls: { call_id: string; status: string; from: string }[] }>("/calls")).calls,
    entries: async () =>
      (await get<{ entries: { kind: string; call_id: string | null; amount_micros: number }[] }>("/ledger"))
        .entries,
    /** Waits until no call is live, and checks that the ledger proves itself. */
    settled: async () => {
      await until(`the calls from ${address} to be settled`, async () => {
        const { active_calls } = await get<{ active_calls: number }>("/account");
        return active_calls === 0;
      });
      const { ok } = await admin<{ ok: boolean }>("GET", `/organizations/${id}/verify`);
      assert.ok(ok, "the ledger does not verify");
    },
  };
}
