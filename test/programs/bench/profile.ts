import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { startPlatform } from "../../support/node/platform.ts";
import { buildWorker } from "../../support/node/workerd.ts";
import { BENCH_SETTINGS, makeTemplate, scenariosOf } from "./contenders.ts";
import { type Profile, Profiler } from "./profiler.ts";
import { printTable } from "./table.ts";

const { values } = parseArgs({
  options: {
    scenario: { type: "string", default: "authorize" },
    connections: { type: "string", default: "64" },
    seconds: { type: "string", default: "3" },
    /** Writes the profile there, for Chrome's developer tools. */
    save: { type: "string" },
  },
});

const LINES_SHOWN = 40;

/** Where the Worker and its objects spend their time on the processor while one scenario is driven. */
async function main(): Promise<void> {
  const directory = mkdtempSync(`${tmpdir()}/ringfence-profile-`);
  const module = await buildWorker(`${directory}/worker`);
  const customers = await makeTemplate(`${directory}/platform`, module, 20);
  const options = { directory: `${directory}/platform`, module, settings: BENCH_SETTINGS, inspect: true };
  const platform = await startPlatform(options);
  try {
    const scenario = scenariosOf(platform, customers).find(({ name }) => name === values.scenario);
    if (!scenario || platform.inspector === null) throw new Error(`There is no scenario ${values.scenario}.`);
    await scenario.sample(Number(values.connections), 1);
    const profiler = await Profiler.attach(platform.inspector);
    const sample = await scenario.sample(Number(values.connections), Number(values.seconds));
    const profile = await profiler.stop();
    if (values.save) {
      writeFileSync(values.save, JSON.stringify(profile));
      copyFileSync(module, `${values.save}.js`);
    }
    console.log(
      `${scenario.name}: ${sample.per_second.toFixed(0)} requests/s under the profiler, ` +
        `${sample.cpu_us?.toFixed(0)} µs of processor each, of which in JavaScript:\n`,
    );
    const sourceOf = sourcesOf(module);
    printStages(profile, sample.requests, sourceOf);
    console.log();
    printFunctions(profile, sample.requests, sourceOf);
  } finally {
    await platform.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The source file of each line of the built module: the bundler writes its name above what came from it. */
function sourcesOf(module: string): (line: number) => string {
  const names: string[] = [];
  let name = "";
  for (const line of readFileSync(module, "utf8").split("\n")) {
    name = /^\/\/ ((?:src|node_modules)\/\S+)$/.exec(line)?.[1] ?? name;
    names.push(name);
  }
  return (line) => names[line] ?? "";
}

/** The parts of a request's way, by where their code stands; the first that fits. */
const STAGES: [name: string, source: RegExp][] = [
  ["authentication", /^src\/(http\/(authenticate|edge-limit)|units\/api-key|storage\/directory)/],
  [
    "body and schema",
    /^(src\/http\/(validate|edge-schemas|schemas)|node_modules\/zod|node_modules\/hono\/dist\/request)/,
  ],
  ["routing and middleware", /^node_modules\/hono/],
  ["the object: decision, rows, shared commit", /^src\/ledger\/(?!open-ledger)/],
  ["to the object and back (RPC, deadline)", /^src\/(billing|ledger\/open-ledger)/],
  ["answer, headers, log", /^(src|node_modules)\//],
];

const OUTSIDE: Record<string, string> = {
  "(program)": "the runtime itself, outside JavaScript",
  "(idle)": "waiting: for the disk and for requests",
  "(garbage collector)": "garbage collection",
};

/** Where a request's time goes: what the runtime does on behalf of a function counts as that function's. */
function printStages(profile: Profile, requests: number, sourceOf: (line: number) => string): void {
  const by_id = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((id) => [id, node.id])));
  const stageOf = (id: number | undefined): string => {
    const frame = id === undefined ? undefined : by_id.get(id)?.callFrame;
    if (!frame || id === undefined) return "the runtime's own functions";
    const source = frame.url.endsWith("worker.js") ? sourceOf(frame.lineNumber) : "";
    const stage = STAGES.find(([, place]) => place.test(source));
    return OUTSIDE[frame.functionName] ?? stage?.[0] ?? stageOf(parents.get(id));
  };
  const self_us = new Map<string, number>();
  for (const [index, id] of profile.samples.entries()) {
    const stage = stageOf(id);
    self_us.set(stage, (self_us.get(stage) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  const rows = [...self_us]
    .sort((a, b) => b[1] - a[1])
    .map(([name, us]) => [name, (us / requests).toFixed(1)]);
  printTable(["stage", "µs for each request"], rows);
}

/** The functions that most time was spent in. */
function printFunctions(profile: Profile, requests: number, sourceOf: (line: number) => string): void {
  const self_us = new Map<string, number>();
  const by_id = new Map(profile.nodes.map((node) => [node.id, node]));
  for (const [index, id] of profile.samples.entries()) {
    const frame = by_id.get(id)?.callFrame;
    if (!frame) continue;
    const ours = frame.url.endsWith("worker.js");
    const where = ours
      ? `${sourceOf(frame.lineNumber)} (line ${frame.lineNumber + 1})`
      : frame.url || "runtime";
    const name = `${frame.functionName || "(anonymous)"} ${where}`;
    self_us.set(name, (self_us.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  const rows = [...self_us]
    .sort((a, b) => b[1] - a[1])
    .slice(0, LINES_SHOWN)
    .map(([name, us]) => [name, (us / requests).toFixed(1)]);
  printTable(["function", "self, µs for each request"], rows);
}

await main();
