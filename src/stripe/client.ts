import Stripe from "stripe";
import type { StripeSettings } from "../env";
import { Breaker } from "../runtime/breaker";
import { MINUTE_MS, SECOND_MS } from "../units/duration";

export type { Stripe };

const TIMEOUT_MS = 15 * SECOND_MS;

const TOO_MANY = 429;

/** How long Stripe is asked less when it says so without saying for how long, and at most. */
const STANDARD_REST_MS = 2 * SECOND_MS;
const MAX_BACKOFF_MS = MINUTE_MS;

/** What is known in this isolate of how an account at Stripe can be asked. */
interface Connection {
  stripe: Stripe;
  breaker: Breaker;
  rest_until_ms: number;
}

const connections = new WeakMap<StripeSettings, Connection>();

/**
 * The one way to Stripe. A lost answer is asked for again once, under the same Idempotency-Key; while Stripe has fallen
 * silent nothing is asked, and fails at once as if the connection had broken.
 */
export function stripeClient(settings: StripeSettings): Stripe {
  return connectionOf(settings).stripe;
}

/** For how many ms work that can wait should leave Stripe alone: it has asked for fewer requests, or has fallen silent. 0: not at all. */
export function stripeBackoffMs(settings: StripeSettings): number {
  const { breaker, rest_until_ms } = connectionOf(settings);
  const now_ms = Date.now();
  return Math.max(0, rest_until_ms - now_ms, breaker.restMs(now_ms));
}

function connectionOf(settings: StripeSettings): Connection {
  const known = connections.get(settings);
  if (known) return known;
  const breaker = new Breaker();
  const way: Connection = {
    breaker,
    rest_until_ms: 0,
    stripe: newClient(settings, (input, init) => ask(way, input, init)),
  };
  connections.set(settings, way);
  return way;
}

async function ask(
  way: Connection,
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
): Promise<Response> {
  // The Worker's own fetch, looked up when it is used: a client that is made once outlives the request that made it.
  const response = await way.breaker.ask(
    () => wholeAnswer(input, init),
    () => init?.signal?.aborted ?? false,
  );
  if (response.status === TOO_MANY) {
    const asked_ms = Number(response.headers.get("Retry-After")) * SECOND_MS || STANDARD_REST_MS;
    way.rest_until_ms = Date.now() + Math.min(MAX_BACKOFF_MS, asked_ms);
  }
  return response;
}

/** With its body: the SDK's time-out ends when this does, and a body may never come either. */
async function wholeAnswer(
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
): Promise<Response> {
  const response = await fetch(input, init);
  return new Response(await response.arrayBuffer(), response);
}

function newClient({ secret_key, api_url }: StripeSettings, fetcher: typeof fetch): Stripe {
  return new Stripe(secret_key, {
    httpClient: Stripe.createFetchHttpClient(fetcher),
    timeout: TIMEOUT_MS,
    maxNetworkRetries: 1,
    telemetry: false,
    ...(api_url === null ? {} : addressOf(api_url)),
  });
}

function addressOf(url: URL) {
  const protocol = url.protocol === "http:" ? ("http" as const) : ("https" as const);
  return { host: url.hostname, port: url.port || (protocol === "http" ? 80 : 443), protocol };
}

/**
 * What went wrong with a request to Stripe, as far as it changes what to do:
 * `declined`: the card; `needs_authentication`: the card's holder must confirm; `missing`: no such object;
 * `refused`: Stripe will never take this request; `misconfigured`: our key or its rights; `unknown`: it may have been done,
 * and with `is_stored` Stripe answers the same failure for ever under the same Idempotency-Key.
 */
export type StripeFailure =
  | { kind: "declined" | "needs_authentication"; code: string; message: string }
  | { kind: "missing" | "refused"; code: string; message: string; param: string | null }
  | { kind: "misconfigured"; message: string }
  | { kind: "unknown"; message: string; is_stored: boolean };

/** Whether Stripe, or the way to it, has failed. */
export function isStripeError(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError;
}

/** Reads an error of the SDK; anything else is thrown again. */
export function stripeFailure(error: unknown): StripeFailure {
  const { errors } = Stripe;
  if (!(error instanceof errors.StripeError)) throw error;
  const { message, statusCode = 0 } = error;
  const code = error.code ?? error.type;
  const param = error.param ?? null;
  if (code === "authentication_required" || code === "invoice_payment_intent_requires_action")
    return { kind: "needs_authentication", code, message };
  if (error instanceof errors.StripeCardError)
    return { kind: "declined", code: error.decline_code ?? code, message };
  if (error instanceof errors.StripeAuthenticationError || error instanceof errors.StripePermissionError)
    return { kind: "misconfigured", message };
  if (code === "resource_missing" || statusCode === 404) return { kind: "missing", code, message, param };
  // A key used with other parameters is our fault, and no retry mends it.
  const is_refusal =
    error instanceof errors.StripeInvalidRequestError || error instanceof errors.StripeIdempotencyError;
  if (is_refusal && statusCode !== 409) return { kind: "refused", code, message, param };
  return { kind: "unknown", message, is_stored: statusCode >= 500 };
}

/**
 * The object, when it is what it was asked for. An answer without it passes the SDK as success when its body has no
 * `error`, whatever its status: a proxy's error page must not be taken for an unpaid invoice.
 */
export function expectObject<T extends { object: string }>(found: T, object: T["object"]): T {
  if (found?.object !== object)
    throw new Stripe.errors.StripeAPIError({
      type: "api_error",
      message: `Stripe answered no ${object}.`,
    } as ConstructorParameters<typeof Stripe.errors.StripeAPIError>[0]);
  return found;
}

/** What is asked for, null when Stripe has none. */
export async function orNull<Found>(reading: Promise<Found>): Promise<Found | null> {
  try {
    return await reading;
  } catch (error) {
    if (stripeFailure(error).kind === "missing") return null;
    throw error;
  }
}
