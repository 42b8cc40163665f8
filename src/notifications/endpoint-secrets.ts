import { type Bindings, readSettings } from "../env";
import type { Actor } from "../organizations/actor";
import { auditFact } from "../organizations/audit-log";
import { cannotShow, newRequestRecord, type RequestConflict } from "../organizations/repeated-requests";
import { derivedBytes, secretOf } from "../units/derived-secret";
import { SECOND_MS } from "../units/duration";
import { isRefused, type Refusal, refuse } from "../units/refusal";
import type { Repeatable, RequestRecord } from "../units/repeatable";
import type { EndpointAnswer, NoSuchEndpoint } from "../webhooks/rpc";
import { secretOfBytes } from "../webhooks/signature";
import type { Endpoint } from "../webhooks/types";
import {
  ask,
  auditedOrganization,
  type EndpointOwner,
  endpointIn,
  endpointsOf,
  recordAbout,
} from "./endpoint-owner";

/** An endpoint that was just made, with the secret that is shown only now. */
export interface NewEndpoint {
  outcome: "endpoint";
  endpoint: Endpoint;
  secret: string;
}

/** How a secret is to be replaced. */
interface Rotation {
  endpoint_id: string;
  keep_previous_seconds: number;
  request: Repeatable | null;
}

/**
 * Answers the new secret, which is shown only once and to a repeat of `request` within a day, and audits the change unless it is
 * refused before. The old one signs beside it for `keep_previous_seconds`; 0 ends it now, and any that it has replaced.
 */
export async function rotateSecret(
  env: Bindings,
  actor: Actor,
  of: EndpointOwner,
  { endpoint_id, keep_previous_seconds, request }: Rotation,
): Promise<NewEndpoint | NoSuchEndpoint | Refusal<"rotation_under_way"> | RequestConflict> {
  const { endpoints, made_before } = await ask(env, of, (webhooks) =>
    webhooks.listEndpoints(request?.request_key),
  );
  const known = endpointIn(endpoints, endpoint_id);
  if (!known) return refuse("not_found");
  if (made_before) return endpointAgain(env, request, made_before, known);
  if (keep_previous_seconds > 0 && (known.previous_secret_until_ms ?? 0) > Date.now())
    return refuse("rotation_under_way");
  const fact = auditFact(actor, {
    action: "webhook_endpoint.rotate_secret",
    organization_id: auditedOrganization(of),
    detail: { endpoint_id, keep_previous_seconds },
  });
  const record = newRequestRecord(env, "req", request);
  const secret = await newEndpointSecret(env, record);
  const rotated = await ask(env, of, (webhooks) =>
    webhooks.rotateSecret(endpoint_id, secret, keep_previous_seconds * SECOND_MS, request && record, fact),
  );
  if (rotated.outcome === "repeated") return endpointAgain(env, request, rotated.request, rotated.endpoint);
  return isRefused(rotated) ? rotated : { outcome: "endpoint", endpoint: rotated.endpoint, secret };
}

/**
 * Ends the secret before the present one, which signs alone from now on, and audits it; a repeat of `request` within a day leaves
 * one that has come since.
 */
export async function endPreviousSecret(
  env: Bindings,
  actor: Actor,
  of: EndpointOwner,
  { endpoint_id, request }: { endpoint_id: string; request: Repeatable | null },
): Promise<EndpointAnswer> {
  if (!endpointIn(await endpointsOf(env, of), endpoint_id)) return refuse("not_found");
  const fact = auditFact(actor, {
    action: "webhook_endpoint.end_previous_secret",
    organization_id: auditedOrganization(of),
    detail: { endpoint_id },
  });
  const record = recordAbout(env, request, endpoint_id);
  return ask(env, of, (webhooks) => webhooks.endPreviousSecret(endpoint_id, record, fact));
}

/** An endpoint with the secret that a request has made before. */
export async function endpointAgain(
  env: Bindings,
  request: Repeatable | null,
  record: RequestRecord,
  endpoint: Endpoint | null,
): Promise<NewEndpoint | RequestConflict> {
  const { object_id } = record;
  if (record.fingerprint !== request?.fingerprint) return refuse("idempotency_conflict");
  if (!endpoint) return cannotShow(object_id, "gone");
  if (endpoint.secret_id !== object_id) return cannotShow(endpoint.endpoint_id, "replaced");
  const secret = await endpointSecret(env, record);
  return secret === null
    ? cannotShow(endpoint.endpoint_id, "secret_retired")
    : { outcome: "endpoint", endpoint, secret };
}

/** The secret that comes with a request, each time the same; null when what it was made under is no longer in use. */
async function endpointSecret(env: Bindings, record: RequestRecord): Promise<string | null> {
  const secret = secretOf(record, readSettings(env).key_secrets);
  if (!secret) return null;
  return secretOfBytes(await derivedBytes("webhook_secret", record.object_id, record, secret));
}

/** The secret of a request that is about to make it. */
export async function newEndpointSecret(env: Bindings, record: RequestRecord): Promise<string> {
  const secret = await endpointSecret(env, record);
  if (secret === null) throw new Error("A new secret could not be derived.");
  return secret;
}
