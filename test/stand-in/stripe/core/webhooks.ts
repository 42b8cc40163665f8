import type Stripe from "stripe";

/** An event on its way. */
export interface Delivery {
  event_id: string;
  /** How often it was sent and not taken. */
  attempts: number;
  due_at_ms: number;
}

/** `deliver`: events are sent when `settled` is asked for; `hold`: they wait to be told; `drop`: they are lost. */
export type WebhookMode = "deliver" | "hold" | "drop";

/** How long after which attempt an event is sent again, the last of these from then on. */
const RETRY_MS = [5_000, 30_000, 120_000, 600_000, 3_600_000];
const GIVEN_UP_AFTER_MS = 3 * 24 * 60 * 60 * 1_000;

/** The events that still have to reach the endpoint, in the order in which they would be sent. */
export class EventQueue {
  mode: WebhookMode = "deliver";
  #deliveries: Delivery[] = [];

  add(event_id: string): void {
    if (this.mode !== "drop") this.#deliveries.push({ event_id, attempts: 0, due_at_ms: 0 });
  }

  get deliveries(): readonly Delivery[] {
    return this.#deliveries;
  }

  drop(is_dropped: (event_id: string) => boolean): void {
    this.#deliveries = this.#deliveries.filter(({ event_id }) => !is_dropped(event_id));
  }

  /** Not taken: it is sent again later, for three days. */
  postpone(delivery: Delivery, now_ms: number, created_at_ms: number): void {
    const wait_ms = RETRY_MS[Math.min(delivery.attempts, RETRY_MS.length - 1)] ?? 0;
    delivery.attempts += 1;
    delivery.due_at_ms = now_ms + wait_ms;
    if (now_ms - created_at_ms > GIVEN_UP_AFTER_MS) this.drop((id) => id === delivery.event_id);
  }

  snapshot(): Delivery[] {
    return structuredClone(this.#deliveries);
  }

  restore(deliveries: Delivery[]): void {
    this.#deliveries = structuredClone(deliveries);
  }
}

export interface Endpoint {
  url: string;
  secret: string;
  send: (request: Request) => Promise<Response>;
}

/** Sends one event, signed as Stripe signs it. Rejects when there was no answer. */
export async function deliver(
  { url, secret, send }: Endpoint,
  event: Stripe.Event,
  signed_at_seconds: number,
): Promise<Response> {
  const body = JSON.stringify(event, null, 2);
  return send(
    new Request(url, {
      method: "POST",
      body,
      headers: {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": await signatureHeader(secret, signed_at_seconds, body),
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
      },
    }),
  );
}

/** `t=…,v1=…`: the HMAC-SHA256 of the time, a full stop and the exact body. */
export async function signatureHeader(secret: string, seconds: number, body: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(`${seconds}.${body}`));
  const hex = Array.from(new Uint8Array(mac), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `t=${seconds},v1=${hex}`;
}
