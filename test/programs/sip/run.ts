// Real calls: Kamailio with our configuration and sipp, both from Debian's packages, against the running Worker.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepAll, outcomeOf } from "../../support/node/promises.ts";
import { serve } from "../../support/node/serve.ts";
import { missingPackages, startEdgeNode } from "./edge-node.ts";
import type { World } from "./fixtures.ts";
import { createOrganization } from "./organizations.ts";
import { endAll } from "./processes.ts";
import { promisesOfCredit } from "./promises-credit.ts";
import { promisesOfTrouble } from "./promises-trouble.ts";

const CARRIER = "127.0.0.20";
const EUROS = 1_000_000;

const missing = await missingPackages();
if (missing.length > 0) {
  console.error(`test:sip needs programs that are not here. On Debian: apt-get install ${missing.join(" ")}`);
  process.exit(1);
}

const directory = mkdtempSync(join(tmpdir(), "ringfence-sip-"));
process.once("exit", () => {
  endAll();
  rmSync(directory, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

const promises = { ...promisesOfCredit, ...promisesOfTrouble };
const world = await prepare();
const failed = await keepAll(promises, world);
if (failed > 0) console.log(`What Kamailio said last:\n${world.node.log().slice(-40).join("\n")}`);
await world.stopServer();
console.log(outcomeOf(promises, failed));
process.exit(failed > 0 ? 1 : 0);

/** The Worker, an organization for each promise, and the node that lets their addresses call. */
async function prepare(): Promise<World> {
  const options = { persistTo: join(directory, "worker"), quiet: true };
  let server = await serve(options);
  const port = Number(new URL(server.base_url).port);
  const organization = (host: number, credit_micros: number) =>
    createOrganization(server, `127.0.0.${host}`, credit_micros);
  const customers = {
    funded: await organization(11, 10 * EUROS),
    broke: await organization(12, 0),
    // 4.28 seconds at the standard rate.
    scarce: await organization(13, 5_000),
    ringing: await organization(14, EUROS),
    cutOff: await organization(15, EUROS),
    attacked: await organization(16, EUROS),
  };
  const brokeNumber = "+31200000012";
  await customers.broke.ownNumber(brokeNumber);
  const callers = {
    customers: Object.values(customers).map(({ address, id }) => ({ address, organization_id: id })),
    carrier: CARRIER,
  };
  const node = await startEdgeNode(directory, server, callers);
  return {
    ...customers,
    brokeNumber,
    carrier: CARRIER,
    node,
    server,
    stopServer: () => server.stop(),
    async startServer() {
      server = await serve({ ...options, port });
    },
  };
}
