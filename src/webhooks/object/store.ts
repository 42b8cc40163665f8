import type { Delivery, DeliveryState, Endpoint } from "../types";
import { SCHEMA_VERSION } from "./schema";

/** Whose webhooks an object keeps. */
export interface Owner {
  organization_id: string;
  jurisdiction: string | null;
}

export interface DeliveryFilter {
  endpoint_id: string | null;
  state: DeliveryState | null;
  /** Only those after this one in the list. */
  after: { event_id: string; endpoint_id: string } | null;
  limit: number;
}

type DeliveryRow = Omit<Delivery, "attempts"> & { attempts: string };

const DELIVERY = "event_id, endpoint_id, type, body, state, next_try_at_ms, tries, attempts, created_at_ms";

/** Written out, because an index of some deliveries serves only a query that says which. */
const OF_STATE: Record<DeliveryState | "any", string> = {
  any: "TRUE",
  pending: "state = 'pending'",
  delivered: "state = 'delivered'",
  failed: "state = 'failed'",
};

/** Rows of the object's tables as types. Every write here belongs inside a transaction. */
export class WebhookStore {
  constructor(private readonly sql: SqlStorage) {}

  owner(): (Owner & { schema_version: number }) | undefined {
    const made = this.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'profile'").toArray().length > 0;
    if (!made) return undefined;
    return this.sql
      .exec<{ organization_id: string; jurisdiction: string | null; schema_version: number }>(
        "SELECT organization_id, jurisdiction, schema_version FROM profile",
      )
      .toArray()[0];
  }

  putOwner({ organization_id, jurisdiction }: Owner): void {
    this.sql.exec(
      `INSERT INTO profile (id, organization_id, jurisdiction, schema_version) VALUES (1, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET schema_version = excluded.schema_version`,
      organization_id,
      jurisdiction,
      SCHEMA_VERSION,
    );
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

  insertEndpoint(endpoint: Endpoint, secret: string): void {
    this.sql.exec(
      "INSERT INTO endpoint (endpoint_id, facts, secret) VALUES (?, ?, ?)",
      endpoint.endpoint_id,
      JSON.stringify(endpoint),
      secret,
    );
  }

  putEndpoint(endpoint: Endpoint): void {
    this.sql.exec(
      "UPDATE endpoint SET facts = ? WHERE endpoint_id = ?",
      JSON.stringify(endpoint),
      endpoint.endpoint_id,
    );
  }

  putSecrets(endpoint_id: string, secret: string, previous_secret: string | null): void {
    this.sql.exec(
      "UPDATE endpoint SET secret = ?, previous_secret = ? WHERE endpoint_id = ?",
      secret,
      previous_secret,
      endpoint_id,
    );
  }

  deleteEndpoint(endpoint_id: string): void {
    this.sql.exec("DELETE FROM delivery WHERE endpoint_id = ?", endpoint_id);
    this.sql.exec("DELETE FROM endpoint WHERE endpoint_id = ?", endpoint_id);
  }

  /** Does nothing when the endpoint was told of the event before. */
  insertDelivery(delivery: Delivery): void {
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

  putDelivery(delivery: Delivery): void {
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

  /** Another body of a delivery that nobody has had yet. */
  putBody({ body, event_id, endpoint_id }: Pick<Delivery, "body" | "event_id" | "endpoint_id">): void {
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

  /** Those that are due, the longest due first. */
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

  /** When the next one is due, null: none is to be sent. */
  nextDueMs(endpoint_id: string): number | null {
    return this.sql
      .exec<{ at_ms: number | null }>(
        "SELECT min(next_try_at_ms) AS at_ms FROM delivery WHERE endpoint_id = ? AND next_try_at_ms IS NOT NULL",
        endpoint_id,
      )
      .one().at_ms;
  }

  /** The newest first. */
  list({ endpoint_id, state, after, limit }: DeliveryFilter): Delivery[] {
    return this.deliveries(
      `WHERE (?1 IS NULL OR endpoint_id = ?1) AND ${OF_STATE[state ?? "any"]}
         AND (?2 IS NULL OR (event_id, endpoint_id) < (?2, ?3))
       ORDER BY event_id DESC, endpoint_id DESC LIMIT ?4`,
      endpoint_id,
      after?.event_id ?? null,
      after?.endpoint_id ?? null,
      limit,
    );
  }

  failedSince(endpoint_id: string, since_ms: number, limit: number): Delivery[] {
    return this.deliveries(
      `WHERE endpoint_id = ? AND state = 'failed' AND created_at_ms >= ? ORDER BY event_id LIMIT ?`,
      endpoint_id,
      since_ms,
      limit,
    );
  }

  /** Gives up what an endpoint that is disabled would still have got. */
  failPending(endpoint_id: string): void {
    this.sql.exec(
      `UPDATE delivery SET state = 'failed', next_try_at_ms = NULL
       WHERE endpoint_id = ? AND next_try_at_ms IS NOT NULL`,
      endpoint_id,
    );
  }

  /** Deletes a portion of what is no longer kept: ids are in order of time. Answers how many. */
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
