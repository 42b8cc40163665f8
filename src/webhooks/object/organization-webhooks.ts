import { DurableObject } from "cloudflare:workers";
import { DAY_MS, isoTime, MINUTE_MS, SECOND_MS } from "../../units/duration";
import { log } from "../../units/log";
import { EVENT_VERSION, type NewEvent } from "../event-catalogue";
import { eventId, eventIdAt } from "../event-id";
import { OPERATOR, OPERATOR_OWNER } from "../operator";
import {
  type Delivery,
  type DeliveryBatch,
  type DeliveryJob,
  type Endpoint,
  MAX_ENDPOINTS,
  type TryResult,
} from "../types";
import { InFlight } from "./in-flight";
import { isRejectedCallEvent, RejectedCalls } from "./rejected-calls";
import { migrate } from "./schema";
import { type DeliveryFilter, type Owner, WebhookStore } from "./store";
import { deliveryAfter, endpointAfter, isSuccess } from "./transitions";

/** How long the old secret goes on signing beside the new one. */
const OVERLAP_MS = DAY_MS;
const RETAIN_DAYS = 30;
/** Deliveries deleted, or asked for again, in one turn. */
const BATCH_SIZE = 500;
/** When the queue would take nothing. */
const QUEUE_RETRY_MS = 5 * SECOND_MS;
/** An alarm that is this late does not ring any more. */
const ALARM_LOST_MS = MINUTE_MS;
const NO_FAILURES = { failures_in_a_row: 0, failing_since_ms: null, rests_until_ms: 0 };

export interface WebhookRefusal {
  outcome: "refused";
  code: "not_found" | "exists" | "too_many_endpoints" | "rotation_under_way" | "endpoint_disabled";
}

/** What an owner may set of an endpoint. */
export type EndpointSettings = Pick<Endpoint, "url" | "description" | "events">;

/**
 * The webhooks of one organization, or of the operators: endpoints, what each is to be told, and what came of it.
 * Everything is durable before it is answered. The queue carries errands, never facts: one that is lost is sent again.
 */
export class OrganizationWebhooks extends DurableObject<Env> {
  private readonly store: WebhookStore;
  private readonly in_flight: InFlight;
  private readonly rejected_calls: RejectedCalls;
  private readonly endpoints = new Map<string, Endpoint>();
  private owner: Owner | undefined;
  private alarm_at_ms: number | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.store = new WebhookStore(ctx.storage.sql);
    this.in_flight = new InFlight(this.store);
    this.rejected_calls = new RejectedCalls(this.store, (...about) => this.newDelivery(...about));
    ctx.blockConcurrencyWhile(async () => {
      this.alarm_at_ms = await ctx.storage.getAlarm();
      this.load();
    });
  }

  /** Takes events for all endpoints that want them. Told again, it changes nothing. */
  take(owner: Owner, events: NewEvent[]): { outcome: "taken" } {
    this.openFor(owner);
    const now_ms = Date.now();
    const others = events.filter((event) => !isRejectedCallEvent(event));
    const refused_calls = events.filter(isRejectedCallEvent);
    const follow = this.ctx.storage.transactionSync(() => {
      const endpoints = [...this.endpoints.values()];
      for (const event of others)
        for (const endpoint of endpoints)
          if (isSubscribed(endpoint, event))
            this.store.insertDelivery(this.newDelivery(endpoint, event, now_ms));
      return endpoints.map((endpoint) => {
        const wanted = refused_calls.filter((event) => isSubscribed(endpoint, event));
        return this.rejected_calls.enqueue(endpoint, wanted, now_ms);
      });
    });
    for (const step of follow) step();
    this.send();
    return { outcome: "taken" };
  }

  /** The same again answers the same; another one of that id is refused. */
  addEndpoint(
    owner: Owner,
    endpoint_id: string,
    settings: EndpointSettings,
    secret: string,
  ): { outcome: "endpoint"; endpoint: Endpoint } | WebhookRefusal {
    this.openFor(owner);
    const known = this.endpoints.get(endpoint_id);
    if (known)
      return this.store.secrets(endpoint_id).secret === secret
        ? { outcome: "endpoint", endpoint: known }
        : refused("exists");
    if (this.endpoints.size >= MAX_ENDPOINTS) return refused("too_many_endpoints");
    const endpoint: Endpoint = {
      endpoint_id,
      ...settings,
      ...NO_FAILURES,
      state: "enabled",
      disabled_because: null,
      created_at_ms: Date.now(),
      previous_secret_until_ms: null,
    };
    this.ctx.storage.transactionSync(() => this.store.insertEndpoint(endpoint, secret));
    this.endpoints.set(endpoint_id, endpoint);
    return { outcome: "endpoint", endpoint };
  }

  listEndpoints(): { outcome: "endpoints"; endpoints: Endpoint[] } {
    return { outcome: "endpoints", endpoints: [...this.endpoints.values()] };
  }

  /**
   * Changes what is set, or turns it on or off. On, or another address, forgets earlier failures; off gives up what was
   * still to be sent.
   */
  changeEndpoint(
    endpoint_id: string,
    { enabled, ...settings }: Partial<EndpointSettings> & { enabled?: boolean },
  ): { outcome: "endpoint"; endpoint: Endpoint } | WebhookRefusal {
    const known = this.endpoints.get(endpoint_id);
    if (!known) return refused("not_found");
    const moves = settings.url !== undefined && settings.url !== known.url;
    const changed = { ...known, ...settings, ...(moves && NO_FAILURES) };
    const endpoint =
      enabled === undefined || enabled === (known.state === "enabled")
        ? changed
        : withEnabled(changed, enabled);
    this.putEndpoint(endpoint);
    this.send();
    return { outcome: "endpoint", endpoint };
  }

  removeEndpoint(endpoint_id: string): { outcome: "removed" } | WebhookRefusal {
    if (!this.endpoints.has(endpoint_id)) return refused("not_found");
    this.ctx.storage.transactionSync(() => this.store.deleteEndpoint(endpoint_id));
    this.endpoints.delete(endpoint_id);
    this.in_flight.forget(endpoint_id);
    this.rejected_calls.forget(endpoint_id);
    return { outcome: "removed" };
  }

  /** A new secret; the old one signs beside it for a day, within which there is no second rotation. */
  rotateSecret(
    endpoint_id: string,
    secret: string,
  ): { outcome: "endpoint"; endpoint: Endpoint } | WebhookRefusal {
    const known = this.endpoints.get(endpoint_id);
    if (!known) return refused("not_found");
    const now_ms = Date.now();
    if ((known.previous_secret_until_ms ?? 0) > now_ms) return refused("rotation_under_way");
    const endpoint = { ...known, previous_secret_until_ms: now_ms + OVERLAP_MS };
    this.ctx.storage.transactionSync(() => {
      this.store.putSecrets(endpoint_id, secret, this.store.secrets(endpoint_id).secret);
      this.store.putEndpoint(endpoint);
    });
    this.endpoints.set(endpoint_id, endpoint);
    return { outcome: "endpoint", endpoint };
  }

  listDeliveries(filter: DeliveryFilter): { outcome: "deliveries"; deliveries: Delivery[] } {
    return { outcome: "deliveries", deliveries: this.owner ? this.store.list(filter) : [] };
  }

  /** Tells one endpoint one event, whether it wants that kind or not: what its owner tries it with. */
  sendTest(
    endpoint_id: string,
    event: NewEvent,
  ): { outcome: "delivery"; delivery: Delivery } | WebhookRefusal {
    const endpoint = this.endpoints.get(endpoint_id);
    if (!endpoint) return refused("not_found");
    if (endpoint.state === "disabled") return refused("endpoint_disabled");
    const delivery = this.newDelivery(endpoint, event, Date.now());
    this.ctx.storage.transactionSync(() => this.store.insertDelivery(delivery));
    this.send();
    return { outcome: "delivery", delivery };
  }

  /** Sends one delivery again, whatever became of it. */
  resend(
    endpoint_id: string,
    event_id: string,
  ): { outcome: "delivery"; delivery: Delivery } | WebhookRefusal {
    const endpoint = this.endpoints.get(endpoint_id);
    const known = this.owner && this.store.delivery(event_id, endpoint_id);
    if (!endpoint || !known) return refused("not_found");
    if (endpoint.state === "disabled") return refused("endpoint_disabled");
    const delivery = requeued(known, Date.now());
    this.ctx.storage.transactionSync(() => this.store.putDelivery(delivery));
    this.send();
    return { outcome: "delivery", delivery };
  }

  /** Sends again what was given up since `since_ms`, a portion at a time. */
  resendFailed(
    endpoint_id: string,
    since_ms: number,
  ): { outcome: "resent"; count: number; some_left: boolean } | WebhookRefusal {
    const endpoint = this.endpoints.get(endpoint_id);
    if (!endpoint) return refused("not_found");
    if (endpoint.state === "disabled") return refused("endpoint_disabled");
    const now_ms = Date.now();
    const failed = this.store.failedSince(endpoint_id, since_ms, BATCH_SIZE);
    this.ctx.storage.transactionSync(() => {
      for (const delivery of failed) this.store.putDelivery(requeued(delivery, now_ms));
    });
    this.send();
    return { outcome: "resent", count: failed.length, some_left: failed.length === BATCH_SIZE };
  }

  /** What a courier needs for its errand; no messages when there is nothing left to do. */
  begin(batch: DeliveryBatch): DeliveryJob {
    const endpoint = this.endpoints.get(batch.endpoint_id);
    if (!endpoint || endpoint.state === "disabled")
      return { url: "", secret: "", previous_secret: null, messages: [] };
    const now_ms = Date.now();
    const messages = batch.event_ids.flatMap((event_id) => {
      const delivery = this.store.delivery(event_id, batch.endpoint_id);
      if (!delivery || !this.in_flight.claim(delivery, now_ms)) return [];
      return [{ event_id, type: delivery.type, body: delivery.body }];
    });
    const { secret, previous_secret } = this.store.secrets(batch.endpoint_id);
    const overlaps = (endpoint.previous_secret_until_ms ?? 0) > now_ms;
    return {
      url: endpoint.url,
      secret,
      previous_secret: overlaps ? previous_secret : null,
      messages,
    };
  }

  /** What came of an errand. A try that was made counts, whatever this object has forgotten or sent since. */
  report({ endpoint_id, event_ids }: DeliveryBatch, results: TryResult[]): { outcome: "reported" } {
    const now_ms = Date.now();
    for (const result of results) this.recordResult(endpoint_id, result, now_ms);
    this.in_flight.returnLease(endpoint_id, event_ids);
    this.send();
    return { outcome: "reported" };
  }

  override async alarm(): Promise<void> {
    this.alarm_at_ms = null;
    if (!this.owner) return;
    try {
      const deleted = this.store.deleteOlder(eventIdAt(Date.now() - RETAIN_DAYS * DAY_MS), BATCH_SIZE);
      await this.sendDue(this.owner);
      await this.reportDisabledEndpoints();
      if (deleted >= BATCH_SIZE) this.scheduleBy(Date.now() + SECOND_MS);
    } catch (error) {
      // The platform drops an alarm whose handler has thrown six times: better to try again later, for ever.
      log.error("webhooks_alarm_failed", { error: String(error) });
      this.scheduleBy(Date.now() + QUEUE_RETRY_MS);
    }
  }

  private load(): void {
    const owner = this.store.owner();
    if (!owner) return;
    this.ctx.storage.transactionSync(() => migrate(this.ctx.storage.sql, owner.schema_version));
    this.owner = { organization_id: owner.organization_id, jurisdiction: owner.jurisdiction };
    for (const endpoint of this.store.endpoints()) this.endpoints.set(endpoint.endpoint_id, endpoint);
    this.send();
  }

  private openFor(owner: Owner): void {
    if (this.owner) return;
    this.ctx.storage.transactionSync(() => {
      migrate(this.ctx.storage.sql, 0);
      this.store.putOwner(owner);
    });
    this.owner = owner;
  }

  private newDelivery(endpoint: Endpoint, event: NewEvent, now_ms: number): Delivery {
    const { id, type, occurred_at_ms, data } = event;
    const about =
      this.owner?.organization_id === OPERATOR ? {} : { organization_id: this.owner?.organization_id };
    const body = { id, type, version: EVENT_VERSION, timestamp: isoTime(occurred_at_ms), ...about, data };
    return {
      event_id: id,
      endpoint_id: endpoint.endpoint_id,
      type,
      body: JSON.stringify(body),
      state: "pending",
      tries: 0,
      next_try_at_ms: now_ms,
      attempts: [],
      created_at_ms: now_ms,
    };
  }

  private recordResult(endpoint_id: string, result: TryResult, now_ms: number): void {
    const endpoint = this.endpoints.get(endpoint_id);
    const delivery = this.store.delivery(result.event_id, endpoint_id);
    if (!endpoint || !delivery || delivery.state === "delivered") return;
    // One that was given up meanwhile has arrived all the same; that it failed once more changes nothing.
    if (delivery.state === "failed" && !isSuccess(result)) return;
    this.ctx.storage.transactionSync(() => this.store.putDelivery(deliveryAfter(delivery, result, now_ms)));
    const after = endpointAfter(endpoint, result, now_ms);
    if (after !== endpoint) this.putEndpoint(after);
  }

  private putEndpoint(endpoint: Endpoint): void {
    this.ctx.storage.transactionSync(() => {
      this.store.putEndpoint(endpoint);
      if (endpoint.state === "disabled") this.store.failPending(endpoint.endpoint_id);
    });
    this.endpoints.set(endpoint.endpoint_id, endpoint);
    if (endpoint.state === "disabled") this.in_flight.forget(endpoint.endpoint_id);
  }

  /** Operators hear of endpoints that were disabled for them to mend; asked again until they have. */
  private async reportDisabledEndpoints(): Promise<void> {
    if (!this.owner || this.owner.organization_id === OPERATOR) return;
    const { organization_id } = this.owner;
    for (const endpoint of this.endpoints.values()) {
      const { endpoint_id, disabled_because: reason, failing_since_ms, operator_told } = endpoint;
      if (endpoint.state === "enabled" || operator_told || reason === null || reason === "owner") continue;
      const at_ms = failing_since_ms ?? 0;
      const id = await eventId(organization_id, `disabled:${endpoint_id}:${at_ms}`, Date.now());
      const data = { organization_id, endpoint_id, reason };
      const event: NewEvent = { id, type: "ops.endpoint_disabled", occurred_at_ms: Date.now(), data };
      await this.env.WEBHOOKS.getByName(OPERATOR).take(OPERATOR_OWNER, [event]);
      // Its owner may have changed, enabled or deleted it meanwhile.
      const now = this.endpoints.get(endpoint_id);
      if (now?.state === "disabled") this.putEndpoint({ ...now, operator_told: true });
    }
  }

  /** Sends what is due, in the background: whoever caused it need not wait, and the alarm does it if this is cut off. */
  private send(): void {
    const { owner } = this;
    if (!owner) return;
    this.ctx.waitUntil(
      this.sendDue(owner).catch((error: unknown) => {
        log.error("webhook_queue_away", { ...owner, error: String(error) });
        this.scheduleBy(Date.now() + QUEUE_RETRY_MS);
      }),
    );
  }

  private async sendDue(owner: Owner): Promise<void> {
    const now_ms = Date.now();
    const batches = [...this.endpoints.values()].flatMap((each) =>
      this.in_flight.dueBatches(owner, each, now_ms),
    );
    this.setAlarm(now_ms);
    if (batches.length === 0) return;
    try {
      for (let start = 0; start < batches.length; start += 100)
        await this.env.WEBHOOK_ERRANDS.sendBatch(batches.slice(start, start + 100).map((body) => ({ body })));
    } catch (error) {
      for (const { endpoint_id, event_ids } of batches) this.in_flight.returnLease(endpoint_id, event_ids);
      throw error;
    }
  }

  private setAlarm(now_ms: number): void {
    for (const endpoint of this.endpoints.values()) {
      const at_ms = this.in_flight.nextCheckMs(endpoint, now_ms);
      if (at_ms !== null) this.scheduleBy(at_ms);
      const is_unreported = endpoint.state === "disabled" && endpoint.disabled_because !== "owner";
      if (is_unreported && !endpoint.operator_told) this.scheduleBy(now_ms + SECOND_MS);
    }
    if (this.endpoints.size > 0) this.scheduleBy(now_ms + DAY_MS);
  }

  private scheduleBy(at_ms: number): void {
    // One that should have rung long ago was lost by the platform.
    const is_set = this.alarm_at_ms !== null && this.alarm_at_ms > Date.now() - ALARM_LOST_MS;
    if (is_set && (this.alarm_at_ms ?? 0) <= at_ms) return;
    this.alarm_at_ms = at_ms;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(at_ms));
  }
}

function isSubscribed(endpoint: Endpoint, { type }: NewEvent): boolean {
  if (endpoint.state === "disabled") return false;
  return endpoint.events === null || endpoint.events.includes(type);
}

function withEnabled(endpoint: Endpoint, enabled: boolean): Endpoint {
  if (!enabled) return { ...endpoint, state: "disabled", disabled_because: "owner" };
  return { ...endpoint, ...NO_FAILURES, operator_told: false, state: "enabled", disabled_because: null };
}

function requeued(delivery: Delivery, now_ms: number): Delivery {
  return { ...delivery, state: "pending", tries: 0, next_try_at_ms: now_ms };
}

function refused(code: WebhookRefusal["code"]): WebhookRefusal {
  return { outcome: "refused", code };
}
