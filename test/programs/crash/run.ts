import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createCustomer, type Platform, startPlatform } from "../../support/node/platform.ts";
import { buildWorker } from "../../support/node/workerd.ts";
import { countFsyncs } from "../bench/fsyncs.ts";
import { authorizeAgain, checkBooks, checkProjection, repeat } from "./check.ts";
import { readDisk, wasCarriedOut } from "./disk.ts";
import { type Call, Journal, stateOf } from "./journal.ts";
import { Node } from "./node.ts";

const { values } = parseArgs({ options: { kills: { type: "string", default: "50" } } });
const KILLS = Number(values.kills);
const KILLS_WHILE_PROJECTING = Math.ceil(KILLS / 5);
const AT_ONCE = 24;
const LEAST_IN_FLIGHT = 16;
const ORGANIZATIONS = 5;
const CREDIT_MICROS = 1e12;
/** One organization has little, so that calls are refused too. */
const LITTLE_CREDIT_MICROS = 400_000;
const SHORTEST_LOAD_MS = 50;
const LONGEST_LOAD_MS = 700;
const FSYNC_MS = 1_500;

/** Calls may be played at any speed, and none expires while the server is down. */
const SETTINGS = {
  QUOTA_SECONDS: "3600",
  RING_SECONDS: "86400",
  NODE_TIME_TOLERANCE_SECONDS: "86400",
  EDGE_REQUESTS_PER_MINUTE: "10000000",
};

const tally = {
  kills: 0,
  in_flight: 0,
  while_projecting: 0,
  cut_between_stores: 0,
  unknown: 0,
  carried_out: 0,
  slowest_projection_ms: 0,
};

type Options = Parameters<typeof startPlatform>[0];

async function main(): Promise<void> {
  const directory = mkdtempSync(`${tmpdir()}/ringfence-crash-`);
  try {
    const module = await buildWorker(`${directory}/worker`);
    const options = { directory: `${directory}/platform`, module, settings: SETTINGS };
    mkdirSync(options.directory);
    const journal = new Journal();
    let platform = await startPlatform(options);
    const credit_micros = await createOrganizations(platform);
    await printFsyncs(platform, [...credit_micros.keys()], journal);
    while (tally.kills < KILLS || tally.while_projecting < KILLS_WHILE_PROJECTING) {
      const spoken_of = await loadAndKill(platform, [...credit_micros.keys()], journal, options);
      platform = await startPlatform(options);
      await checkAll(platform, journal, credit_micros, spoken_of);
      showProgress();
    }
    console.log(`Repeating the last word about each of all ${journal.calls.length} calls`);
    await repeat(platform, journal, journal.calls);
    await authorizeAgain(
      platform,
      journal.calls.filter((call) => ["settled", "voided"].includes(stateOf(call))),
    );
    await checkBooks(platform, journal, credit_micros);
    await platform.stop();
    printResult(journal);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function createOrganizations(platform: Platform): Promise<Map<string, number>> {
  const credit_micros = new Map<string, number>();
  for (let made = 0; made < ORGANIZATIONS; made++) {
    const credit = made === 0 ? LITTLE_CREDIT_MICROS : CREDIT_MICROS;
    credit_micros.set((await createCustomer(platform, credit)).organization_id, credit);
  }
  return credit_micros;
}

/** Load for a random time, then SIGKILL with enough requests on their way. Answers the calls that were spoken of. */
async function loadAndKill(
  platform: Platform,
  organization_ids: readonly string[],
  journal: Journal,
  options: Options,
): Promise<Call[]> {
  const before = new Map(journal.calls.map((call) => [call, call.last]));
  const node = new Node(platform, organization_ids, journal);
  const load = node.run(AT_ONCE);
  await pause(SHORTEST_LOAD_MS + Math.random() * (LONGEST_LOAD_MS - SHORTEST_LOAD_MS));
  while (node.in_flight < LEAST_IN_FLIGHT) await pause(1);
  const { in_flight } = node;
  node.stop();
  await platform.kill();
  await load;
  const disk = readDisk(options.directory, `${options.directory}/killed`);
  const spoken_of = journal.calls.filter((call) => before.get(call) !== call.last);
  const unknown = spoken_of.filter((call) => stateOf(call) === "unknown");
  tally.kills += 1;
  tally.in_flight += in_flight;
  tally.unknown += unknown.length;
  tally.carried_out += unknown.filter((call) => wasCarriedOut(disk, call)).length;
  if (disk.outbox > 0) tally.while_projecting += 1;
  if (disk.cut_between_stores > 0) tally.cut_between_stores += 1;
  return spoken_of;
}

async function checkAll(
  platform: Platform,
  journal: Journal,
  credit_micros: ReadonlyMap<string, number>,
  spoken_of: readonly Call[],
): Promise<void> {
  await repeat(platform, journal, spoken_of);
  await checkBooks(platform, journal, credit_micros);
  const took_ms = await checkProjection(platform, journal, credit_micros.keys());
  tally.slowest_projection_ms = Math.max(tally.slowest_projection_ms, took_ms);
}

/** How many operations share one wait for the disk. Counted apart: strace slows everything down. */
async function printFsyncs(platform: Platform, ids: readonly string[], journal: Journal): Promise<void> {
  const before = journal.acknowledged;
  const counted = await countFsyncs([platform.pid], async () => {
    const node = new Node(platform, ids, journal);
    const load = node.run(AT_ONCE);
    await pause(FSYNC_MS);
    node.stop();
    await load;
  });
  if (!counted)
    return console.log("Fsyncs were not counted: strace is not installed, or may not attach here.");
  const operations = journal.acknowledged - before;
  console.log(
    `${counted.fsyncs} fsyncs for ${operations} acknowledged operations with ${AT_ONCE} requests at once, ` +
      "the projection's to D1 and its cursor among them\n",
  );
}

function showProgress(): void {
  const line = `${tally.kills} kills, ${tally.while_projecting} while projecting, ${tally.unknown} operations unknown`;
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
  else if (tally.kills % 10 === 0) process.stderr.write(`${line}\n`);
}

function printResult(journal: Journal): void {
  const { kills, in_flight, while_projecting, unknown, carried_out, slowest_projection_ms } = tally;
  const at_once = journal.acknowledged - unknown;
  const states = { live: 0, rejected: 0, settled: 0, voided: 0, unknown: 0 };
  for (const call of journal.calls) states[stateOf(call)] += 1;
  console.log(`
${kills} kills by SIGKILL, with ${Math.round(in_flight / kills)} requests on their way on average (at least ${LEAST_IN_FLIGHT})
projecting:   facts waited for D1 at ${while_projecting} of them; at ${tally.cut_between_stores} D1 had a batch that the ledger had not marked yet
acknowledged: ${at_once} operations on ${journal.calls.length} calls (${JSON.stringify(states)})
unknown:      ${unknown} operations whose answer never came; ${carried_out} of them had been carried out
recovered:    all: every acknowledged operation answered the same when repeated, every unknown one was settled by repeating it
lost: 0, charged twice: 0; every ledger verified after every restart, to the micro of what the answers said
the projection caught up within ${slowest_projection_ms} ms of the check after each restart

A kill shows that nothing is answered before it has left the process: the kernel keeps what was written, so a kill
does not show that it has reached the disk. That is what the fsyncs above are for. Neither shows what a disk does that
lies about them, nor how Cloudflare's own storage, which replicates instead, behaves when a machine fails.`);
}

await main();
