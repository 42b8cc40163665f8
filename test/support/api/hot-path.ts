import { expect } from "vitest";
import { type Answer, type ApiRequest, api, type Json } from "./api";
import { authorize, newOrganization, type TestOrganization } from "./organizations";

const PARTIES = { direction: "outbound", from: "+31201234567", to: "+31207654321" };
const ON_A_CALL = {
  authorize: ["authorize", { call_id: "new", ...PARTIES }],
  answered: ["live/answered", {}],
  renew: ["live/renew", { request_number: 1, elapsed_seconds: 5 }],
  settle: ["live/settle", { duration_ms: 10_000, end_reason: "caller_hangup" }],
  void: ["ringing/void", { end_reason: "busy" }],
} as const;

/** The requests of the hot path. */
export const REQUESTS = [...(Object.keys(ON_A_CALL) as (keyof typeof ON_A_CALL)[]), "account"] as const;
export type HotRequest = (typeof REQUESTS)[number];

/** An organization with credit and two calls, for every request of the hot path to be about. */
export async function organizationWithCalls(): Promise<TestOrganization> {
  const organization = await newOrganization(1_000_000);
  await authorize(organization, "live");
  await authorize(organization, "ringing");
  return organization;
}

/** Sends a request of the hot path: a node's about a call, or the organization's for its account. */
export function send(
  { id, key, edge_key }: TestOrganization,
  what: HotRequest,
  request: ApiRequest = {},
): Promise<Answer> {
  if (what === "account") return api("GET", "/api/v1/account", { key, ...request });
  const [path, body] = ON_A_CALL[what];
  const about = { organization_id: id, ...body };
  return api("POST", `/api/v1/edge/calls/${path}`, { key: edge_key, body: about, ...request });
}

/** All that stands in the books of an organization, but for its own id and times. */
export async function booksOf({ key }: TestOrganization): Promise<Json> {
  const account = await api("GET", "/api/v1/account", { key });
  const ledger = await api("GET", "/api/v1/ledger", { key });
  const { balance, active_calls } = account.body;
  const entries = ledger.body.entries.map(({ kind, amount_micros }: Json) => [kind, amount_micros]);
  return { balance, active_calls, entries };
}

/** The answer that says that nothing is known, and when to ask again. */
export function expectUnavailable({ status, headers, body }: Answer): void {
  expect({ status, code: body.error.code }).toEqual({ status: 503, code: "ledger_unavailable" });
  expect(headers.get("Retry-After")).toMatch(/^[1-9]$/);
}
