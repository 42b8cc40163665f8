import type { AuditFact } from "../../units/audit-fact";
import { refuse } from "../../units/refusal";
import type { RequestRecord } from "../../units/repeatable";
import type { NewEvent } from "../event-catalogue";
import type { DeliveryAnswer, FailedResent, NothingSent } from "../rpc";
import type { Delivery, Endpoint } from "../types";
import { requeued } from "./delivery-transitions";
import type { WebhookChanges, WebhookStore } from "./store";

/** Deliveries that are sent again by one request. */
const BATCH_SIZE = 500;

/** What a request to send again is answered. */
interface Resent {
  count: number;
  some_left: boolean;
}

/** Who asks: a request that may be repeated, and the row of the audit. */
export interface AskedBy {
  request: RequestRecord | null;
  fact?: AuditFact | undefined;
}

interface Needs {
  store: WebhookStore;
  /** What a request has done before, null when it is new. */
  findRequest(request_key: string): RequestRecord | null;
  /** An endpoint that may be sent something, or why not. */
  enabled(endpoint_id: string): Endpoint | NothingSent;
  newDelivery(endpoint: Endpoint, event: NewEvent, now_ms: number): Delivery;
  /** Writes changes, and sends what is due by them. */
  send(changes: WebhookChanges): void;
}

/** What people ask to be sent. A `request` that has been taken before sends nothing more, and answers the same. */
export class RequestedDeliveries {
  constructor(private readonly needs: Needs) {}

  /** Sends one endpoint an event that its owner tries it with, whether it is subscribed to that type or not. */
  sendTest(endpoint_id: string, event: NewEvent, { request, fact }: AskedBy): DeliveryAnswer {
    const before = this.madeBefore(request);
    if (before) return this.deliveryAgain(before, request, endpoint_id);
    const endpoint = this.needs.enabled(endpoint_id);
    if ("outcome" in endpoint) return endpoint;
    const delivery = this.needs.newDelivery(endpoint, event, Date.now());
    this.needs.send({ inserted: [delivery], request, asked_by: fact });
    return { outcome: "delivery", delivery };
  }

  /** Sends one delivery again, whatever became of it. */
  resend(endpoint_id: string, event_id: string, { request, fact }: AskedBy): DeliveryAnswer {
    const before = this.madeBefore(request);
    if (before) return this.deliveryAgain(before, request, endpoint_id);
    const endpoint = this.needs.enabled(endpoint_id);
    if ("outcome" in endpoint && endpoint.code === "not_found") return endpoint;
    const known = this.needs.store.delivery(event_id, endpoint_id);
    if (!known) return refuse("not_found");
    if ("outcome" in endpoint) return endpoint;
    const delivery = requeued(known, Date.now());
    this.needs.send({ updated: [delivery], request, asked_by: fact });
    return { outcome: "delivery", delivery };
  }

  /** Sends again what was given up since `since_ms` (ms since 1970), a batch at a time; `some_left`: ask again. */
  resendFailed(endpoint_id: string, since_ms: number, { request, fact }: AskedBy): FailedResent {
    const before = this.madeBefore(request);
    if (before && before.fingerprint !== request?.fingerprint) return refuse("idempotency_conflict");
    if (before) return { outcome: "resent", ...(JSON.parse(before.answer ?? "") as Resent) };
    const endpoint = this.needs.enabled(endpoint_id);
    if ("outcome" in endpoint) return endpoint;
    const now_ms = Date.now();
    const failed = this.needs.store.failedSince(endpoint_id, since_ms, BATCH_SIZE);
    const resent: Resent = { count: failed.length, some_left: failed.length === BATCH_SIZE };
    this.needs.send({
      updated: failed.map((delivery) => requeued(delivery, now_ms)),
      request: request && { ...request, answer: JSON.stringify(resent) },
      asked_by: fact,
    });
    return { outcome: "resent", ...resent };
  }

  private madeBefore(request: RequestRecord | null): RequestRecord | null {
    return request && this.needs.findRequest(request.request_key);
  }

  private deliveryAgain(
    { object_id, fingerprint }: RequestRecord,
    request: RequestRecord | null,
    endpoint_id: string,
  ): DeliveryAnswer {
    if (fingerprint !== request?.fingerprint) return refuse("idempotency_conflict");
    const delivery = this.needs.store.delivery(object_id, endpoint_id);
    return delivery ? { outcome: "delivery", delivery } : refuse("not_found");
  }
}
