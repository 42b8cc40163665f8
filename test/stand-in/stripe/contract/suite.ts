import { env } from "cloudflare:workers";
import Stripe from "stripe";
import { test, vi } from "vitest";
import { type StandInOptions, StripeStandIn } from "../stand-in";

/**
 * The contract suite asks the stand-in, or Stripe itself in test mode when STRIPE_TEST_KEY is a secret test key. Its
 * account then needs Stripe Tax with a head office in the Netherlands, collecting in all of the EU and nowhere else.
 */
const TEST_KEY = (env as { STRIPE_TEST_KEY?: string }).STRIPE_TEST_KEY ?? "";

/** Whether Stripe itself is asked. */
export const IS_REAL = TEST_KEY !== "";

if (IS_REAL) vi.setConfig({ testTimeout: 60_000 });
if (IS_REAL && !/^(sk|rk)_test_/.test(TEST_KEY))
  throw new Error("STRIPE_TEST_KEY is no key of Stripe's test mode.");

/** For what only the stand-in's controls can make happen: left out against Stripe itself. */
export const played = test.skipIf(IS_REAL);

const SECRET_KEY = "sk_test_of_the_contract_suite";
export const WEBHOOK_SECRET = "whsec_of_the_contract_suite";
const API_URL = "https://stripe.test";

/** An account to ask by the SDK. */
export function openAccount(): Stripe {
  return IS_REAL ? new Stripe(TEST_KEY, { maxNetworkRetries: 2, telemetry: false }) : playAccount().stripe;
}

/** An account at the stand-in with what makes things happen there, and what its endpoint was sent. */
export function playAccount(options: Partial<StandInOptions> = {}) {
  const endpoint = { requests: [] as Request[], status: 200 };
  const stand_in = new StripeStandIn({
    api_url: API_URL,
    secret_key: SECRET_KEY,
    webhook_url: "https://ringfence.test/webhook",
    webhook_secret: WEBHOOK_SECRET,
    send: async (request) => {
      endpoint.requests.push(request);
      return new Response(null, { status: endpoint.status });
    },
    ...options,
  });
  const { controls } = stand_in;
  return { stand_in, stripe: sdkOf(stand_in), controls, endpoint };
}

/** The SDK with real form encoding and real headers, whose requests go to the stand-in. */
export function sdkOf(stand_in: StripeStandIn, secret_key = SECRET_KEY, timeout = 15_000): Stripe {
  return new Stripe(secret_key, {
    httpClient: Stripe.createFetchHttpClient((input, init) => stand_in.handle(new Request(input, init))),
    host: "stripe.test",
    protocol: "https",
    maxNetworkRetries: 0,
    telemetry: false,
    timeout,
  });
}

/** Resolves to the SDK's error; fails when there is none. */
export async function errorOf(request: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const error = await request.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Stripe.errors.StripeError)) throw new Error(`No refusal, but ${error}.`);
  return error;
}

/** What the endpoint was sent, as the SDK reads it when the signature is right. */
export async function eventsOf(requests: readonly Request[]): Promise<Stripe.Event[]> {
  const crypto_provider = Stripe.createSubtleCryptoProvider();
  const events: Stripe.Event[] = [];
  for (const request of requests) {
    const signature = request.headers.get("Stripe-Signature") ?? "";
    const text = await request.clone().text();
    events.push(
      await Stripe.webhooks.constructEventAsync(text, signature, WEBHOOK_SECRET, undefined, crypto_provider),
    );
  }
  return events;
}
