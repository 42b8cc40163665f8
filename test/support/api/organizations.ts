import { env } from "cloudflare:workers";
import { mintPlatformKey } from "../../../src/access/api-keys";
import { type Answer, type ApiRequest, api, type Json } from "./api";

let admin_key: Promise<string> | undefined;

/** A key of an operator, one for each test file. */
export function adminKey(): Promise<string> {
  admin_key ??= newPlatformKey("admin");
  return admin_key;
}

/** A key that no route made, as the first one of an installation. */
export async function newPlatformKey(kind: "edge" | "admin", organization_ids: string[] | null = null) {
  const scopes: ("calls" | "correct")[] = kind === "edge" ? ["calls", "correct"] : [];
  const made = await mintPlatformKey(env, {
    kind,
    label: "test",
    organization_ids,
    scopes,
    rights: null,
    expires_at_ms: null,
  });
  if (made.outcome === "refused") throw new Error(`No key was made: ${made.code}.`);
  return made.key;
}

export interface TestOrganization {
  id: string;
  /** Its own key, with all scopes. */
  key: string;
  edge_key: string;
}

/** An organization with credit, its own key and the key of a node. */
export async function newOrganization(credit_micros = 0, profile: Json = {}): Promise<TestOrganization> {
  const key = await adminKey();
  const created = await api("POST", "/api/v1/admin/organizations", {
    key,
    body: { company_name: "Example Voice B.V.", ...profile },
  });
  const organization = {
    id: created.body.id,
    key: created.body.api_key,
    edge_key: await newPlatformKey("edge"),
  };
  if (credit_micros !== 0) await adjust(organization, credit_micros);
  return organization;
}

let adjustments = 0;

/** Gives or takes credit. */
export async function adjust({ id }: TestOrganization, amount_micros: number): Promise<Answer> {
  return api("POST", `/api/v1/admin/organizations/${id}/adjustments`, {
    key: await adminKey(),
    headers: { "Idempotency-Key": `test-${++adjustments}` },
    body: { amount_micros, reason: "Test", kind: "adjustment" },
  });
}

/** Gives the organization a number. */
export async function give({ id }: TestOrganization, number: string, marks: Json = {}): Promise<Answer> {
  const body = { organization_id: id, ...marks };
  return api("PUT", `/api/v1/admin/numbers/${number}`, { key: await adminKey(), body });
}

/** Asks on behalf of the organization. */
export function ask(organization: TestOrganization, method: string, path: string, request: ApiRequest = {}) {
  return api(method, `/api/v1${path}`, { key: organization.key, ...request });
}

/** Says what a node says about a call of the organization. */
export function node(organization: TestOrganization, what: string, body: Json = {}): Promise<Answer> {
  return api("POST", `/api/v1/edge/calls/${what}`, {
    key: organization.edge_key,
    body: { organization_id: organization.id, ...body },
  });
}

/** A call as it is authorized, unless said otherwise: outbound, at the voice rate. */
export function authorize(organization: TestOrganization, call_id: string, body: Json = {}): Promise<Answer> {
  const call = { call_id, direction: "outbound", from: "+31201234567", to: "+31207654321" };
  return node(organization, "authorize", { ...call, ...body });
}

/** A whole call of a length: authorized, kept alive as nodes do, settled. Answers its receipt. */
export async function call(
  organization: TestOrganization,
  call_id: string,
  duration_ms: number,
  { authorized = {}, settled = {}, letTimePass = (_ms: number) => {} } = {},
): Promise<Json> {
  await authorize(organization, call_id, authorized);
  letTimePass(duration_ms);
  const path = `${encodeURIComponent(call_id)}/settle`;
  const answer = await node(organization, path, { duration_ms, end_reason: "caller_hangup", ...settled });
  return answer.body;
}

/** Whole calls of one length, all of them at the present instant, in as few requests as that takes. */
export async function manyCalls(
  { id: organization_id, edge_key: key }: TestOrganization,
  call_ids: readonly string[],
  duration_ms: number,
): Promise<void> {
  for (let at = 0; at < call_ids.length; at += 200) {
    const operations = call_ids.slice(at, at + 200).flatMap((call_id) => {
      const about = { call_id, organization_id };
      return [
        { op: "authorize", ...about, direction: "outbound", from: "+31201234567", to: "+31207654321" },
        { op: "settle", ...about, duration_ms, end_reason: "caller_hangup" },
      ];
    });
    const { body } = await api("POST", "/api/v1/edge/operations", { key, body: { operations } });
    const failed = body.results.find(({ status }: Json) => status !== 200);
    if (failed) throw new Error(`A call failed: ${JSON.stringify(failed)}`);
  }
}
