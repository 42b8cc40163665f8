import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { startPlatform } from "../support/platform.ts";
import { buildWorker } from "../support/workerd.ts";
import { BENCH_SETTINGS, makeTemplate, scenariosOf } from "./contenders.ts";
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

interface Profile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
    children?: number[];
  }[];
  samples: number[];
  timeDeltas: number[];
}

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
    printProfile(profile, sample.requests, sourcesOf(module));
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

/** The functions that most time was spent in. */
function printProfile(profile: Profile, requests: number, sourceOf: (line: number) => string): void {
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

/** The protocol of the inspector, as far as it is needed. */
class Profiler {
  private next_id = 0;
  private readonly socket: WebSocket;
  private readonly waiting = new Map<number, (result: unknown) => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data)) as { id?: number; result?: unknown };
      if (message.id !== undefined) this.waiting.get(message.id)?.(message.result);
    });
  }

  /** Begins to profile the isolate of the Worker. */
  static async attach(address: string): Promise<Profiler> {
    const listed = (await (await fetch(`http://${address}/json`)).json()) as {
      title: string;
      webSocketDebuggerUrl: string;
    }[];
    const isolate = listed.find(({ webSocketDebuggerUrl }) => webSocketDebuggerUrl.endsWith("/worker"));
    if (!isolate) throw new Error(`The inspector knows no Worker: ${JSON.stringify(listed)}`);
    const socket = new WebSocket(isolate.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    const profiler = new Profiler(socket);
    await profiler.ask("Profiler.enable");
    await profiler.ask("Profiler.setSamplingInterval", { interval: 200 });
    await profiler.ask("Profiler.start");
    return profiler;
  }

  async stop(): Promise<Profile> {
    const { profile } = (await this.ask("Profiler.stop")) as { profile: Profile };
    this.socket.close();
    return profile;
  }

  private ask(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.next_id;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }
}

await main();
