import { type ApiRequest, api, type Json } from "../../../support/api/api";
import { adminKey, authorize, call, type TestOrganization } from "../../../support/api/organizations";

/** A request that is right in every part, so that tests can spoil one part of it. */
export interface Sample extends ApiRequest {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: Json;
}

let made = 0;
/** A name that was not used before, such as a call_id. */
export const fresh = (what: string) => `${what}-${++made}`;

export const parties = { from: "+31201234567", to: "+31207654321" };
/** Samples by operationId: each prepares the ground for its request. */
export type Samples = Record<string, (organization: TestOrganization) => Sample | Promise<Sample>>;

export const PORTAL_VISITOR = {
  user: { id: "user-42", name: "J. Jansen" },
  role: "owner",
  language: "nl",
  return_url: "https://app.example.com/settings",
  page: "credits",
};

export async function liveCall(organization: TestOrganization): Promise<string> {
  const call_id = fresh("live");
  await authorize(organization, call_id);
  return call_id;
}

export async function settledCall(organization: TestOrganization): Promise<string> {
  const call_id = fresh("settled");
  await call(organization, call_id, 1_000);
  return call_id;
}

export async function newSessionId(organization: TestOrganization): Promise<string> {
  const path = `/api/v1/admin/organizations/${organization.id}/portal_sessions`;
  return (await api("POST", path, { key: await adminKey(), body: PORTAL_VISITOR })).body.id;
}

export async function otherKey(organization: TestOrganization): Promise<string> {
  const path = `/api/v1/admin/organizations/${organization.id}/api_keys`;
  const answer = await api("POST", path, {
    key: await adminKey(),
    body: { label: "other", scopes: ["read"] },
  });
  return answer.body.id;
}

export async function platformKeyId(): Promise<string> {
  const answer = await api("POST", "/api/v1/admin/keys", { key: await adminKey(), body: { kind: "edge" } });
  return answer.body.id;
}
