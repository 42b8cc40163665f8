import { type AuditChanges, AuditOutbox } from "../../runtime/audit-outbox";
import { createTables } from "../../runtime/object-migrations";
import { RequestRows } from "../../runtime/request-rows";
import type { OrganizationRef } from "../../units/organization-ref";
import type { RequestRecord } from "../../units/repeatable";
import type { Delivery, DeliveryPlace, DeliveryState, Endpoint } from "../types";
import { SCHEMA_VERSION, WEBHOOKS_SCHEMA } from "./schema";

export interface DeliveryFilter {
  endpoint_id: string | null;
  state: DeliveryState | null;
  /** Only those that follow this one in the list. */
  after: DeliveryPlace | null;
  limit: number;
}

/** A part of the deliveries. `looked_up_to`: where it stopped to look for more of them; null when it was full, or saw all. */
export interface DeliveryPage {
  deliveries: Delivery[];
  looked_up_to: DeliveryPlace | null;
}

/** Deliveries that are looked through for a page of those that have no index. */
const MOST_LOOKED_AT = 2_000;

type DeliveryRow = Omit<Delivery, "attempts"> & { attempts: string };

const DELIVERY = "event_id, endpoint_id, type, body, state, next_try_at_ms, tries, attempts, created_at_ms";

/** Written out, because an index of some deliveries serves only a query that says which. */
const OF_STATE: Record<DeliveryState | "any", string> = {
  any: "TRUE",
  pending: "state = 'pending'",
  delivered: "state = 'delivered'",
  failed: "state = 'failed'",
};

/** What one request or one try changes: all of it is written, or nothing. */
export interface WebhookChanges extends AuditChanges {
  /** The first change of an object, which makes its tables. */
  created?: OrganizationRef;
  added?: { endpoint: Endpoint; secret: string };
  /** An endpoint that is disabled gets nothing more: what it would still have got is given up. */
  changed?: Endpoint;
  /** The secret that signs from now on, beside the one that has signed until now where that is kept. */
  rotated?: { endpoint_id: string; secret: string; keeps_previous: boolean };
  /** The endpoint whose previous secret goes. */
  previous_ended?: string;
  /** An endpoint that goes with all its deliveries. */
  removed?: string;
  /** Deliveries that are not there; of those that are, nothing changes. */
  inserted?: readonly Delivery[];
  /** How deliveries stand now; their bodies stay. */
  updated?: readonly Delivery[];
  /** Deliveries with another body, of which no try has been made. */
  rewritten?: readonly Delivery[];
  /** The request that asks for all this, for whoever repeats that. */
  request?: RequestRecord | null;
}

/** Deliveries that are to be written. Memory follows with `remember`, once they are. */
export interface PlannedDeliveries {
  inserted: Delivery[];
  rewritten: Delivery[];
  remember(): void;
}

/** Rows of the object's tables as types. */
export class WebhookStore {
  readonly requests: RequestRows;
  readonly audit: AuditOutbox;

  constructor(private readonly sql: SqlStorage) {
    this.requests = new RequestRows(sql);
    this.audit = new AuditOutbox(sql);
  }

  /** Whose webhooks these are. To be asked only when there are tables. */
  owner(): OrganizationRef {
    return this.sql
      .exec<{ organization_id: string; jurisdiction: string | null }>(
        "SELECT organization_id, jurisdiction FROM profile",
      )
      .one();
  }

  private insertOwner({ organization_id, jurisdiction }: OrganizationRef): void {
    createTables(this.sql, WEBHOOKS_SCHEMA);
    this.sql.exec(
      "INSERT INTO profile (id, organization_id, jurisdiction, schema_version) VALUES (1, ?, ?, ?)",
      organization_id,
      jurisdiction,
      SCHEMA_VERSION,
    );
  }

  /** Writes changes. Called inside a transaction, by the object's one commit. */
  apply({ created, request, ...changes }: WebhookChanges): void {
    const { added, changed, rotated, previous_ended, removed, inserted, updated, rewritten } = changes;
    if (created) this.insertOwner(created);
    if (request) this.requests.put(request);
    this.audit.apply(changes);
    if (added) this.insertEndpoint(added.endpoint, added.secret);
    if (rotated) this.rotateSecret(rotated);
    if (previous_ended !== undefined) this.endPreviousSecret(previous_ended);
    for (const delivery of inserted ?? []) this.insertDelivery(delivery);
    for (const delivery of updated ?? []) this.updateDelivery(delivery);
    for (const delivery of rewritten ?? []) this.rewriteDelivery(delivery);
    // After its deliveries, since it may be disabled by what came of one.
    if (changed) this.updateEndpoint(changed);
    if (removed !== undefined) this.deleteEndpoint(removed);
  }

  endpoints(): Endpoint[] {
    return this.sql
      .exec<{ facts: string }>("SELECT facts FROM endpoint ORDER BY endpoint_id")
      .toArray()
      .map(({ facts }) => JSON.parse(facts) as Endpoint);
  }

  secrets(endpoint_id: string): { secret: string; previous_secret: string | null } {
    return this.sql
      .exec<{ secret: string; previous_secret: string | null }>(
        "SELECT secret, previous_secret FROM endpoint WHERE endpoint_id = ?",
        endpoint_id,
      )
      .one();
  }

  private insertEndpoint(endpoint: Endpoint, secret: string): void {
    this.sql.exec(
      "INSERT INTO endpoint (endpoint_id, facts, secret) VALUES (?, ?, ?)",
      endpoint.endpoint_id,
      JSON.stringify(endpoint),
      secret,
    );
  }

  private updateEndpoint(endpoint: Endpoint): void {
    const { endpoint_id } = endpoint;
    this.sql.exec(
      "UPDATE endpoint SET facts = ? WHERE endpoint_id = ?",
      JSON.stringify(endpoint),
      endpoint_id,
    );
    if (endpoint.state === "disabled")
      this.sql.exec(
        `UPDATE delivery SET state = 'failed', next_try_at_ms = NULL
         WHERE endpoint_id = ? AND next_try_at_ms IS NOT NULL`,
        endpoint_id,
      );
  }

  private rotateSecret({ endpoint_id, secret, keeps_previous }: Required<WebhookChanges>["rotated"]): void {
    this.sql.exec(
      "UPDATE endpoint SET previous_secret = iif(?, secret, NULL), secret = ? WHERE endpoint_id = ?",
      keeps_previous ? 1 : 0,
      secret,
      endpoint_id,
    );
  }

  private endPreviousSecret(endpoint_id: string): void {
    this.sql.exec("UPDATE endpoint SET previous_secret = NULL WHERE endpoint_id = ?", endpoint_id);
  }

  private deleteEndpoint(endpoint_id: string): void {
    this.sql.exec("DELETE FROM delivery WHERE endpoint_id = ?", endpoint_id);
    this.sql.exec("DELETE FROM endpoint WHERE endpoint_id = ?", endpoint_id);
  }

  private insertDelivery(delivery: Delivery): void {
    this.sql.exec(
      `INSERT INTO delivery (${DELIVERY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (event_id, endpoint_id) DO NOTHING`,
      delivery.event_id,
      delivery.endpoint_id,
      delivery.type,
      delivery.body,
      delivery.state,
      delivery.next_try_at_ms,
      delivery.tries,
      JSON.stringify(delivery.attempts),
      delivery.created_at_ms,
    );
  }

  private updateDelivery(delivery: Delivery): void {
    this.sql.exec(
      `UPDATE delivery SET state = ?, next_try_at_ms = ?, tries = ?, attempts = ?
       WHERE event_id = ? AND endpoint_id = ?`,
      delivery.state,
      delivery.next_try_at_ms,
      delivery.tries,
      JSON.stringify(delivery.attempts),
      delivery.event_id,
      delivery.endpoint_id,
    );
  }

  private rewriteDelivery({ body, event_id, endpoint_id }: Delivery): void {
    this.sql.exec(
      "UPDATE delivery SET body = ? WHERE event_id = ? AND endpoint_id = ?",
      body,
      event_id,
      endpoint_id,
    );
  }

  delivery(event_id: string, endpoint_id: string): Delivery | undefined {
    return this.deliveries("WHERE event_id = ? AND endpoint_id = ?", event_id, endpoint_id)[0];
  }

  /** Deliveries of an endpoint that are due at `now_ms`, the longest due first. */
  due(endpoint_id: string, now_ms: number, limit: number): { event_id: string }[] {
    return this.sql
      .exec<{ event_id: string }>(
        `SELECT event_id FROM delivery WHERE endpoint_id = ? AND next_try_at_ms <= ?
         ORDER BY next_try_at_ms LIMIT ?`,
        endpoint_id,
        now_ms,
        limit,
      )
      .toArray();
  }

  /** When the next delivery of an endpoint is due, in ms since 1970; null when there is none to be sent. */
  nextDueMs(endpoint_id: string): number | null {
    return this.sql
      .exec<{ at_ms: number | null }>(
        "SELECT min(next_try_at_ms) AS at_ms FROM delivery WHERE endpoint_id = ? AND next_try_at_ms IS NOT NULL",
        endpoint_id,
      )
      .one().at_ms;
  }

  /**
   * Deliveries that match, the newest event first, and where it goes on when there are more, or were too many others to look
   * further: then a page may be short.
   */
  list({ endpoint_id, state, after, limit }: DeliveryFilter): DeliveryPage {
    const after_it = after ? "(event_id, endpoint_id) < (?, ?)" : "TRUE";
    const place = after ? [after.event_id, after.endpoint_id] : [];
    // Only what was given up has an index of its own; all else is sifted.
    const indexed = state === "failed" ? OF_STATE.failed : "TRUE";
    const is_sifted = endpoint_id !== null || state === "pending" || state === "delivered";
    const order = "ORDER BY event_id DESC, endpoint_id DESC";
    const [stop] = is_sifted
      ? this.sql
          .exec<Record<string, SqlStorageValue> & DeliveryPlace>(
            `SELECT event_id, endpoint_id FROM delivery WHERE ${after_it} AND ${indexed} ${order}
             LIMIT 1 OFFSET ${MOST_LOOKED_AT - 1}`,
            ...place,
          )
          .toArray()
      : [];
    const until_it = stop ? "(event_id, endpoint_id) >= (?, ?)" : "TRUE";
    const deliveries = this.deliveries(
      `WHERE ${after_it} AND ${until_it} AND ${OF_STATE[state ?? "any"]}
         AND ${endpoint_id === null ? "TRUE" : "endpoint_id = ?"} ${order} LIMIT ?`,
      ...place,
      ...(stop ? [stop.event_id, stop.endpoint_id] : []),
      ...(endpoint_id === null ? [] : [endpoint_id]),
      limit,
    );
    return { deliveries, looked_up_to: deliveries.length < limit ? (stop ?? null) : null };
  }

  failedSince(endpoint_id: string, since_ms: number, limit: number): Delivery[] {
    return this.deliveries(
      `WHERE endpoint_id = ? AND state = 'failed' AND created_at_ms >= ? ORDER BY event_id LIMIT ?`,
      endpoint_id,
      since_ms,
      limit,
    );
  }

  /**
   * Deletes up to `limit` deliveries of events before this one that are not to be sent any more: ids are in order of time.
   * Answers how many rows, the index's among them, were written. One statement, and so a transaction of its own.
   */
  deleteOlder(before_event_id: string, limit: number): number {
    return this.sql.exec(
      `DELETE FROM delivery WHERE (event_id, endpoint_id) IN
         (SELECT event_id, endpoint_id FROM delivery WHERE event_id < ? AND state != 'pending' ORDER BY event_id LIMIT ?)`,
      before_event_id,
      limit,
    ).rowsWritten;
  }

  private deliveries(where: string, ...bindings: (string | number | null)[]): Delivery[] {
    return this.sql
      .exec<Record<string, SqlStorageValue> & DeliveryRow>(
        `SELECT ${DELIVERY} FROM delivery ${where}`,
        ...bindings,
      )
      .toArray()
      .map((row) => ({ ...row, attempts: JSON.parse(row.attempts) }));
  }
}
