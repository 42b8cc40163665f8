import { type Bindings, readSettings } from "../env";
import type { LedgerHandle } from "../ledger/client";
import { newRequestRecord } from "../organizations/repeated-requests";
import type { OrganizationRef } from "../units/organization-ref";
import type { Repeatable, RequestRecord } from "../units/repeatable";
import { askWebhooks } from "../webhooks/client";
import { OPERATOR_OWNER } from "../webhooks/operator";
import type { WebhooksRpc } from "../webhooks/rpc";
import type { Endpoint } from "../webhooks/types";

/** Whose endpoints they are, and the ledger that has to know what they listen to; the operators have none. */
export interface EndpointOwner {
  owner: OrganizationRef;
  ledger: LedgerHandle | null;
  /** The name by which this deployment was reached, which may not be an endpoint; needed where a URL is set. */
  own_host?: string;
}

/**
 * All endpoints of an owner.
 * @throws WebhooksUnavailable
 */
export async function endpointsOf(env: Bindings, of: EndpointOwner): Promise<Endpoint[]> {
  const { endpoints } = await ask(env, of, (webhooks) => webhooks.listEndpoints());
  return endpoints;
}

/**
 * Asks the object that keeps the endpoints, within the deadline of requests.
 * @throws WebhooksUnavailable
 */
export function ask<Answer>(
  env: Bindings,
  { owner }: EndpointOwner,
  request: (webhooks: WebhooksRpc) => Promise<Answer>,
): Promise<Answer> {
  return askWebhooks(env, owner, readSettings(env).ledger_deadline_ms, request);
}

/** What a repeat finds of a request that makes no secret, but is about something. */
export function recordAbout(
  env: Bindings,
  request: Repeatable | null,
  object_id: string,
): RequestRecord | null {
  return request && { ...newRequestRecord(env, "req", request), object_id };
}

/** One of them by its id, null when there is none. */
export function endpointIn(endpoints: readonly Endpoint[], endpoint_id: string): Endpoint | null {
  return endpoints.find((endpoint) => endpoint.endpoint_id === endpoint_id) ?? null;
}

/** The operators' endpoints are of no organization. */
export function auditedOrganization({ owner }: EndpointOwner): string | null {
  return owner.organization_id === OPERATOR_OWNER.organization_id ? null : owner.organization_id;
}
