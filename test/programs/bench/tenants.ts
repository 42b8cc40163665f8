// What one organization's neighbours feel of it: a very large one at its limits, and a small one beside it and alone.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { startPlatform } from "../../support/node/platform.ts";
import { buildWorker } from "../../support/node/workerd.ts";
import { cpuMs } from "./load.ts";
import { fillTenants, type Tenant } from "./tenants/filled.ts";
import type { LoadOrder, LoadTold } from "./tenants/load.ts";
import { Neighbour } from "./tenants/neighbour.ts";
import { type Part, printTenants } from "./tenants/report.ts";
import { startStripe } from "./tenants/stripe.ts";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });

const CALLS = values.quick ? 50_000 : 1_000_000;
/** Alone and beside take turns, so that whatever else the machine does falls on both. */
const PARTS = values.quick ? 2 : 4;
const ROUNDS_A_PART = values.quick ? 10 : 50;
/** What all keys of an organization may ask together, by default. */
const REQUESTS_PER_MINUTE = 1_000;
const FILES_AT_ONCE = 2;
const WARM_UP_MS = 3_000;
const WARM_UP_ROUNDS = 10;

async function main(): Promise<void> {
  const directory = mkdtempSync(`${tmpdir()}/ringfence-tenants-`);
  const data = `${directory}/platform`;
  try {
    const module = await buildWorker(`${directory}/worker`);
    const { large, neighbour } = await fillTenants(data, module, CALLS);
    const settings = await startStripe();
    const platform = await startPlatform({ directory: data, module, settings, asks_this_machine: true });
    const visitor = new Neighbour(platform, neighbour);
    const measured = async (): Promise<Part> => {
      const [began_ms, cpu_before_ms] = [performance.now(), cpuMs([platform.pid])];
      const times = await visitor.live(ROUNDS_A_PART);
      const busy = (cpuMs([platform.pid]) - cpu_before_ms) / (performance.now() - began_ms);
      return { times, busy };
    };
    await visitor.live(WARM_UP_ROUNDS);
    const [alone, beside, told]: [Part[], Part[], LoadTold[]] = [[], [], []];
    for (let part = 0; part < PARTS; part++) {
      alone.push(await measured());
      const stop = await load(platform.base_url, large);
      beside.push(await measured());
      told.push(await stop());
      console.log(`Part ${part + 1} of ${PARTS} is measured`);
      await pause(WARM_UP_MS);
    }
    await platform.stop();
    process.exitCode = printTenants({ calls: CALLS, alone, beside, told }) ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Has the large one ask whatever its limits allow. Answers how to end that, which tells what came of it. */
async function load(base_url: string, tenant: Tenant): Promise<() => Promise<LoadTold>> {
  const workerData: LoadOrder = {
    base_url,
    tenant,
    requests_per_minute: REQUESTS_PER_MINUTE,
    files_at_once: FILES_AT_ONCE,
  };
  const thread = new Worker(new URL("./tenants/load.ts", import.meta.url), { workerData });
  await pause(WARM_UP_MS);
  return async () => {
    const told = new Promise<LoadTold>((resolve, reject) => {
      thread.once("message", resolve).once("error", reject);
    });
    thread.postMessage("stop");
    const answer = await told;
    await thread.terminate();
    return answer;
  };
}

await main();
