import { type Bindings, readSettings } from "../env";
import type { LedgerHandle } from "../ledger/client";
import type { Subscription } from "../ledger/store/event-outbox";
import type { Actor } from "../organizations/actor";
import { recordAudit } from "../organizations/audit-log";
import { SECOND_MS } from "../units/duration";
import { newId } from "../units/id";
import type { OrganizationRef } from "../units/organization-ref";
import { hostOnly } from "../units/public-url";
import { isRefused, type Refusal, refuse } from "../units/refusal";
import { isWrittenOut } from "../units/web-text";
import { askWebhooks } from "../webhooks/client";
import type { EventType } from "../webhooks/event-catalogue";
import { eventId } from "../webhooks/event-id";
import { OPERATOR_OWNER } from "../webhooks/operator";
import {
  type EndpointAnswer,
  type EndpointNotAdded,
  type EndpointSettings,
  MAX_ENDPOINTS,
  type NoSuchEndpoint,
  type NothingSent,
  type WebhooksRpc,
} from "../webhooks/rpc";
import { newSecret } from "../webhooks/signature";
import type { Endpoint } from "../webhooks/types";
import { checkEndpointUrl } from "./deliver";

/** Whose endpoints they are, and the ledger that has to know what they listen to; the operators have none. */
export interface EndpointOwner {
  owner: OrganizationRef;
  ledger: LedgerHandle | null;
  /** The name by which this deployment was reached, which may not be an endpoint; needed where a URL is set. */
  own_host?: string;
}

/** The address may not be an endpoint. */
type EndpointUrlRefused = Refusal<"address_refused">;

/** Every "no" to an endpoint's owner, apart from `exists`, which is for callers that choose an endpoint's id. */
export type EndpointRefusal =
  | NothingSent
  | Refusal<"rotation_under_way" | "too_many_endpoints">
  | EndpointUrlRefused;

/** An endpoint that was just made, with the secret that is shown only now. */
interface NewEndpoint {
  outcome: "endpoint";
  endpoint: Endpoint;
  secret: string;
}

type Events = EventType[] | null;

/** Makes an endpoint, and audits it unless it is refused before. Its secret is in this answer only. */
export async function createEndpoint(
  env: Bindings,
  actor: Actor,
  of: EndpointOwner,
  settings: EndpointSettings,
): Promise<NewEndpoint | Refusal<"too_many_endpoints"> | EndpointUrlRefused> {
  const made = await createEndpointOnce(env, actor, of, { ...settings, endpoint_id: newId("whe") });
  // The id was chosen here, so that what has it is another endpoint: this one gets the next id.
  if (isRefused(made) && made.code === "exists") return createEndpoint(env, actor, of, settings);
  return made;
}

/** As `createEndpoint`, under an id of the caller's, by which a repeat makes no other: `exists` when that was made before. */
export async function createEndpointOnce(
  env: Bindings,
  actor: Actor,
  of: EndpointOwner,
  { endpoint_id, ...settings }: EndpointSettings & { endpoint_id: string },
): Promise<NewEndpoint | EndpointNotAdded | EndpointUrlRefused> {
  const before = await endpointsOf(env, of);
  if (before.some((known) => known.endpoint_id === endpoint_id)) return refuse("exists");
  if (before.length >= MAX_ENDPOINTS) return refuse("too_many_endpoints");
  const refusal = await endpointUrlRefusal(env, of, settings.url);
  if (refusal) return refusal;
  await recordAudit(env, actor, {
    action: "webhook_endpoint.create",
    organization_id: auditedOrganization(of),
    detail: { endpoint_id, url: hostOnly(settings.url) },
  });
  // The ledger listens before there is an endpoint, so that nothing is missed in between.
  await setSubscription(of, subscriptionOf([...before.map(({ events }) => events), settings.events]));
  const secret = newSecret();
  const added = await ask(env, of, (webhooks) =>
    webhooks.addEndpoint(of.owner, endpoint_id, settings, secret),
  );
  await syncSubscription(env, of);
  return isRefused(added) ? added : { ...added, secret };
}

/** Changes an endpoint, or turns it on or off, and audits it unless it is refused before. */
export async function changeEndpoint(
  env: Bindings,
  actor: Actor,
  of: EndpointOwner,
  { endpoint_id, ...change }: Partial<EndpointSettings> & { endpoint_id: string; enabled?: boolean },
): Promise<{ outcome: "endpoint"; endpoint: Endpoint } | NoSuchEndpoint | EndpointUrlRefused> {
  const refusal = change.url === undefined ? null : await endpointUrlRefusal(env, of, change.url);
  if (refusal) return refusal;
  const before = await endpointsOf(env, of);
  const known = before.find((endpoint) => endpoint.endpoint_id === endpoint_id);
  if (!known) return refuse("not_found");
  await recordAudit(env, actor, {
    action: "webhook_endpoint.change",
    organization_id: auditedOrganization(of),
    detail: { endpoint_id, ...change, ...(change.url !== undefined && { url: hostOnly(change.url) }) },
  });
  const wanted = change.events === undefined ? known.events : change.events;
  await setSubscription(
    of,
    subscriptionOf([...before.filter(isEnabled).map(({ events }) => events), wanted]),
  );
  const changed = await ask(env, of, (webhooks) => webhooks.changeEndpoint(endpoint_id, change));
  await syncSubscription(env, of);
  return changed;
}

/** Removes an endpoint with what is known of its deliveries, and audits that it was asked for. Refused when there is none. */
export async function removeEndpoint(env: Bindings, actor: Actor, of: EndpointOwner, endpoint_id: string) {
  if (!(await hasEndpoint(env, of, endpoint_id))) return refuse("not_found");
  await recordAudit(env, actor, {
    action: "webhook_endpoint.delete",
    organization_id: auditedOrganization(of),
    detail: { endpoint_id },
  });
  const removed = await ask(env, of, (webhooks) => webhooks.removeEndpoint(endpoint_id));
  await syncSubscription(env, of);
  return removed;
}

/**
 * Answers the new secret, which is shown only once, and audits the change unless it is refused before. The old one signs
 * beside it for `keep_previous_seconds`; 0 ends it now, and any that it has replaced.
 */
export async function rotateSecret(
  env: Bindings,
  actor: Actor,
  of: EndpointOwner,
  { endpoint_id, keep_previous_seconds }: { endpoint_id: string; keep_previous_seconds: number },
): Promise<NewEndpoint | NoSuchEndpoint | Refusal<"rotation_under_way">> {
  const known = (await endpointsOf(env, of)).find((endpoint) => endpoint.endpoint_id === endpoint_id);
  if (!known) return refuse("not_found");
  if (keep_previous_seconds > 0 && (known.previous_secret_until_ms ?? 0) > Date.now())
    return refuse("rotation_under_way");
  await recordAudit(env, actor, {
    action: "webhook_endpoint.rotate_secret",
    organization_id: auditedOrganization(of),
    detail: { endpoint_id, keep_previous_seconds },
  });
  const secret = newSecret();
  const overlap_ms = keep_previous_seconds * SECOND_MS;
  const rotated = await ask(env, of, (webhooks) => webhooks.rotateSecret(endpoint_id, secret, overlap_ms));
  return isRefused(rotated) ? rotated : { ...rotated, secret };
}

/** Ends the secret before the present one, which signs alone from now on, and audits it; asked again, it changes nothing. */
export async function endPreviousSecret(
  env: Bindings,
  actor: Actor,
  of: EndpointOwner,
  endpoint_id: string,
): Promise<EndpointAnswer> {
  if (!(await hasEndpoint(env, of, endpoint_id))) return refuse("not_found");
  await recordAudit(env, actor, {
    action: "webhook_endpoint.end_previous_secret",
    organization_id: auditedOrganization(of),
    detail: { endpoint_id },
  });
  return ask(env, of, (webhooks) => webhooks.endPreviousSecret(endpoint_id));
}

/** Sends an endpoint a test event. Refuses with `not_found` or `endpoint_disabled`. */
export async function sendTestEvent(env: Bindings, of: EndpointOwner, endpoint_id: string) {
  const now_ms = Date.now();
  const id = await eventId(of.owner.organization_id, `test:${crypto.randomUUID()}`, now_ms);
  const data = { message: "This is a test. Events of this endpoint look like it and are signed like it." };
  const event = { id, type: "webhook.test", occurred_at_ms: now_ms, data } as const;
  return ask(env, of, (webhooks) => webhooks.sendTest(endpoint_id, event));
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

async function hasEndpoint(env: Bindings, of: EndpointOwner, endpoint_id: string): Promise<boolean> {
  return (await endpointsOf(env, of)).some((endpoint) => endpoint.endpoint_id === endpoint_id);
}

/** The operators' endpoints are of no organization. */
function auditedOrganization({ owner }: EndpointOwner): string | null {
  return owner.organization_id === OPERATOR_OWNER.organization_id ? null : owner.organization_id;
}

async function endpointUrlRefusal(
  env: Bindings,
  { own_host }: EndpointOwner,
  url: string,
): Promise<EndpointUrlRefused | null> {
  const message = await urlProblem(env, url, own_host === undefined ? [] : [own_host]);
  return message === null ? null : refuse("address_refused", { message, param: "url" });
}

async function urlProblem(env: Bindings, url: string, own_hosts: string[]): Promise<string | null> {
  if (!isWrittenOut(url)) return "Must not contain spaces or line breaks.";
  if (URL.canParse(url) && url === hostOnly(url))
    return "Is shortened, as it is shown to whoever may not change it. Send the whole address.";
  return checkEndpointUrl(env, url, own_hosts);
}

/**
 * Subscribes the ledger to the events of all enabled endpoints, and to no more. Reads them again afterwards: of changes at the
 * same time the last subscription must not be one that was read before the others.
 */
export async function syncSubscription(env: Bindings, of: EndpointOwner): Promise<void> {
  const wantedNow = async () =>
    subscriptionOf((await endpointsOf(env, of)).filter(isEnabled).map(({ events }) => events));
  let last_set: Subscription | undefined;
  for (let wanted = await wantedNow(); String(wanted) !== String(last_set); wanted = await wantedNow()) {
    await setSubscription(of, wanted);
    last_set = wanted;
  }
}

function subscriptionOf(of_endpoints: Events[]): Subscription {
  return of_endpoints.includes(null)
    ? "all"
    : [...new Set(of_endpoints.flatMap((each) => each ?? []))].sort();
}

async function setSubscription({ ledger }: EndpointOwner, wanted: Subscription): Promise<void> {
  await ledger?.ask(async (object) => object.setWanted(wanted));
}

function isEnabled({ state }: Endpoint): boolean {
  return state === "enabled";
}
