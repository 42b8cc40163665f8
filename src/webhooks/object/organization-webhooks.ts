import { DurableObject } from "cloudflare:workers";
import { ObjectAlarm } from "../../runtime/alarm";
import { AUDIT_GUARANTEE_MS, AuditRelay } from "../../runtime/audit-outbox";
import { migrateTables } from "../../runtime/object-migrations";
import type { AuditFact } from "../../units/audit-fact";
import { canonicalJson } from "../../units/canonical-json";
import { DAY_MS, SECOND_MS } from "../../units/duration";
import { log } from "../../units/log";
import type { OrganizationRef } from "../../units/organization-ref";
import { refuse } from "../../units/refusal";
import type { RequestRecord } from "../../units/repeatable";
import type { NewEvent } from "../event-catalogue";
import { eventIdAt } from "../event-id";
import { OPERATOR, OPERATOR_OWNER } from "../operator";
import {
  type DeliveryAnswer,
  type EndpointAdded,
  type EndpointAnswer,
  type EndpointChange,
  type EndpointRemoved,
  type FailedResent,
  MAX_ENDPOINTS,
  type NewSettings,
  type NothingSent,
  type SecretRotated,
} from "../rpc";
import {
  type Delivery,
  type DeliveryBatch,
  type DeliveryJob,
  type Endpoint,
  MAX_OVERLAP_MS,
  type TryResult,
} from "../types";
import { deliveryAfter, newDelivery } from "./delivery-transitions";
import { disabledEvent, isUnreported } from "./disabled-event";
import {
  endpointAfter,
  endpointRotated,
  endpointRotating,
  endpointWith,
  isRotating,
  newEndpoint,
} from "./endpoint-transitions";
import { EventFanOut } from "./event-fan-out";
import { InFlight } from "./in-flight";
import { QueueSender } from "./queue-sender";
import { RequestedDeliveries } from "./requested-deliveries";
import { WEBHOOKS_SCHEMA } from "./schema";
import { type DeliveryFilter, type DeliveryPage, type WebhookChanges, WebhookStore } from "./store";

/** How long deliveries are kept, listed and may be sent again. */
const RETAIN_DAYS = 30;

/** Deliveries deleted at once. */
const BATCH_SIZE = 500;

const ALARM_RETRY_MS = 5 * SECOND_MS;

/**
 * The webhooks of one organization, or of the operators: its endpoints, the events that each of them gets, and what came of
 * it. Everything is durable before it is answered. The queue carries ids, never facts: a batch that is lost is sent again.
 */
export class OrganizationWebhooks extends DurableObject<Env> {
  readonly #store: WebhookStore;
  readonly #in_flight: InFlight;
  readonly #fan_out: EventFanOut;
  readonly #alarm: ObjectAlarm;
  readonly #sender: QueueSender;
  readonly #requested: RequestedDeliveries;
  readonly #audit: AuditRelay;
  readonly #endpoints = new Map<string, Endpoint>();
  #owner: OrganizationRef | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new WebhookStore(ctx.storage.sql);
    this.#in_flight = new InFlight(this.#store);
    this.#fan_out = new EventFanOut(this.#store, (...of) => this.#newDelivery(...of));
    this.#alarm = new ObjectAlarm(ctx);
    this.#sender = new QueueSender({
      in_flight: this.#in_flight,
      sendBatch: (messages) => this.env.WEBHOOK_ERRANDS.sendBatch(messages),
      retryBy: (at_ms) => this.#alarm.scheduleBy(at_ms),
      logFailure: (error) => log.error("webhook_queue_away", { ...this.#owner, error }),
    });
    this.#requested = new RequestedDeliveries({
      store: this.#store,
      findRequest: (request_key) => this.#findRequest(request_key),
      enabled: (endpoint_id) => this.#enabled(endpoint_id),
      newDelivery: (...of) => this.#newDelivery(...of),
      send: (changes) => {
        this.#commit(changes);
        this.#sendSoon();
      },
    });
    this.#audit = new AuditRelay({
      outbox: this.#store.audit,
      storage: ctx.storage,
      d1: env.DB,
      forget: (audited) => this.#commit({ audited }),
      retryBy: (at_ms) => this.#alarm.scheduleBy(at_ms),
    });
    ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.read(Date.now());
      this.#load();
    });
  }

  /** Accepts events for all endpoints that are subscribed to them. Sent again, they change nothing. */
  take(owner: OrganizationRef, events: NewEvent[]): { outcome: "taken" } {
    this.#openFor(owner);
    const planned = this.#fan_out.plan(events, [...this.#endpoints.values()], Date.now());
    this.#commit(planned);
    planned.remember();
    this.#sendSoon();
    return { outcome: "taken" };
  }

  /** The same again answers the same; refuses with `exists` another one of that id, and with `too_many_endpoints`. */
  addEndpoint(
    owner: OrganizationRef,
    endpoint_id: string,
    { request = null, fact, ...settings }: NewSettings,
    secret: string,
  ): EndpointAdded {
    this.#openFor(owner);
    const made_before = request && this.#findRequest(request.request_key);
    if (made_before) {
      const endpoint = this.#endpoints.get(made_before.object_id) ?? null;
      return { outcome: "repeated", request: made_before, endpoint };
    }
    const known = this.#endpoints.get(endpoint_id);
    if (known)
      return this.#store.secrets(endpoint_id).secret === secret
        ? { outcome: "endpoint", endpoint: known }
        : refuse("exists");
    if (this.#endpoints.size >= MAX_ENDPOINTS) return refuse("too_many_endpoints");
    const endpoint = newEndpoint(endpoint_id, settings, Date.now());
    this.#commit({ added: { endpoint, secret }, request, asked_by: fact });
    return { outcome: "endpoint", endpoint };
  }

  /** `request_key`: of a request that may have made one of them, or its secret. */
  listEndpoints(request_key?: string): {
    outcome: "endpoints";
    endpoints: Endpoint[];
    made_before: RequestRecord | null;
  } {
    const made_before = request_key === undefined ? null : this.#findRequest(request_key);
    return { outcome: "endpoints", endpoints: [...this.#endpoints.values()], made_before };
  }

  /** Changes what is set, or turns an endpoint on or off, which gives up what was still to be sent. */
  changeEndpoint(endpoint_id: string, change: EndpointChange, fact?: AuditFact): EndpointAnswer {
    const known = this.#endpoints.get(endpoint_id);
    if (!known) return refuse("not_found");
    const endpoint = endpointWith(known, change);
    if (canonicalJson(endpoint) === canonicalJson(known)) return { outcome: "endpoint", endpoint };
    this.#commit({ changed: endpoint, asked_by: fact });
    this.#sendSoon();
    return { outcome: "endpoint", endpoint };
  }

  removeEndpoint(
    endpoint_id: string,
    request: RequestRecord | null = null,
    fact?: AuditFact,
  ): EndpointRemoved {
    if (request && this.#findRequest(request.request_key)) return { outcome: "removed" };
    if (!this.#endpoints.has(endpoint_id)) return refuse("not_found");
    this.#commit({ removed: endpoint_id, request, asked_by: fact });
    return { outcome: "removed" };
  }

  /**
   * A new secret; the old one signs beside it for `overlap_ms`, within which another one is refused (`rotation_under_way`)
   * unless it ends all that were there before.
   */
  rotateSecret(
    endpoint_id: string,
    secret: string,
    overlap_ms = MAX_OVERLAP_MS,
    request: RequestRecord | null = null,
    fact?: AuditFact,
  ): SecretRotated {
    const known = this.#endpoints.get(endpoint_id);
    if (!known) return refuse("not_found");
    const made_before = request && this.#findRequest(request.request_key);
    if (made_before) return { outcome: "repeated", request: made_before, endpoint: known };
    const now_ms = Date.now();
    const keeps_previous = overlap_ms > 0;
    if (keeps_previous && isRotating(known, now_ms)) return refuse("rotation_under_way");
    const endpoint = endpointRotating(known, request?.object_id ?? null, now_ms, overlap_ms);
    this.#commit({
      rotated: { endpoint_id, secret, keeps_previous },
      changed: endpoint,
      request,
      asked_by: fact,
    });
    return { outcome: "endpoint", endpoint };
  }

  /** Ends a rotation: only the present secret signs. Without one under way nothing changes. */
  endPreviousSecret(
    endpoint_id: string,
    request: RequestRecord | null = null,
    fact?: AuditFact,
  ): EndpointAnswer {
    const known = this.#endpoints.get(endpoint_id);
    if (!known) return refuse("not_found");
    if (request && this.#findRequest(request.request_key)) return { outcome: "endpoint", endpoint: known };
    const endpoint = endpointRotated(known);
    const asked_by = isRotating(known, Date.now()) ? fact : undefined;
    this.#commit({ previous_ended: endpoint_id, changed: endpoint, request, asked_by });
    return { outcome: "endpoint", endpoint };
  }

  /** Deliveries, the newest event first. */
  listDeliveries(filter: DeliveryFilter): { outcome: "deliveries" } & DeliveryPage {
    const page = this.#owner ? this.#store.list(filter) : { deliveries: [], looked_up_to: null };
    return { outcome: "deliveries", ...page };
  }

  sendTest(
    endpoint_id: string,
    event: NewEvent,
    request: RequestRecord | null = null,
    fact?: AuditFact,
  ): DeliveryAnswer {
    return this.#requested.sendTest(endpoint_id, event, { request, fact });
  }

  resend(
    endpoint_id: string,
    event_id: string,
    request: RequestRecord | null = null,
    fact?: AuditFact,
  ): DeliveryAnswer {
    return this.#requested.resend(endpoint_id, event_id, { request, fact });
  }

  resendFailed(
    endpoint_id: string,
    since_ms: number,
    request: RequestRecord | null = null,
    fact?: AuditFact,
  ): FailedResent {
    return this.#requested.resendFailed(endpoint_id, since_ms, { request, fact });
  }

  /**
   * How long the oldest delivery has waited past the time that it should have been sent at, those left out whose endpoint is
   * resting after failures. Also sends what is due, and sets the alarm again where it was lost.
   */
  health(): { outcome: "health"; oldest_age_ms: number } {
    const now_ms = Date.now();
    const oldest_age_ms = this.#in_flight.oldestDueAgeMs([...this.#endpoints.values()], now_ms);
    this.#sendSoon();
    return { outcome: "health", oldest_age_ms };
  }

  /** What a consumer of the queue needs to send a batch; without messages when there is nothing left to send. */
  begin(batch: DeliveryBatch): DeliveryJob {
    const endpoint = this.#enabled(batch.endpoint_id);
    if ("outcome" in endpoint) return { url: "", secret: "", previous_secret: null, messages: [] };
    const now_ms = Date.now();
    const messages = batch.event_ids.flatMap((event_id) => {
      const delivery = this.#store.delivery(event_id, batch.endpoint_id);
      if (!delivery || !this.#in_flight.claim(delivery, now_ms)) return [];
      return [{ event_id, type: delivery.type, body: delivery.body }];
    });
    const { secret, previous_secret: previous } = this.#store.secrets(batch.endpoint_id);
    const previous_secret = isRotating(endpoint, now_ms) ? previous : null;
    return { url: endpoint.url, secret, previous_secret, messages };
  }

  /** What came of a batch. A try that was made counts, whatever this object has forgotten or sent since. */
  report({ endpoint_id, event_ids }: DeliveryBatch, results: TryResult[]): { outcome: "reported" } {
    const now_ms = Date.now();
    for (const result of results) this.#recordResult(endpoint_id, result, now_ms);
    this.#in_flight.returnLease(endpoint_id, event_ids);
    this.#sendSoon();
    return { outcome: "reported" };
  }

  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    const now_ms = Date.now();
    this.#alarm.fired(info?.scheduledTime, now_ms);
    if (!this.#owner) return;
    try {
      const deleted = this.#store.deleteOlder(eventIdAt(now_ms - RETAIN_DAYS * DAY_MS), BATCH_SIZE);
      await this.#sendDue(this.#owner);
      if (this.#audit.hasPending) await this.#audit.flush();
      await this.#reportDisabledEndpoints(this.#owner);
      if (deleted >= BATCH_SIZE) this.#alarm.scheduleBy(Date.now() + SECOND_MS);
    } catch (error) {
      // The platform drops an alarm whose handler has thrown six times: better to try again later, for ever.
      log.error("webhooks_alarm_failed", { error });
      this.#alarm.scheduleBy(Date.now() + ALARM_RETRY_MS);
    }
  }

  #load(): void {
    if (!migrateTables(this.ctx.storage, WEBHOOKS_SCHEMA)) return;
    this.#owner = this.#store.owner();
    for (const endpoint of this.#store.endpoints()) this.#endpoints.set(endpoint.endpoint_id, endpoint);
    this.#sendSoon();
    if (this.#audit.hasPending) this.#auditSoon();
  }

  #openFor(owner: OrganizationRef): void {
    if (!this.#owner) this.#commit({ created: owner });
  }

  /** The one way of every change: rows, then memory, which follows only when the rows are written. */
  #commit(changes: WebhookChanges): void {
    this.ctx.storage.transactionSync(() => this.#store.apply(changes));
    const { created, added, changed, removed, asked_by } = changes;
    if (asked_by) this.#auditSoon();
    if (created) this.#owner = created;
    for (const endpoint of [added?.endpoint, changed])
      if (endpoint) this.#endpoints.set(endpoint.endpoint_id, endpoint);
    if (changed?.state === "disabled") this.#in_flight.forget(changed.endpoint_id);
    if (removed === undefined) return;
    this.#endpoints.delete(removed);
    this.#in_flight.forget(removed);
    this.#fan_out.forget(removed);
  }

  /** An endpoint that may be sent something; refuses with `not_found` or `endpoint_disabled`. */
  #enabled(endpoint_id: string): Endpoint | NothingSent {
    const endpoint = this.#endpoints.get(endpoint_id);
    if (!endpoint) return refuse("not_found");
    return endpoint.state === "disabled" ? refuse("endpoint_disabled") : endpoint;
  }

  #findRequest(request_key: string): RequestRecord | null {
    return (this.#owner && this.#store.requests.find(request_key, Date.now())) ?? null;
  }

  #newDelivery(endpoint: Endpoint, event: NewEvent, now_ms: number): Delivery {
    return newDelivery(this.#owner?.organization_id ?? OPERATOR, endpoint, event, now_ms);
  }

  #recordResult(endpoint_id: string, result: TryResult, now_ms: number): void {
    const endpoint = this.#endpoints.get(endpoint_id);
    const delivery = this.#store.delivery(result.event_id, endpoint_id);
    if (!endpoint || !delivery) return;
    const updated = deliveryAfter(delivery, result, now_ms);
    if (updated === delivery) return;
    const after = endpointAfter(endpoint, result, now_ms);
    this.#commit({ updated: [updated], ...(after !== endpoint && { changed: after }) });
  }

  /** Operators get an event of each endpoint that was disabled for its failures; tried again until they have it. */
  async #reportDisabledEndpoints({ organization_id }: OrganizationRef): Promise<void> {
    for (const endpoint of this.#endpoints.values()) {
      const event = await disabledEvent(organization_id, endpoint, Date.now());
      if (!event) continue;
      await this.env.WEBHOOKS.getByName(OPERATOR).take(OPERATOR_OWNER, [event]);
      // Its owner may have changed, enabled or deleted it in the meantime.
      const now = this.#endpoints.get(endpoint.endpoint_id);
      if (now?.state === "disabled") this.#commit({ changed: { ...now, operator_told: true } });
    }
  }

  /** Copies what is audited in the background; the alarm does it when that is cut off. */
  #auditSoon(): void {
    this.#alarm.scheduleBy(Date.now() + AUDIT_GUARANTEE_MS);
    this.ctx.waitUntil(this.#audit.flush());
  }

  /** Sends what is due, in the background: no request awaits it, and the alarm does it if this is cut off. */
  #sendSoon(): void {
    if (this.#owner) this.ctx.waitUntil(this.#sendDue(this.#owner));
  }

  /** Leases what is due and sets the alarm at once; the queue may answer late. Answers whether it has accepted all. */
  #sendDue(owner: OrganizationRef): Promise<boolean> {
    const now_ms = Date.now();
    const batches = [...this.#endpoints.values()].flatMap((endpoint) =>
      this.#in_flight.dueBatches(owner, endpoint, now_ms),
    );
    this.#scheduleNext(owner, now_ms);
    return this.#sender.send(batches);
  }

  #scheduleNext({ organization_id }: OrganizationRef, now_ms: number): void {
    this.#alarm.clearIfLost(now_ms);
    for (const endpoint of this.#endpoints.values()) {
      const at_ms = this.#in_flight.nextCheckMs(endpoint, now_ms);
      if (at_ms !== null) this.#alarm.scheduleBy(at_ms);
      if (isUnreported(organization_id, endpoint)) this.#alarm.scheduleBy(now_ms + SECOND_MS);
    }
    if (this.#endpoints.size > 0) this.#alarm.scheduleBy(now_ms + DAY_MS);
  }
}
