import type { Bindings } from "../env";
import type { Subscription } from "../ledger/store/event-outbox";
import type { Actor } from "../organizations/actor";
import { auditFact } from "../organizations/audit-log";
import { newRequestRecord, type RequestConflict } from "../organizations/repeated-requests";
import { hostOnly } from "../units/public-url";
import { isRefused, type Refusal, refuse } from "../units/refusal";
import type { Repeatable } from "../units/repeatable";
import { isWrittenOut } from "../units/web-text";
import type { EventType } from "../webhooks/event-catalogue";
import {
  type EndpointRemoved,
  type EndpointSettings,
  MAX_ENDPOINTS,
  type NoSuchEndpoint,
  type NothingSent,
} from "../webhooks/rpc";
import type { Endpoint } from "../webhooks/types";
import { checkEndpointUrl } from "./deliver";
import {
  ask,
  auditedOrganization,
  type EndpointOwner,
  endpointIn,
  endpointsOf,
  recordAbout,
} from "./endpoint-owner";
import { endpointAgain, type NewEndpoint, newEndpointSecret } from "./endpoint-secrets";

/** The address may not be an endpoint. */
type EndpointUrlRefused = Refusal<"address_refused">;

/** Every "no" to an endpoint's owner. */
export type EndpointRefusal =
  | NothingSent
  | Refusal<"rotation_under_way" | "too_many_endpoints">
  | EndpointUrlRefused;

type Events = EventType[] | null;

/**
 * Makes an endpoint, and audits it unless it is refused before. Its secret is in this answer only, and in that of a repeat of
 * `request` within a day, which makes no other.
 */
export async function createEndpoint(
  env: Bindings,
  actor: Actor,
  of: EndpointOwner,
  { request, ...settings }: EndpointSettings & { request: Repeatable | null },
): Promise<NewEndpoint | Refusal<"too_many_endpoints"> | EndpointUrlRefused | RequestConflict> {
  const { endpoints: before, made_before } = await ask(env, of, (webhooks) =>
    webhooks.listEndpoints(request?.request_key),
  );
  if (made_before) return endpointAgain(env, request, made_before, endpointIn(before, made_before.object_id));
  if (before.length >= MAX_ENDPOINTS) return refuse("too_many_endpoints");
  const refusal = await endpointUrlRefusal(env, of, settings.url);
  if (refusal) return refusal;
  const record = newRequestRecord(env, "whe", request);
  const { object_id: endpoint_id } = record;
  const fact = auditFact(actor, {
    action: "webhook_endpoint.create",
    organization_id: auditedOrganization(of),
    detail: { endpoint_id, url: hostOnly(settings.url) },
  });
  // The ledger listens before there is an endpoint, so that nothing is missed in between.
  await setSubscription(of, subscriptionOf([...before.map(({ events }) => events), settings.events]));
  const secret = await newEndpointSecret(env, record);
  const added = await ask(env, of, (webhooks) =>
    webhooks.addEndpoint(of.owner, endpoint_id, { ...settings, request: request && record, fact }, secret),
  );
  await syncSubscription(env, of);
  if (added.outcome === "repeated") return endpointAgain(env, request, added.request, added.endpoint);
  if (isRefused(added) && added.code === "exists") throw new Error("Two endpoints were made under one id.");
  return isRefused(added) ? added : { outcome: "endpoint", endpoint: added.endpoint, secret };
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
  const fact = auditFact(actor, {
    action: "webhook_endpoint.change",
    organization_id: auditedOrganization(of),
    detail: { endpoint_id, ...change, ...(change.url !== undefined && { url: hostOnly(change.url) }) },
  });
  const wanted = change.events === undefined ? known.events : change.events;
  await setSubscription(
    of,
    subscriptionOf([...before.filter(isEnabled).map(({ events }) => events), wanted]),
  );
  const changed = await ask(env, of, (webhooks) => webhooks.changeEndpoint(endpoint_id, change, fact));
  await syncSubscription(env, of);
  return changed;
}

/**
 * Removes an endpoint with what is known of its deliveries, and audits that it was asked for. Refused when there is none, unless
 * `request` has removed it before.
 */
export async function removeEndpoint(
  env: Bindings,
  actor: Actor,
  of: EndpointOwner,
  { endpoint_id, request }: { endpoint_id: string; request: Repeatable | null },
): Promise<EndpointRemoved> {
  const { endpoints, made_before } = await ask(env, of, (webhooks) =>
    webhooks.listEndpoints(request?.request_key),
  );
  if (made_before) return { outcome: "removed" };
  if (!endpointIn(endpoints, endpoint_id)) return refuse("not_found");
  const fact = auditFact(actor, {
    action: "webhook_endpoint.delete",
    organization_id: auditedOrganization(of),
    detail: { endpoint_id },
  });
  const record = recordAbout(env, request, endpoint_id);
  const removed = await ask(env, of, (webhooks) => webhooks.removeEndpoint(endpoint_id, record, fact));
  await syncSubscription(env, of);
  return removed;
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
