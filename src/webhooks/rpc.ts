import type { AuditFact } from "../units/audit-fact";
import type { OrganizationRef } from "../units/organization-ref";
import type { Refusal } from "../units/refusal";
import type { RequestRecord } from "../units/repeatable";
import type { NewEvent } from "./event-catalogue";
import type { DeliveryFilter, DeliveryPage } from "./object/store";
import type { Delivery, DeliveryBatch, DeliveryJob, Endpoint, TryResult } from "./types";

/** The most endpoints that an organization, or the operators, may have. */
export const MAX_ENDPOINTS = 10;

export type NoSuchEndpoint = Refusal<"not_found">;

/** A request of this key has asked for something else. */
type OtherRequest = Refusal<"idempotency_conflict">;

/** A request that has made this before: nothing more was done. Null when it is gone. */
interface EndpointMadeBefore {
  outcome: "repeated";
  request: RequestRecord;
  endpoint: Endpoint | null;
}

/** Why nothing is sent to an endpoint. */
export type NothingSent = NoSuchEndpoint | Refusal<"endpoint_disabled">;

/** Why an endpoint is not added. `exists`: another one has its id. */
type EndpointNotAdded = Refusal<"exists" | "too_many_endpoints">;

/** What an owner may set of an endpoint. */
export type EndpointSettings = Pick<Endpoint, "url" | "description" | "events" | "format">;

/** A new endpoint's settings, with the request that asks for it and the row of the audit. */
export type NewSettings = EndpointSettings & {
  request?: RequestRecord | null;
  fact?: AuditFact | undefined;
};

/** A change of an endpoint: what is left out stays as it is. */
export type EndpointChange = Partial<EndpointSettings> & { enabled?: boolean };

export type EndpointAnswer = { outcome: "endpoint"; endpoint: Endpoint } | NoSuchEndpoint;
export type SecretRotated = EndpointAnswer | EndpointMadeBefore | Refusal<"rotation_under_way">;
export type EndpointAdded =
  | { outcome: "endpoint"; endpoint: Endpoint }
  | EndpointMadeBefore
  | EndpointNotAdded;
export type EndpointRemoved = { outcome: "removed" } | NoSuchEndpoint;
export type DeliveryAnswer = { outcome: "delivery"; delivery: Delivery } | NothingSent | OtherRequest;
export type FailedResent =
  | { outcome: "resent"; count: number; some_left: boolean }
  | NothingSent
  | OtherRequest;

/**
 * What can be asked of the object OrganizationWebhooks, with answers as it gives them: the types that the platform makes of
 * its methods cannot be told apart by `outcome`. Each method is described where it is written. `request`: one that may be
 * repeated, which then does nothing more and is answered the same. `fact`: the row of the audit, written with what is changed.
 */
export interface WebhooksRpc {
  take(owner: OrganizationRef, events: NewEvent[]): Promise<{ outcome: "taken" }>;
  addEndpoint(
    owner: OrganizationRef,
    endpoint_id: string,
    settings: NewSettings,
    secret: string,
  ): Promise<EndpointAdded>;
  listEndpoints(
    request_key?: string,
  ): Promise<{ outcome: "endpoints"; endpoints: Endpoint[]; made_before: RequestRecord | null }>;
  changeEndpoint(endpoint_id: string, change: EndpointChange, fact?: AuditFact): Promise<EndpointAnswer>;
  removeEndpoint(
    endpoint_id: string,
    request?: RequestRecord | null,
    fact?: AuditFact,
  ): Promise<EndpointRemoved>;
  rotateSecret(
    endpoint_id: string,
    secret: string,
    overlap_ms?: number,
    request?: RequestRecord | null,
    fact?: AuditFact,
  ): Promise<SecretRotated>;
  endPreviousSecret(
    endpoint_id: string,
    request?: RequestRecord | null,
    fact?: AuditFact,
  ): Promise<EndpointAnswer>;
  listDeliveries(filter: DeliveryFilter): Promise<{ outcome: "deliveries" } & DeliveryPage>;
  sendTest(
    endpoint_id: string,
    event: NewEvent,
    request?: RequestRecord | null,
    fact?: AuditFact,
  ): Promise<DeliveryAnswer>;
  resend(
    endpoint_id: string,
    event_id: string,
    request?: RequestRecord | null,
    fact?: AuditFact,
  ): Promise<DeliveryAnswer>;
  resendFailed(
    endpoint_id: string,
    since_ms: number,
    request?: RequestRecord | null,
    fact?: AuditFact,
  ): Promise<FailedResent>;
  health(): Promise<{ outcome: "health"; oldest_age_ms: number }>;
  begin(batch: DeliveryBatch): Promise<DeliveryJob>;
  report(batch: DeliveryBatch, results: TryResult[]): Promise<{ outcome: "reported" }>;
}
