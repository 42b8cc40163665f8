import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { serve } from "@hono/node-server";
import { StripeStandIn } from "../../../stand-in/stripe/stand-in.ts";
import { freePort } from "../../../support/node/port.ts";

/** A stand-in of Stripe for as long as this process lives; it tells nobody of what happens. Answers the settings that lead to it. */
export async function startStripe(): Promise<Record<string, string>> {
  const port = await freePort();
  const api_url = `http://127.0.0.1:${port}`;
  const secret_key = `sk_test_${randomBytes(24).toString("hex")}`;
  const webhook_secret = `whsec_${randomBytes(24).toString("hex")}`;
  const stripe = new StripeStandIn({
    api_url,
    secret_key,
    webhook_url: "http://localhost/api/v1/stripe/webhook",
    webhook_secret,
    send: async () => new Response(null, { status: 204 }),
  });
  const server = serve({ fetch: (request) => stripe.handle(request), port, hostname: "127.0.0.1" });
  server.unref();
  await once(server, "listening");
  return {
    STRIPE_SECRET_KEY: secret_key,
    STRIPE_WEBHOOK_SECRET: webhook_secret,
    STRIPE_API_URL: api_url,
    PUBLIC_URL: "http://localhost",
  };
}
