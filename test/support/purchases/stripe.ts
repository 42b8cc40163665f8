import { env, exports } from "cloudflare:workers";
import Stripe from "stripe";
import { onTestFinished, vi } from "vitest";
import { type StandInOptions, StripeStandIn } from "../../stand-in/stripe/stand-in";

const API_URL = "https://stripe.test";

/** The settings of test/vitest.config.ts, which the Worker under test has too. */
const settings = env as unknown as Record<
  "STRIPE_SECRET_KEY" | "STRIPE_WEBHOOK_SECRET" | "PUBLIC_URL",
  string
>;

/**
 * An account at Stripe of a test's own, behind the fetch of the Worker; a test that makes the Worker ask anybody else
 * fails. Its events go to the Worker's own endpoint, when the test asks for `controls.webhooks.settled` or `deliver`.
 */
export function standInStripe(options: Partial<StandInOptions> = {}): StripeStandIn {
  const stripe = newStandIn(options);
  const strangers: string[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    if (request.url.startsWith(`${API_URL}/`)) return stripe.handle(request);
    strangers.push(request.url);
    throw new TypeError(`No test asks ${request.url}.`);
  });
  onTestFinished(() => {
    if (strangers.length > 0) throw new Error(`The Worker asked ${strangers.join(", ")}.`);
  });
  return stripe;
}

/** As `standInStripe`, for all tests of a file; what is not for Stripe is asked where it was before. */
export function standInStripeForFile(): StripeStandIn {
  const stripe = newStandIn();
  const elsewhere = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    return request.url.startsWith(`${API_URL}/`) ? stripe.handle(request) : elsewhere(input, init);
  };
  return stripe;
}

function newStandIn(options: Partial<StandInOptions> = {}): StripeStandIn {
  return new StripeStandIn({
    api_url: API_URL,
    secret_key: settings.STRIPE_SECRET_KEY,
    webhook_url: `${settings.PUBLIC_URL}/api/v1/stripe/webhook`,
    webhook_secret: settings.STRIPE_WEBHOOK_SECRET,
    // Looked up each time: a test may have put a clock of its own in its place.
    now_ms: () => Date.now(),
    send: (request) => exports.default.fetch(request),
    pdf: async ({ number }) => new TextEncoder().encode(`%PDF-1.7 ${number}`),
    ...options,
  });
}

/** The SDK as the Worker uses it, talking to a stand-in. */
export function sdkFor(stand_in: StripeStandIn, secret_key = settings.STRIPE_SECRET_KEY): Stripe {
  return new Stripe(secret_key, {
    httpClient: Stripe.createFetchHttpClient((input, init) => stand_in.handle(new Request(input, init))),
    host: "stripe.test",
    protocol: "https",
    maxNetworkRetries: 0,
    telemetry: false,
  });
}
