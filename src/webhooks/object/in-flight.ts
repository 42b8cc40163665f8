import { MINUTE_MS } from "../../units/duration";
import type { OrganizationRef } from "../../units/organization-ref";
import type { Delivery, DeliveryBatch, Endpoint } from "../types";
import { isFailing } from "./retry-schedule";
import type { WebhookStore } from "./store";

/** Deliveries of one batch: an invocation waits for the headers of six connections at a time. */
const BATCH_SIZE = 6;

/** Deliveries of one endpoint that are in flight at a time; of one that fails, one. */
const WINDOW = 24;

/** A batch that was not claimed, or not reported, by then was lost: longer than its tries can last. */
const LEASE_MS = MINUTE_MS;

interface Lease {
  until_ms: number;
  /** Whether a consumer of the queue sends it; else it is in the queue. */
  is_claimed: boolean;
}

/**
 * Leases of the deliveries that are in flight. They are in memory alone, which the platform drops after seconds without a
 * request, so that nothing is decided by a lease that is missing: what was forgotten is sent again, unless its earlier batch
 * is claimed first. Receivers recognise a repeat by the event's id, and no row is written for it.
 */
export class InFlight {
  private readonly leases = new Map<string, Map<string, Lease>>();

  constructor(private readonly store: WebhookStore) {}

  /** Leases what is due of one endpoint at `now_ms`, as far as its window has room, and answers it in batches. */
  dueBatches(owner: OrganizationRef, endpoint: Endpoint, now_ms: number): DeliveryBatch[] {
    const { endpoint_id, failures_in_a_row, rests_until_ms, state } = endpoint;
    const leased = this.leasesOf(endpoint_id, now_ms);
    const room = (isFailing(failures_in_a_row) ? 1 : WINDOW) - leased.size;
    if (state === "disabled" || room <= 0 || now_ms < rests_until_ms) return [];
    const event_ids = this.store
      .due(endpoint_id, now_ms, leased.size + room)
      .map(({ event_id }) => event_id)
      .filter((event_id) => !leased.has(event_id))
      .slice(0, room);
    const until_ms = now_ms + LEASE_MS;
    for (const event_id of event_ids) leased.set(event_id, { until_ms, is_claimed: false });
    const batches: DeliveryBatch[] = [];
    for (let start = 0; start < event_ids.length; start += BATCH_SIZE)
      batches.push({ ...owner, endpoint_id, event_ids: event_ids.slice(start, start + BATCH_SIZE) });
    return batches;
  }

  /** Claims a delivery for a consumer; false when another one has, or when it is not due. */
  claim({ endpoint_id, event_id, next_try_at_ms }: Delivery, now_ms: number): boolean {
    const leased = this.leasesOf(endpoint_id, now_ms);
    const lease = leased.get(event_id);
    if (next_try_at_ms === null || lease?.is_claimed || (!lease && next_try_at_ms > now_ms)) return false;
    leased.set(event_id, { until_ms: now_ms + LEASE_MS, is_claimed: true });
    return true;
  }

  /** Returns the leases of deliveries that were tried, or that the queue has refused: they may be leased again. */
  returnLease(endpoint_id: string, event_ids: readonly string[]): void {
    for (const event_id of event_ids) this.leases.get(endpoint_id)?.delete(event_id);
  }

  /** Drops all leases of an endpoint that gets nothing more. */
  forget(endpoint_id: string): void {
    this.leases.delete(endpoint_id);
  }

  /** When an endpoint has to be checked again, in ms since 1970; null: not before something changes. */
  nextCheckMs(endpoint: Endpoint, now_ms: number): number | null {
    if (endpoint.state === "disabled") return null;
    const leases = [...this.leasesOf(endpoint.endpoint_id, now_ms).values()].map(({ until_ms }) => until_ms);
    const due_ms = this.store.nextDueMs(endpoint.endpoint_id);
    if (due_ms === null) return null;
    const free_ms =
      leases.length === 0 || due_ms > now_ms ? Math.max(due_ms, endpoint.rests_until_ms) : Infinity;
    return Math.min(free_ms, ...leases);
  }

  /** How long the oldest delivery has been due of endpoints that would accept it; 0 when none is. */
  oldestDueAgeMs(endpoints: readonly Endpoint[], now_ms: number): number {
    const healthy = endpoints.filter(
      ({ state, failures_in_a_row }) => state === "enabled" && !isFailing(failures_in_a_row),
    );
    const due_ms = healthy.map(({ endpoint_id }) => this.store.nextDueMs(endpoint_id) ?? now_ms);
    return Math.max(0, now_ms - Math.min(now_ms, ...due_ms));
  }

  private leasesOf(endpoint_id: string, now_ms: number): Map<string, Lease> {
    const leases = this.leases.get(endpoint_id) ?? new Map<string, Lease>();
    this.leases.set(endpoint_id, leases);
    for (const [event_id, { until_ms }] of leases) if (until_ms <= now_ms) leases.delete(event_id);
    return leases;
  }
}
