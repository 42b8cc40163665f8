import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { serve } from "@hono/node-server";
import { fontsFromDisk } from "../../stand-in/stripe/documents/fonts.ts";
import { renderInvoicePdf } from "../../stand-in/stripe/documents/invoice-pdf.ts";
import { StripeStandIn } from "../../stand-in/stripe/stand-in.ts";
import { firstFreePort } from "../../support/node/port.ts";

const FIRST_PORT = 12_111;
/** How often events that were not taken, and what banks and registries take their time for, are looked after. */
const LOOK_AFTER_MS = 1_000;

/** The settings by which a Worker uses the stand-in. */
export interface StripeVariables {
  STRIPE_SECRET_KEY: string;
  STRIPE_WEBHOOK_SECRET: string;
  STRIPE_API_URL: string;
  PUBLIC_URL: string;
}

/**
 * Stripe's stand-in on this machine, with pages that a person can use. It keeps its data in `stripe.json` of the
 * directory, so that a later start goes on with it, and sends its events to the Worker at `worker_url` until they are
 * taken. It lives as long as the process does.
 */
export async function startStripe(directory: string, worker_url: string): Promise<StripeVariables> {
  const port = await firstFreePort(FIRST_PORT);
  const api_url = `http://127.0.0.1:${port}`;
  const secret_key = `sk_test_${randomBytes(24).toString("hex")}`;
  const webhook_secret = `whsec_${randomBytes(24).toString("hex")}`;
  const fonts = fontsFromDisk();
  const stripe = new StripeStandIn({
    api_url,
    secret_key,
    webhook_url: `${worker_url}/api/v1/stripe/webhook`,
    webhook_secret,
    send: (request) => fetch(request),
    pdf: (document) => renderInvoicePdf(document, fonts),
  });
  const file = `${directory}/stripe.json`;
  restore(stripe, file);
  await listen(port, withStore(stripe, file));
  return {
    STRIPE_SECRET_KEY: secret_key,
    STRIPE_WEBHOOK_SECRET: webhook_secret,
    STRIPE_API_URL: api_url,
    PUBLIC_URL: worker_url,
  };
}

function restore(stripe: StripeStandIn, file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    stripe.restore(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw new Error(`${file} is not what the stand-in of Stripe wrote; remove it to begin anew: ${error}`);
  }
}

/** Answers what the stand-in answers, once what it did is on disk; then sends what came of it. */
function withStore(stripe: StripeStandIn, file: string): (request: Request) => Promise<Response> {
  const save = () => {
    // The file is replaced as a whole: a power cut leaves the old one or the new one.
    writeFileSync(`${file}.new`, JSON.stringify(stripe.snapshot()), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  const lookAfter = async () => {
    if ((await stripe.controls.webhooks.settled()) > 0) save();
  };
  setInterval(lookAfter, LOOK_AFTER_MS).unref();
  return async (request) => {
    const answer = await stripe.handle(request);
    if (request.method !== "GET") {
      save();
      void lookAfter();
    }
    return answer;
  };
}

function listen(port: number, handle: (request: Request) => Promise<Response>): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: handle, port, hostname: "127.0.0.1" }, () => resolve());
    server.once("error", reject);
    // The demo lives as long as its Worker does, not as long as its stand-ins.
    server.unref();
  });
}
