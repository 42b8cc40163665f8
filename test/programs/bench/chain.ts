import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { performance } from "node:perf_hooks";
import { ROOT } from "../../../.scripts/wrangler.ts";
import { askAdmin, createCustomer, type Platform, startPlatform } from "../../support/node/platform.ts";
import { startWorkerd } from "../../support/node/workerd.ts";
import { bundleForWorkerd } from "./bundle.ts";
import { BENCH_SETTINGS } from "./contenders.ts";
import { countCalls } from "./counts.ts";
import { cpuMs } from "./load.ts";
import { median, printTable, shown } from "./table.ts";
import { authorizeBody, say } from "./traffic.ts";

const ENTRIES = 10_000;
const LINKS = 50_000;
const ROUNDS = 7;
const BATCH = 100;

/** What the chain of digests costs: a link, the proof of a ledger, and rows, each beside the same without it. */
async function main(): Promise<void> {
  const directory = mkdtempSync(`${tmpdir()}/ringfence-chain-`);
  try {
    await printLinks(`${directory}/links`);
    await printProofs(directory);
    await printRows(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function printLinks(directory: string): Promise<void> {
  mkdirSync(directory);
  const source = `${ROOT}test/programs/bench/baselines/links.ts`;
  const module = await bundleForWorkerd(source, `${directory}/links.js`);
  const server = await startWorkerd(directory, { module, stores: false, settings: {} });
  const cpuUs = async (path: string) => {
    const samples: number[] = [];
    // The first one is while the code is not compiled yet.
    for (let round = 0; round <= ROUNDS; round++) {
      const before_ms = cpuMs([server.pid]);
      await (await fetch(`${server.base_url}/${path}?count=${LINKS}`)).text();
      samples.push(((cpuMs([server.pid]) - before_ms) * 1_000) / LINKS);
    }
    return median(samples.slice(1));
  };
  const more = async (path: string, than: string) => shown((await cpuUs(path)) - (await cpuUs(than)), 1);
  try {
    const rows = [
      ["a link of a call's entry: all its digests", await more("links", "nothing")],
      ["a digest of one value, worked out here", await more("value/own", "value/text")],
      ["the same by the runtime", await more("value/runtime", "value/text")],
      ["a digest of a call's facts, worked out here", await more("facts/own", "facts/text")],
      ["the same by the runtime", await more("facts/runtime", "facts/text")],
    ];
    printTable(["", "µs of processor"], rows);
  } finally {
    await server.stop();
  }
}

async function printProofs(directory: string): Promise<void> {
  const rows: string[][] = [];
  for (const [name, baseline] of VARIANTS) {
    const place = `${directory}/proof-${baseline}`;
    mkdirSync(place);
    const source = `${ROOT}test/programs/bench/baselines/${baseline}.ts`;
    const module = await bundleForWorkerd(source, `${place}/${baseline}.js`);
    const platform = await startPlatform({ directory: place, module, settings: BENCH_SETTINGS });
    try {
      const { organization_id } = await createCustomer(platform, 1e12);
      await play(platform, organization_id);
      const alone = () => fetchJson(`${platform.base_url}/proof?organization_id=${organization_id}`);
      const whole = () => askAdmin<Proof>(platform, `/organizations/${organization_id}/verify`);
      rows.push([`${name}, the ledger by itself`, ...(await proofFigures(platform, alone))]);
      rows.push([`${name}, and as its copy in D1`, ...(await proofFigures(platform, whole))]);
    } finally {
      await platform.stop();
    }
  }
  console.log();
  printTable([`verify of ${ENTRIES} entries`, "ms", "ms of processor", "µs of it an entry"], rows);
}

interface Proof {
  ok: boolean;
  entries: number;
  status?: "under_way";
}

async function fetchJson(url: string): Promise<Proof> {
  return (await (await fetch(url)).json()) as Proof;
}

async function proofFigures({ pid }: Platform, prove: () => Promise<Proof>): Promise<string[]> {
  const proofs: { ms: number; cpu_ms: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [began_ms, before_ms] = [performance.now(), cpuMs([pid])];
    const proof = await prove();
    proofs.push({ ms: performance.now() - began_ms, cpu_ms: cpuMs([pid]) - before_ms });
    // What takes longer than its request goes on by a cron.
    if (proof.status === "under_way") return ["> 10000", "–", "–"];
    if (!proof.ok || proof.entries !== ENTRIES) throw new Error(`It proved ${JSON.stringify(proof)}.`);
  }
  const cpu_ms = median(proofs.map((proof) => proof.cpu_ms));
  return [
    shown(median(proofs.map(({ ms }) => ms)), 0),
    shown(cpu_ms, 0),
    shown((cpu_ms * 1_000) / ENTRIES, 1),
  ];
}

const VARIANTS = [
  ["with the chain", "counting"],
  ["without", "unchained"],
] as const;

/** Calls as nodes report them, until the ledger has so many entries. */
async function play(platform: Platform, organization_id: string): Promise<void> {
  for (let posted = 1; posted < ENTRIES; posted += BATCH) {
    const calls = Array.from({ length: Math.min(BATCH, ENTRIES - posted) }, () =>
      authorizeBody(organization_id),
    );
    const end = { organization_id, duration_ms: 84_000, end_reason: "hangup" };
    const operations = [
      ...calls.map((call) => ({ op: "authorize", ...call })),
      ...calls.map(({ call_id }) => ({ op: "settle", call_id, ...end })),
    ];
    const path = "/api/v1/edge/operations";
    const { results } = await say<{ results: { status: number }[] }>(platform, {
      path,
      body: JSON.stringify({ operations }),
    });
    if (results.some(({ status }) => status !== 200)) throw new Error("A call was refused.");
  }
}

async function printRows(directory: string): Promise<void> {
  const rows: string[][] = [];
  for (const [name, baseline] of VARIANTS) {
    const { ways, object_bytes_per_call } = await countCalls(`${directory}/rows-${baseline}`, baseline);
    for (const { way, object_rows, d1_rows } of ways)
      rows.push([
        `${name}, ${way}`,
        shown(object_rows, 2),
        shown(d1_rows, 2),
        shown(object_bytes_per_call, 0),
      ]);
  }
  console.log();
  printTable(["a call", "rows in the object", "rows in D1", "bytes in the object"], rows);
}

await main();
