// The dashboard in a real Chromium, against the running Worker and the stand-in of Stripe.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ROOT } from "../../../.scripts/wrangler.ts";
import { freePort } from "../../support/node/port.ts";
import { keepAll, outcomeOf } from "../../support/node/promises.ts";
import { serve } from "../../support/node/serve.ts";
import { startStripe } from "../demo/stripe.ts";
import { findChromium, launch } from "./chromium.ts";
import { promisesOfAccess } from "./promises-access.ts";
import { promisesOfBuying } from "./promises-buying.ts";
import { promisesOfCalls } from "./promises-calls.ts";
import { promisesOfLooks } from "./promises-looks.ts";

const chromium = findChromium();
if (!chromium) {
  console.error(
    "test:browser needs Chromium, which is not here. On Debian: apt-get install chromium\n" +
      "If it is somewhere else: CHROMIUM=/path/to/it npm run test:browser",
  );
  process.exit(1);
}

const directory = mkdtempSync(join(tmpdir(), "ringfence-browser-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
const pictures = resolve(process.env.PICTURES ?? `${ROOT}.wrangler/pictures`);
mkdirSync(pictures, { recursive: true });

const all = { ...promisesOfBuying, ...promisesOfCalls, ...promisesOfAccess, ...promisesOfLooks };
/** `npm run test:browser -- phone` keeps only the promises with that word. */
const [word = ""] = process.argv.slice(2);
const promises = Object.fromEntries(Object.entries(all).filter(([promise]) => promise.includes(word)));

const port = await freePort();
const stripe = await startStripe(directory, `http://127.0.0.1:${port}`);
const server = await serve({
  persistTo: join(directory, "worker"),
  port,
  quiet: true,
  settings: {
    ...stripe,
    WEBHOOK_LOCALHOST: "true",
    WEBHOOK_RESOLVER_URL: "",
    NODE_TIME_TOLERANCE_SECONDS: "86400",
    CUSTOMER_REQUESTS_PER_MINUTE: "1000000",
  },
});
const browser = await launch(chromium);
const failed = await keepAll(promises, { server, browser, pictures });
await browser.close();
await server.stop();
console.log(`Pictures of the pages are in ${pictures}`);
console.log(outcomeOf(promises, failed));
process.exit(failed > 0 || Object.keys(promises).length === 0 ? 1 : 0);
