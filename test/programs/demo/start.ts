import { randomBytes } from "node:crypto";
import { firstFreePort } from "../../support/node/port.ts";
import { type RunningServer, serve } from "../../support/node/serve.ts";
import { stateBuyer } from "./buying.ts";
import { expectStatus, openClient } from "./client.ts";
import { ensureCredit } from "./credit.ts";
import { DEMO_DIRECTORY, DEMO_NUMBER, type Demo, readDemo, writeDemo } from "./demo-file.ts";
import { startDialer } from "./dialer.ts";
import { playMonthBefore } from "./history.ts";
import { Receiver } from "./receiver.ts";
import { euros } from "./screen.ts";
import { startStripe } from "./stripe.ts";
import { welcome } from "./welcome.ts";

const FIRST_PORT = 8787;

async function main(): Promise<void> {
  const began_ms = Date.now();
  console.log(
    "Ringfence, on this machine only: no account, no network. The first start takes half a minute.\n",
  );
  const receiver = await Receiver.start();
  const { server, payments_url } = await startServer();
  step("Looking after the demo organization");
  const demo = await prepareDemo(server, receiver.dashboard_url);
  writeDemo(demo);
  await receiver.register(openClient(demo.base_url, demo.organization.api_key));
  const added_micros = await ensureCredit(demo);
  if (added_micros > 0) step(`Giving it ${euros(added_micros)} of credit`);
  await stateBuyer(demo);
  process.once("exit", () => console.log("  · Stopped"));
  step(`Ready in ${((Date.now() - began_ms) / 1_000).toFixed(1)} s`);
  console.log(welcome(demo, { events_url: receiver.page_url, payments_url }));
}

async function startServer(): Promise<{ server: RunningServer; payments_url: string }> {
  const dialer_secret = randomBytes(32).toString("base64url");
  const port = await choosePort();
  step("Starting a stand-in of Stripe");
  const stripe = await startStripe(DEMO_DIRECTORY, `http://127.0.0.1:${port}`);
  const server = await serve({
    persistTo: DEMO_DIRECTORY,
    port,
    quiet: true,
    progress: step,
    settings: {
      ...stripe,
      DIALER_URL: await startDialer(dialer_secret),
      DIALER_SECRET: dialer_secret,
      // The receiver page is on this machine; there is nobody to ask where a name leads.
      WEBHOOK_LOCALHOST: "true",
      WEBHOOK_RESOLVER_URL: "",
      // Calls are played at speed: an hour of talk within a second of the ledger's clock.
      NODE_TIME_TOLERANCE_SECONDS: "86400",
      CUSTOMER_REQUESTS_PER_MINUTE: "1000000",
      EDGE_REQUESTS_PER_MINUTE: "1000000",
    },
  });
  return { server, payments_url: `${stripe.STRIPE_API_URL}/` };
}

/** PORT when it is set, else the first free one from 8787. */
async function choosePort(): Promise<number> {
  const { PORT } = process.env;
  if (PORT) {
    if (!/^\d{2,5}$/.test(PORT) || Number(PORT) > 65_535) throw new Error(`PORT=${PORT} is not a port.`);
    return Number(PORT);
  }
  return firstFreePort(FIRST_PORT);
}

/** The demo of the last start when its organization is still there, else a new one with a number. */
async function prepareDemo(
  { base_url, admin_key, edge_key }: RunningServer,
  dashboard_url: string,
): Promise<Demo> {
  const place = { base_url, admin_key, edge_key, dashboard_url };
  const known = readDemo();
  if (known) {
    const { status } = await openClient(base_url, known.organization.api_key).get("/account");
    if (status === 200) return { ...place, organization: known.organization };
  }
  const admin = openClient(base_url, admin_key);
  const organization = expectStatus(
    await admin.post<Demo["organization"]>("/admin/organizations", { company_name: "Demo Telecom" }),
    201,
    "POST /admin/organizations",
  );
  const { id, api_key } = organization;
  const number = encodeURIComponent(DEMO_NUMBER);
  expectStatus(
    await admin.put(`/admin/numbers/${number}`, { organization_id: id }),
    200,
    "PUT /admin/numbers",
  );
  const demo = { ...place, organization: { id, api_key } };
  step("Playing the calls of the month before");
  await playMonthBefore(demo);
  return demo;
}

function step(text: string): void {
  console.log(`  · ${text}`);
}

await main().catch((error: Error) => {
  console.error(`\n${error.message}`);
  process.exit(1);
});
