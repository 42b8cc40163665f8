import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { ROOT, UNATTENDED, WRANGLER } from "../../../.scripts/wrangler.ts";

export interface ServerProcess {
  pid: number;
  base_url: string;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

interface StartOptions {
  directory: string;
  port: number;
  variables: Record<string, string>;
  quiet: boolean;
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;
const POLL_MS = 50;
const LINES_SHOWN = 25;

/** Starts `wrangler dev` in a process group of its own and waits until the Worker says that it is healthy. */
export async function startProcess(options: StartOptions): Promise<ServerProcess> {
  const child = launch(options);
  const { pid } = child;
  if (pid === undefined) throw new Error("wrangler could not be started: is node_modules complete?");
  const output = collectOutput(child, options);
  const end = (signal: NodeJS.Signals) => endGroup(child, pid, signal);
  const forget = endWithUs(pid, () => end("SIGTERM"));
  const ending = (signal: NodeJS.Signals) => () => end(signal).finally(forget);
  const server = {
    pid,
    base_url: `http://127.0.0.1:${options.port}`,
    stop: ending("SIGTERM"),
    kill: ending("SIGKILL"),
  };
  try {
    await healthy(server.base_url, child, output);
    return server;
  } catch (error) {
    await server.stop();
    const said = output.map((line) => `  ${line}`).join("\n");
    const all = `All that it said is in ${options.directory}/server.log.`;
    throw new Error(`The Worker did not start: ${(error as Error).message}.\n${said}\n${all}`);
  }
}

function launch({ directory, port, variables }: StartOptions): ChildProcess {
  const [node, script] = WRANGLER;
  const env_file = `${directory}/server.env`;
  // Not on the command line, where every user of the machine could read them.
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'\n`);
  writeFileSync(env_file, lines.join(""), { mode: 0o600 });
  const args = [
    ...["dev", "--local", "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0"],
    ...["--persist-to", directory, "--env-file", env_file, "--show-interactive-dev-session=false"],
  ];
  const env = {
    ...process.env,
    ...UNATTENDED,
    WRANGLER_LOG_PATH: `${directory}/logs`,
    WRANGLER_REGISTRY_PATH: `${directory}/registry`,
  };
  return spawn(node, [script, ...args], {
    cwd: ROOT,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Everything goes to server.log; the last lines are kept for errors. */
function collectOutput(child: ChildProcess, { directory, quiet }: StartOptions): string[] {
  const last_lines: string[] = [];
  const log = createWriteStream(`${directory}/server.log`, { mode: 0o600 });
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      log.write(text);
      if (!quiet) process.stderr.write(text);
      const lines = stripVTControlCharacters(text).split("\n");
      last_lines.push(...lines.filter((line) => line.trim() !== "" && !line.includes("GET /health ")));
      last_lines.splice(0, last_lines.length - LINES_SHOWN);
    });
  child.once("close", () => log.end());
  return last_lines;
}

async function healthy(base_url: string, child: ChildProcess, output: readonly string[]): Promise<void> {
  const until_ms = Date.now() + START_LIMIT_MS;
  let heard = "nothing answered";
  while (Date.now() < until_ms) {
    if (hasEnded(child)) throw new Error("wrangler ended");
    // It would wait for the source to change.
    if (output.some((line) => line.includes("Build failed"))) throw new Error("the build failed");
    try {
      const response = await fetch(`${base_url}/health`, { signal: AbortSignal.timeout(5_000) });
      if (response.ok) return;
      heard = `/health answered ${response.status}: ${(await response.text()).slice(0, 300)}`;
    } catch {
      // Not listening yet.
    }
    await pause(POLL_MS);
  }
  throw new Error(`${heard} within ${START_LIMIT_MS / 1_000} s`);
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Signals the whole group and waits until none of it is left, by force if it takes too long. */
async function endGroup(child: ChildProcess, pid: number, signal: NodeJS.Signals): Promise<void> {
  const force_at_ms = Date.now() + STOP_LIMIT_MS;
  signalGroup(pid, signal);
  while (!hasEnded(child) || signalGroup(pid, 0)) {
    if (Date.now() > force_at_ms) signalGroup(pid, "SIGKILL");
    await pause(POLL_MS / 5);
  }
}

/** Answers whether there was anything to signal. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** The group has no terminal of its own: what ends this process must end it too. Returns how to undo that. */
function endWithUs(pid: number, stop: () => Promise<void>): () => void {
  const atExit = () => signalGroup(pid, "SIGKILL");
  const atSignal = (_signal: NodeJS.Signals, number: number) => {
    stop().finally(() => process.exit(128 + number));
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  process.once("exit", atExit);
  for (const signal of signals) process.once(signal, atSignal);
  return () => {
    process.off("exit", atExit);
    for (const signal of signals) process.off(signal, atSignal);
  };
}
