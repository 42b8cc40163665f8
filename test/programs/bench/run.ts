import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { buildWorker } from "../../support/node/workerd.ts";
import { baseline, type Contender, makeTemplate, peer, redisAlone, ringfence } from "./contenders.ts";
import { countCalls } from "./counts.ts";
import { type Database, startPostgres, startRedis } from "./databases.ts";
import { countFsyncs } from "./fsyncs.ts";
import { printPrices } from "./prices.ts";
import { NAMES, Results } from "./report.ts";
import { type Plan, runRounds } from "./rounds.ts";
import { printTable, shown } from "./table.ts";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const directory = mkdtempSync(`${tmpdir()}/ringfence-bench-`);

const plan: Plan = values.quick
  ? {
      rounds: 1,
      seconds: 0.8,
      warm_seconds: 0.4,
      connections: [1, 64],
      longest_seconds: 6,
      measures: ({ organizations, operations }) => operations === 1 || organizations === 1,
      directory,
    }
  : {
      rounds: 5,
      seconds: 1.5,
      warm_seconds: 1,
      connections: [1, 16, 64],
      longest_seconds: 6,
      measures: () => true,
      directory,
    };
const ORGANIZATIONS = values.quick ? 20 : 100;
const FSYNC_SECONDS = 1;
const FSYNC_CONNECTIONS = 16;
/** Scenarios that need no calls made beforehand, which would take long under strace. */
const WITHOUT_PREPARATION = ["authorize", "100 operations"];

/** All contenders that can run on this machine. */
function contendersOf(
  module: string,
  { template, customers }: { template: string; customers: Awaited<ReturnType<typeof makeTemplate>> },
  { postgres, redis }: { postgres: Database | null; redis: Database | null },
): Contender[] {
  const ids = customers.map(({ organization_id }) => organization_id);
  return [
    baseline(NAMES.constant, "constant", ids),
    baseline(NAMES.empty, "empty-object", ids),
    baseline(NAMES.write, "bare-write", ids),
    ringfence(module, template, customers),
    ...(postgres ? [peer(NAMES.postgres, "postgres", postgres, ids)] : []),
    ...(redis ? [peer(NAMES.redis, "redis", redis, ids), redisAlone(redis)] : []),
  ];
}

/** A short run of each under strace: who does not wait for the disk has not written anything durable. */
async function printFsyncs(contenders: readonly Contender[]): Promise<void> {
  const rows: string[][] = [];
  for (const [place, contender] of contenders.entries()) {
    const running = await contender.start(`${directory}/fsyncs-${place}`);
    try {
      const written = running.scenarios.filter(
        ({ name, organizations }) => organizations === 1 && WITHOUT_PREPARATION.includes(name),
      );
      for (const scenario of written) {
        const counted = await countFsyncs(running.pids, () =>
          scenario.sample(FSYNC_CONNECTIONS, FSYNC_SECONDS),
        );
        if (!counted) return console.log("Left out: strace is not installed, or may not attach here.");
        const { fsyncs, done } = counted;
        const each = (done.requests * scenario.operations) / fsyncs;
        rows.push([contender.name, scenario.name, String(done.requests), String(fsyncs), shown(each, 1)]);
      }
    } finally {
      await running.stop();
    }
  }
  printTable(["", "", "requests", "fsyncs", "operations for each fsync"], rows);
}

function printMachine(): void {
  const gib = Math.round(totalmem() / 2 ** 30);
  const model = /model name\s*: (.*)/.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "unknown processor";
  const load = readFileSync("/proc/loadavg", "utf8").split(" ")[0];
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${model}, ${gib} GiB, load before ${load}`,
  );
  console.log(
    `${plan.rounds} rounds of ${plan.seconds} s, medians; autocannon runs beside the contender on the same processors.\n`,
  );
}

async function main(): Promise<void> {
  printMachine();
  const module = await buildWorker(`${directory}/worker`);
  const customers = await makeTemplate(`${directory}/template`, module, ORGANIZATIONS);
  const postgres = await startPostgres();
  const redis = await startRedis(directory);
  if (!postgres) console.log("Left out: PostgreSQL is not installed (apt-get install postgresql).");
  if (!redis) console.log("Left out: Redis is not installed (apt-get install redis-server).");
  try {
    const contenders = contendersOf(
      module,
      { template: `${directory}/template`, customers },
      { postgres, redis },
    );
    const { measured, memory_mib } = await runRounds(contenders, plan);
    const results = new Results(measured);
    results.print();
    console.log(
      "\nPeak memory of workerd, MiB (all isolates, the simulators of D1 and KV, and the live calls of a round):",
    );
    for (const [name, mib] of memory_mib) console.log(`  ${name}: ${mib}`);
    console.log(`\nWaiting for the disk, ${FSYNC_CONNECTIONS} connections, under strace (no speeds):\n`);
    const one = await makeTemplate(`${directory}/one`, module, 1);
    await printFsyncs(
      contendersOf(module, { template: `${directory}/one`, customers: one }, { postgres, redis }),
    );
    const sums = printPrices(
      await countCalls(`${directory}/counts`),
      results.cpuUs("authorize"),
      results.cpuUs("100 operations"),
    );
    console.log(
      `\nHeld to: USD 9 singly (${shown(sums.get("busy"), 2)} with 64 at a time, ${shown(sums.get("lone"), 2)} alone), USD 7.50 in batches (${shown(sums.get("batches"), 2)}).\n`,
    );
    results.printTargets();
  } finally {
    await postgres?.stop();
    await redis?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

await main();
